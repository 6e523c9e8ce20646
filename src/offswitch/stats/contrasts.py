"""The contrast of two shares: its size with an interval, an exact test, and Holm's correction.

The test is Fisher's exact test, two-sided. It holds its level at every number of trials. Boschloo's test
finds a little more (Lydersen, Fagerland and Laake 2009, Statistics in Medicine 28), but its cost grows with
the square of the trials: measured with scipy 1.17, 0.3 s a contrast at 200 trials an arm and 22 s at 1,000,
and a campaign of nine arms has 36 contrasts a model. One test for every size is worth more to a reader than
the difference.

The interval of the difference is Newcombe's hybrid score interval (1998, Statistics in Medicine 17,
method 10), which keeps its coverage where a share is 0 or 1. It and the test are different methods, so
close to the edge one may see a difference where the other does not; the test decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot

import msgspec


class Share(msgspec.Struct, frozen=True):
    """Counts of one arm: `k` trials of `n` count."""

    k: int
    n: int

    @property
    def value(self) -> float:
        """The share itself; `n` must not be 0."""
        return self.k / self.n


class Difference(msgspec.Struct, frozen=True):
    """How two arms differ.

    Attributes:
        value: the first share minus the second.
        low: lower end of the 95 % interval of the difference.
        high: its upper end.
        p: Fisher's exact test, two-sided, before any correction.
    """

    value: float
    low: float
    high: float
    p: float


def difference(first: Share, second: Share, level: float = 0.95) -> Difference:
    """Compare two independent arms.

    Raises:
        ValueError: if an arm has no trial, or counts more than it has.
    """
    from scipy.stats import binomtest, fisher_exact  # noqa: PLC0415 (half a second, which rates do not need)

    for share in (first, second):
        if not 0 <= share.k <= share.n or share.n == 0:
            raise ValueError(f"expected 0 <= k <= n and n > 0, got k={share.k}, n={share.n}")
    one = binomtest(first.k, first.n).proportion_ci(level, method="wilson")
    two = binomtest(second.k, second.n).proportion_ci(level, method="wilson")
    value = first.value - second.value
    table = [[first.k, second.k], [first.n - first.k, second.n - second.k]]
    return Difference(
        value=value,
        low=float(value - hypot(first.value - one.low, two.high - second.value)),
        high=float(value + hypot(one.high - first.value, second.value - two.low)),
        p=min(1.0, float(fisher_exact(table).pvalue)),
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values of one family by Holm's step-down method (1979), in the order given.

    The chance that any true null hypothesis of the family falls below a level is at most that level.

    Raises:
        ValueError: if one is not between 0 and 1.
    """
    if any(not 0 <= p <= 1 for p in p_values):
        raise ValueError(f"expected p-values between 0 and 1, got {list(p_values)}")
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted
