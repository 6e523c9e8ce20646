"""How many trials a contrast of two shares needs, and what a number of trials would find.

Two ways, one to check the other. The formula is the usual one with a pooled variance under "no difference"
(Fleiss, Levin and Paik 2003, Statistical Methods for Rates and Proportions, section 4.2, without the
correction for continuity). It is short by some trials for what we test with: Fisher's exact test. So the
number that counts is found from the exact power of that test, summed over every pair of results two arms
can have.

Pairs are planned in the same two ways for McNemar's test (Connor 1987, Biometrics 43).
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, sqrt
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

MOST_TRIALS = 3000
"""Trials of an arm up to which the exact power is computed; its cost grows with their square."""
_SAME = 1 + 1e-7
"""Two tables this close in probability are equally extreme, as in scipy's and R's Fisher test."""
_WEIGHTLESS = 1e-12


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How many trials a contrast needs.

    Attributes:
        trials: trials of each arm (or pairs), by the exact power where it was computed, else by the formula
            corrected for continuity, which is close to the exact tests and rather too large.
        formula: what the formula says, rounded up.
        power: the exact power at `trials`; None above `MOST_TRIALS`.
        level: level each contrast is tested at, after the correction for its family.
    """

    trials: int
    formula: int
    power: float | None
    level: float


def trials_per_arm(
    first: float, second: float, *, alpha: float = 0.05, power: float = 0.8, family: int = 1
) -> Size:
    """Return how many trials each of two arms needs, so that Fisher's test finds their difference.

    With a family of contrasts each is planned at alpha / family, the level of Holm's first step: whatever
    the other contrasts show, this one then has the power asked for.

    Args:
        first: share of one arm, as supposed.
        second: share of the other.
        alpha: two-sided level of the family.
        power: chance to find the difference if it is there.
        family: contrasts that Holm corrects over.

    Raises:
        ValueError: if a share, the level or the power is not between 0 and 1, the power is not above the
            level, the shares are equal, or the family is empty.
    """
    level = _level((first, second), alpha, power, family)
    formula = two_proportions(first, second, alpha=level, power=power)
    corrected = formula / 4 * (1 + sqrt(1 + 4 / (formula * abs(first - second)))) ** 2
    size = Size(trials=ceil(corrected), formula=ceil(formula), power=None, level=level)
    return _confirmed(size, power, lambda n: fisher_power(first, second, n, alpha=level))


def pairs_needed(
    first_only: float, second_only: float, *, alpha: float = 0.05, power: float = 0.8, family: int = 1
) -> Size:
    """Return how many pairs are needed, so that McNemar's exact test finds a difference.

    Args:
        first_only: share of pairs in which only the first counts, as supposed.
        second_only: share of pairs in which only the second counts.
        alpha: two-sided level of the family.
        power: chance to find the difference if it is there.
        family: contrasts that Holm corrects over.

    Raises:
        ValueError: as for two arms, or if the shares add up to more than 1.
    """
    level = _level((first_only, second_only), alpha, power, family)
    if first_only + second_only > 1:
        raise ValueError("the shares of pairs that differ add up to more than 1")
    upper, lower = _normal_quantiles(level, power)
    differing, gap = first_only + second_only, first_only - second_only
    formula = ((upper * sqrt(differing) + lower * sqrt(differing - gap * gap)) / gap) ** 2
    corrected = formula + 1 / abs(gap)
    size = Size(trials=ceil(corrected), formula=ceil(formula), power=None, level=level)
    return _confirmed(size, power, lambda n: mcnemar_power(first_only, second_only, n, alpha=level))


def two_proportions(first: float, second: float, *, alpha: float, power: float) -> float:
    """Return the trials of each arm by the formula, not rounded.

    For 2 % against 10 %, two-sided .05 and power .8 it is 137.2.
    """
    upper, lower = _normal_quantiles(alpha, power)
    middle = (first + second) / 2
    null = sqrt(2 * middle * (1 - middle))
    alternative = sqrt(first * (1 - first) + second * (1 - second))
    return float(((upper * null + lower * alternative) / (first - second)) ** 2)


