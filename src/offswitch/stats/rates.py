"""The interval of a rate.

Jeffreys' interval, because the published cells we stand beside use it, and because it behaves where
our rates are: near 0 and 1, where the usual normal interval collapses to a point.
"""

from __future__ import annotations

from functools import cache

import msgspec

from offswitch.stats.beta import quantile


class Interval(msgspec.Struct, frozen=True):
    """Where a share, or a difference of two, lies."""

    low: float
    high: float


@cache  # a campaign asks for the same few again and again
def jeffreys(k: int, n: int, level: float = 0.95) -> Interval:
    """Return the equal-tailed interval of Beta(k + 1/2, n - k + 1/2), Jeffreys' posterior of a share.

    The lower end is 0 if nothing counts and the upper end 1 if everything does, as Brown, Cai and
    DasGupta (2001), "Interval estimation for a binomial proportion", Statistical Science 16, recommend.
    Without a trial nothing is known: 0 to 1.

    Args:
        k: trials that count.
        n: all trials.
        level: probability inside the interval.

    Raises:
        ValueError: if not 0 <= k <= n, or not 0 < level < 1.
    """
    if not 0 <= k <= n:
        raise ValueError(f"expected 0 <= k <= n, got k={k}, n={n}")
    if not 0 < level < 1:
        raise ValueError(f"expected a level between 0 and 1, got {level}")
    if n == 0:
        return Interval(0.0, 1.0)
    tail = (1 - level) / 2
    posterior = k + 0.5, n - k + 0.5
    low = 0.0 if k == 0 else quantile(tail, *posterior)
    high = 1.0 if k == n else quantile(1 - tail, *posterior)
    return Interval(low, high)
