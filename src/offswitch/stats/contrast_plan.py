"""What a contrast of two shares needs: the trials, their power, and the looks if there are any."""

from __future__ import annotations

import msgspec

from offswitch.stats.power import Size, fisher_power, mcnemar_power, pairs_needed, trials_per_arm
from offswitch.stats.sequential import Shape, bounds
from offswitch.stats.sequential_design import Design, design


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a contrast is to find.

    Attributes:
        first: share of one arm, as supposed.
        second: share of the other.
        alpha: two-sided level of the family.
        power: chance to find the difference if it is there.
        family: contrasts that Holm corrects over.
        paired: whether the trials of the two arms are pairs.
        looks: how often the data are looked at; 1 is a fixed design.
        shape: how the level is spent over the looks.
    """

    first: float
    second: float
    alpha: float = 0.05
    power: float = 0.8
    family: int = 1
    paired: bool = False
    looks: int = 1
    shape: Shape = "obrien_fleming"


class ContrastPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What it takes.

    Attributes:
        wanted: what was asked.
        size: trials of each arm, or pairs, without looks.
        sequential: the looks, or None for a fixed design.
        trials: the most trials of each arm, or pairs, that are run.
        planned: trials of each arm that a user has in mind, or None.
        planned_power: the power they have without looks, or None.
    """

    wanted: Wanted
    size: Size
    sequential: Design | None
    trials: int
    planned: int | None = None
    planned_power: float | None = None


def second_share(first: float, odds_ratio: float) -> float:
    """Return the share whose odds are so many times those of the first.

    Raises:
        ValueError: if the first is not between 0 and 1, or the ratio not above 0.
    """
    if not 0 < first < 1 or not 0 < odds_ratio < float("inf"):
        raise ValueError(
            f"expected a share between 0 and 1 and an odds ratio above 0, got {first} and {odds_ratio}"
        )
    odds = odds_ratio * first / (1 - first)
    return odds / (1 + odds)


def plan_contrast(wanted: Wanted, planned: int | None = None) -> ContrastPlan:
    """Work out what a contrast takes.

    Pairs are planned as if the two answers of a pair were independent, which is the worst case unless they
    pull apart.

    Args:
        wanted: what it is to find.
        planned: trials of each arm, or pairs, whose power is also computed.

    Raises:
        ValueError: if a share, level, power, family or number of looks cannot be.
    """
    first, second = wanted.first, wanted.second
    apart = first * (1 - second), second * (1 - first)
    shares, needed, power = (
        (apart, pairs_needed, mcnemar_power)
        if wanted.paired
        else ((first, second), trials_per_arm, fisher_power)
    )
    size = needed(*shares, alpha=wanted.alpha, power=wanted.power, family=wanted.family)
    looks = None
    if wanted.looks > 1:
        spaced = [(number + 1) / wanted.looks for number in range(wanted.looks)]
        limits = bounds(spaced, alpha=size.level, shape=wanted.shape)
        looks = design(
            size.trials, limits, power=wanted.power, shares=None if wanted.paired else (first, second)
        )
    return ContrastPlan(
        wanted=wanted,
        size=size,
        sequential=looks,
        trials=looks.trials[-1] if looks else size.trials,
        planned=planned,
        planned_power=power(*shares, planned, alpha=size.level) if planned else None,
    )