def fisher_power(first: float, second: float, trials: int, *, alpha: float = 0.05) -> float:
    """Return the chance that Fisher's two-sided test of two arms of so many trials falls to alpha or below.

    Summed over every number of events the arms can have together: given it, the test depends on one arm only.
    """
    import numpy as np  # noqa: PLC0415 (with scipy half a second, which other commands do not need)
    from scipy.stats import binom, hypergeom  # noqa: PLC0415

    counts = np.arange(trials + 1)
    one, two = binom.pmf(counts, trials, first), binom.pmf(counts, trials, second)
    together = np.convolve(one, two)
    found = 0.0
    for events in np.flatnonzero(together > _WEIGHTLESS).tolist():
        possible = np.arange(max(0, events - trials), min(trials, events) + 1)
        p = two_sided(hypergeom.pmf(possible, 2 * trials, events, trials))
        found += float((one[possible] * two[events - possible])[p <= alpha].sum())
    return found


def mcnemar_power(first_only: float, second_only: float, pairs: int, *, alpha: float = 0.05) -> float:
    """Return the chance that McNemar's exact two-sided test of so many pairs falls to alpha or below."""
    import numpy as np  # noqa: PLC0415
    from scipy.stats import binom  # noqa: PLC0415

    differing = first_only + second_only
    found = 0.0
    for number, weight in enumerate(binom.pmf(np.arange(pairs + 1), pairs, differing)):
        if weight > _WEIGHTLESS:
            counts = np.arange(number + 1)
            p = np.minimum(1, 2 * binom.cdf(np.minimum(counts, number - counts), number, 0.5))
            chances = binom.pmf(counts, number, first_only / differing)
            found += float(weight * chances[p <= alpha].sum())
    return found


def two_sided(chances: NDArray[float64]) -> NDArray[float64]:
    """Return the p-value of each result, given the chances of all: of those that are no more likely."""
    import numpy as np  # noqa: PLC0415

    ordered = np.sort(chances)
    below = np.searchsorted(ordered, chances * _SAME, side="right")
    p: NDArray[float64] = np.concatenate([[0.0], np.cumsum(ordered)])[below]
    return p


def least_reaching(power: float, start: int, exact: Callable[[int], float]) -> tuple[int, float]:
    """Look upwards for a number of trials whose power is at least so much; return it and its power.

    The exact power is a saw: it can fall a little with one trial more. So the number is one at which it is
    reached and just before which it is not, found by doubling the step and then halving it.

    Args:
        power: to be reached.
        start: where to begin; returned if it reaches it.
        exact: the power of a number of trials.
    """
    reached = {start: exact(start)}
    short, enough, step = start, start, 1
    while reached[enough] < power:
        short, enough, step = enough, enough + step, 2 * step
        reached[enough] = exact(enough)
    while enough - short > 1:
        middle = (short + enough) // 2
        reached[middle] = exact(middle)
        short, enough = (short, middle) if reached[middle] >= power else (middle, enough)
    return enough, reached[enough]


def _confirmed(size: Size, power: float, exact: Callable[[int], float]) -> Size:
    least = max(2, size.formula)
    if least > MOST_TRIALS:
        return size
    trials, reached = least_reaching(power, least, exact)
    return msgspec.structs.replace(size, trials=trials, power=reached)


def _level(shares: tuple[float, float], alpha: float, power: float, family: int) -> float:
    if any(not 0 <= share <= 1 for share in shares):
        raise ValueError(f"expected shares between 0 and 1, got {shares[0]} and {shares[1]}")
    if shares[0] == shares[1]:
        raise ValueError(f"both shares are {shares[0]}: there is no difference to find")
    if not 0 < alpha < power < 1:
        raise ValueError(f"expected 0 < alpha < power < 1, got alpha={alpha} and power={power}")
    if family < 1:
        raise ValueError(f"expected a family of at least one contrast, got {family}")
    return alpha / family


def _normal_quantiles(alpha: float, power: float) -> tuple[float, float]:
    from statistics import NormalDist  # noqa: PLC0415 (it loads fractions and decimal)

    normal = NormalDist()
    return normal.inv_cdf(1 - alpha / 2), normal.inv_cdf(power)
