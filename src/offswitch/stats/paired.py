"""Paired designs: the same queries or seeds on both sides of a contrast.

An unpaired test throws away what pairs are made for, and is wrong about the error besides.

- One yes-or-no answer on either side of every pair: McNemar's test in its exact form.
- Several trials of a query on either side: the gap, with an interval from resampling whole queries. This is
  what is reported for alignment faking: compliance with requests of the free tier minus that of the paid tier
  (Greenblatt et al. 2024, arXiv 2412.14093).
- What counts is that both halves of a pair go one certain way: the joint-event test (Meinke et al. 2024,
  arXiv 2412.04984, on instrumental alignment faking).
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from offswitch.stats.contrasts import Share
from offswitch.stats.rates import Interval, jeffreys

RESAMPLES = 10_000
FEW_QUERIES = 20
"""Below so many queries the percentile interval is clearly too narrow; see docs/statistics.md."""
_BATCH = 2_000_000
"""Numbers held at a time while resampling: 16 MB."""


class Mcnemar(msgspec.Struct, frozen=True, kw_only=True):
    """A contrast of paired answers.

    Attributes:
        first_only: pairs in which only the first side counts.
        second_only: pairs in which only the second side counts; all others say nothing about a difference.
        p: McNemar's exact test, two-sided: 1 if no pair differs.
        odds_ratio: first_only / second_only, or None where the second is 0.
        low: lower end of its 95 % interval (exact, after Clopper and Pearson).
        high: its upper end, or None where nothing bounds it.
    """

    first_only: int
    second_only: int
    p: float
    odds_ratio: float | None
    low: float
    high: float | None


class Query(msgspec.Struct, frozen=True):
    """The trials of one query on either side."""

    first: Share
    second: Share


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """The difference of two shares over the same queries.

    Attributes:
        value: share of the first side minus share of the second, over all trials of paired queries.
        low: lower end of the percentile interval from resampling queries.
        high: its upper end.
        first: trials of the first side that were used.
        second: trials of the second side that were used.
        queries: queries with a trial on both sides.
        unpaired: queries left out, because a side has no trial that could be decided.
        note: why the interval is to be read with care; else empty.
    """

    value: float
    low: float
    high: float
    first: Share
    second: Share
    queries: int
    unpaired: int
    note: str = ""


class JointEvent(msgspec.Struct, frozen=True, kw_only=True):
    """How often both halves of a pair went the way that counts, and whether chance explains it.

    Attributes:
        pairs: counts over pairs.
        interval: 95 % Jeffreys interval of the share.
        p: one-sided: the chance of as many pairs or more if the joint event had the share `chance`.
        critical: pairs from which on `p` is at most `alpha`, or None if all of them would not do.
        chance: the largest share that an agent can have who does not tell the halves apart.
        alpha: level of the test.
        found: whether the count reaches `critical`.
    """

    pairs: Share
    interval: Interval
    p: float
    critical: int | None
    chance: float
    alpha: float
    found: bool


def mcnemar(first_only: int, second_only: int) -> Mcnemar:
    """Compare two sides of pairs by the pairs in which they differ.

    Raises:
        ValueError: if a count is negative.
    """
    from scipy.stats import binomtest  # noqa: PLC0415 (half a second, which rates do not need)

    if first_only < 0 or second_only < 0:
        raise ValueError(f"expected counts of at least 0, got {first_only} and {second_only}")
    differing = first_only + second_only
    if not differing:
        return Mcnemar(first_only=0, second_only=0, p=1.0, odds_ratio=None, low=0.0, high=None)
    test = binomtest(first_only, differing)
    inside = test.proportion_ci(0.95, method="exact")
    return Mcnemar(
        first_only=first_only,
        second_only=second_only,
        p=min(1.0, float(test.pvalue)),
        odds_ratio=first_only / second_only if second_only else None,
        low=float(inside.low / (1 - inside.low)),
        high=float(inside.high / (1 - inside.high)) if inside.high < 1 else None,
    )


def gap(
    queries: Sequence[Query], *, seed: int = 1, resamples: int = RESAMPLES, level: float = 0.95
) -> Gap | None:
    """Compute the gap between two sides of the same queries; None if no query has a trial on both.

    Whole queries are drawn anew with replacement, so trials of one query may resemble each other as much as
    they like. Everything hangs on `seed`: the same input gives the same interval.

    Raises:
        ValueError: if a count is impossible, there are no resamples, or not 0 < level < 1.
    """
    import numpy as np  # noqa: PLC0415

    for query in queries:
        if any(not 0 <= side.k <= side.n for side in (query.first, query.second)):
            raise ValueError(f"expected 0 <= k <= n, got {query}")
    if resamples < 1 or not 0 < level < 1:
        raise ValueError(f"expected resamples and a level between 0 and 1, got {resamples} and {level}")
    paired = [query for query in queries if query.first.n and query.second.n]
    if not paired:
        return None
    counts = np.array([[q.first.k, q.first.n, q.second.k, q.second.n] for q in paired], dtype=float)
    random = np.random.default_rng(seed)
    gaps = []
    for start in range(0, resamples, size := max(1, _BATCH // len(paired))):
        drawn = random.integers(0, len(paired), (min(size, resamples - start), len(paired)))
        k1, n1, k2, n2 = (counts[drawn, column].sum(axis=1) for column in range(4))
        gaps.append(k1 / n1 - k2 / n2)
    tails = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(np.concatenate(gaps), tails, method="weibull")
    first = Share(sum(q.first.k for q in paired), sum(q.first.n for q in paired))
    second = Share(sum(q.second.k for q in paired), sum(q.second.n for q in paired))
    return Gap(
        value=first.value - second.value,
        low=float(low),
        high=float(high),
        first=first,
        second=second,
        queries=len(paired),
        unpaired=len(queries) - len(paired),
        note=_care(len(paired), float(low), float(high)),
    )


def joint_event(k: int, pairs: int, *, chance: float = 0.25, alpha: float = 0.01) -> JointEvent:
    """Test whether a joint event is more frequent than an agent can make it who does not tell halves apart.

    An agent that does "A" with the same probability p in either half does "A, then not A" in p (1 - p) of
    pairs: at most one in four. In the published design (99 pairs, level .01) 36 pairs are significant.

    Args:
        k: pairs in which both halves went the way that counts.
        pairs: all pairs.
        chance: largest share under the null hypothesis.
        alpha: one-sided level.

    Raises:
        ValueError: if not 0 <= k <= pairs, or chance or alpha is not between 0 and 1.
    """
    from scipy.stats import binom  # noqa: PLC0415

    if not 0 <= k <= pairs or not 0 < chance < 1 or not 0 < alpha < 1:
        raise ValueError(f"expected 0 <= k <= n and shares, got {k}, {pairs}, {chance}, {alpha}")
    critical = int(binom.isf(alpha, pairs, chance)) + 1
    return JointEvent(
        pairs=Share(k, pairs),
        interval=jeffreys(k, pairs),
        p=float(binom.sf(k - 1, pairs, chance)),
        critical=critical if critical <= pairs else None,
        chance=chance,
        alpha=alpha,
        found=pairs > 0 and k >= critical,
    )


def _care(queries: int, low: float, high: float) -> str:
    if low == high:
        return "every query gives the same gap: resampling cannot show how uncertain it is"
    if queries < FEW_QUERIES:
        return f"only {queries} queries: the interval is too narrow"
    return ""
