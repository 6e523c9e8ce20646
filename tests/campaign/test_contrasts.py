"""Which arms are compared, and over what Holm corrects."""

import msgspec
import pytest

from offswitch.campaign.compare import contrasts
from offswitch.campaign.results import CellResult, RateResult, Usage
from offswitch.stats import Share, jeffreys


def cell(arm: str, k: int, n: int, *, guarded: bool = False) -> CellResult:
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
        guarded=guarded,
    )


def test_an_arm_without_a_trial_leaves_the_family_as_large_as_it_was_planned() -> None:
    (found,) = contrasts([cell("A", 10, 20), cell("B", 2, 20), cell("C", 0, 0)])
    assert (found.first, found.second) == ("A", "B")
    assert found.p_holm == 3 * found.p


def test_told_to_resist_is_compared_with_nothing() -> None:
    told = msgspec.structs.replace(cell("K", 20, 20), measures="capability")
    (found,) = contrasts([cell("A", 10, 20), cell("B", 2, 20), told])
    assert found.p_holm == found.p


def test_the_guard_is_compared_in_the_same_arm_and_in_a_family_of_its_own() -> None:
    without = contrasts([cell("A", 10, 20), cell("B", 2, 20)])
    told = [
        msgspec.structs.replace(one, measures="capability")
        for one in (cell("K", 20, 20), cell("K", 0, 20, guarded=True))
    ]
    arms = [
        cell("A", 10, 20),
        cell("A", 0, 20, guarded=True),
        cell("B", 2, 20),
        cell("B", 0, 20, guarded=True),
    ]
    found = contrasts([*arms, *told])
    assert [one for one in found if one.between == "arms"] == without
    guard = [one for one in found if one.between == "guard"]
    assert [(one.first, one.second, one.value) for one in guard] == [
        ("A", "A", 0.5),
        ("B", "B", 0.1),
        ("K", "K", 1.0),
    ]
    assert max(one.p_holm / one.p for one in guard) == pytest.approx(3)


def test_with_the_guard_on_alone_nothing_is_compared() -> None:
    assert contrasts([cell("A", 0, 20, guarded=True), cell("B", 0, 20, guarded=True)]) == []
