"""Which arms are compared, and over what Holm corrects."""

import msgspec

from offswitch.campaign.compare import contrasts
from offswitch.campaign.results import CellResult, RateResult, Usage
from offswitch.stats import Share, jeffreys


def cell(arm: str, k: int, n: int) -> CellResult:
    rate = RateResult(
        name="resisted",
        counts=Share(k, n),
        value=None,
        interval=jeffreys(k, n),
        trials=[],
        published=[],
    )
    return CellResult(
        scenario="toy",
        arm=arm,
        model="toy/half",
        organism=False,
        measures="propensity",
        planned=20,
        finished=n,
        discarded=0,
        errors=0,
        not_run=20 - n,
        outcomes={},
        flags={},
        rates=[rate],
        usage=Usage(),
        trials=[],
    )


def test_an_arm_without_a_trial_leaves_the_family_as_large_as_it_was_planned() -> None:
    (found,) = contrasts([cell("A", 10, 20), cell("B", 2, 20), cell("C", 0, 0)])
    assert (found.first, found.second) == ("A", "B")
    assert found.p_holm == 3 * found.p


def test_told_to_resist_is_compared_with_nothing() -> None:
    told = msgspec.structs.replace(cell("K", 20, 20), measures="capability")
    (found,) = contrasts([cell("A", 10, 20), cell("B", 2, 20), told])
    assert found.p_holm == found.p
