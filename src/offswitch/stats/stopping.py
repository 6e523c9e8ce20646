"""When a campaign stops by itself: looks that are fixed before its first trial, and what one look decides.

Fisher's exact p of the contrast is compared with the bound of the look, as `offswitch plan --looks` prints
it (`sequential`, `sequential_design`). A trial without an answer, because it was discarded, broke or could
not be decided, is not innocent: the bound must also be reached if every such trial went against the
difference. There is no bound for futility, so a campaign without a difference runs to its end.

An estimate after an early stop is too extreme, and an ordinary interval does not know of the looks. The
interval of a look is the repeated one, at level 1 - p of its bound: all looks together hold the difference
with at least 1 - alpha, wherever the campaign stops (Jennison and Turnbull 1989, Journal of the Royal
Statistical Society B 51; here with Newcombe's interval in place of a normal one).
"""

from __future__ import annotations

import msgspec

from offswitch.stats.contrasts import Share, difference
from offswitch.stats.rates import Interval
from offswitch.stats.sequential import Shape, bounds
from offswitch.stats.sequential_design import at

_DIGITS = 6
"""Of a bound: the same on every machine, so that a plan made again is the same plan."""


class PlannedLook(msgspec.Struct, frozen=True, kw_only=True):
    """One look, as it is planned.

    Attributes:
        trials: trials of each arm that have run by then.
        p: bound: stop where the two-sided p-value is at most this.
        z: the same bound on the scale of a standard normal statistic.
        spent: share of the error that may have been made by now, at most alpha.
    """

    trials: int
    p: float
    z: float
    spent: float


class Stopping(msgspec.Struct, frozen=True, kw_only=True):
    """A rule to stop by.

    Attributes:
        alpha: two-sided error rate over all looks together.
        shape: how it is spent.
        looks: the looks, the last after all trials.
    """

    alpha: float
    shape: Shape
    looks: tuple[PlannedLook, ...]


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One side of the contrast at a look.

    Attributes:
        counts: trials that count, of those that enter the rate.
        missing: trials of the look that do not: discarded, broken, undecided.
    """

    counts: Share
    missing: int = 0


class TakenLook(msgspec.Struct, frozen=True, kw_only=True):
    """One look, as it was taken.

    Attributes:
        number: from 1.
        planned: what the plan fixed for it.
        first: the first arm, or the guard off.
        second: the second arm, or the guard on.
        value: the first share minus the second, or None where an arm has no trial.
        interval: the repeated interval of it.
        p: Fisher's exact test, two-sided.
        p_against: the same if every missing trial went against the difference; at least p.
        stops: whether that is at or below the bound: there is a difference.
    """

    number: int
    planned: PlannedLook
    first: Side
    second: Side
    value: float | None
    interval: Interval
    p: float
    p_against: float
    stops: bool


def plan_stopping(
    trials: int, looks: int, *, alpha: float = 0.05, shape: Shape = "obrien_fleming"
) -> Stopping:
    """Fix the looks of a campaign, equally spaced.

    Args:
        trials: the most trials of each arm.
        looks: how often the data are looked at, the last time after all trials.
        alpha: two-sided error rate over all looks together.
        shape: how it is spent.

    Raises:
        ValueError: as `bounds`, or if there are fewer trials than looks.
    """
    limits = bounds([(number + 1) / looks for number in range(looks)], alpha=alpha, shape=shape)
    if trials < looks:
        raise ValueError(f"expected at least one trial for each of {looks} looks, got {trials}")
    return Stopping(
        alpha=alpha,
        shape=shape,
        looks=tuple(
            PlannedLook(trials=number, p=_rounded(limit.p), z=_rounded(limit.z), spent=_rounded(limit.spent))
            for number, limit in zip(at(limits, trials), limits, strict=True)
        ),
    )


def take(stopping: Stopping, number: int, first: Side, second: Side) -> TakenLook:
    """Take a look at the data.

    Args:
        stopping: the rule.
        number: of the look, from 1.
        first: the first arm, or the guard off.
        second: the second arm, or the guard on.

    Raises:
        ValueError: if the arms do not hold the trials of this look.
    """
    planned = stopping.looks[number - 1]
    if any(arm.counts.n + arm.missing != planned.trials for arm in (first, second)):
        raise ValueError(f"look {number} is after {planned.trials} trials of each arm: {first}, {second}")
    value, interval, p = None, Interval(-1.0, 1.0), 1.0
    if first.counts.n and second.counts.n:
        found = difference(first.counts, second.counts, 1 - planned.p)
        value, interval, p = found.value, Interval(found.low, found.high), found.p
    p_against = max(p, _p_against(first, second)) if first.missing or second.missing else p
    return TakenLook(
        number=number,
        planned=planned,
        first=first,
        second=second,
        value=value,
        interval=interval,
        p=p,
        p_against=p_against,
        stops=p_against <= planned.p,
    )


def _p_against(first: Side, second: Side) -> float:
    """Return the p-value if every missing trial went against the difference; 1 if it then turns round."""
    if not (first.counts.n and second.counts.n):
        return 1.0
    higher, lower = (first, second) if first.counts.value > second.counts.value else (second, first)
    less = Share(higher.counts.k, higher.counts.n + higher.missing)
    more = Share(lower.counts.k + lower.missing, lower.counts.n + lower.missing)
    return difference(less, more).p if less.value > more.value else 1.0


def _rounded(bound: float) -> float:
    return float(f"{bound:.{_DIGITS}g}")
