"""How often the intervals of odds ratios and gaps hold the truth, and the level of repeated looks.

    python benchmarks/intervals.py

Simulated campaigns with a fixed seed; about a minute. The figures stand in docs/statistics.md.
"""

from __future__ import annotations

import numpy as np

from offswitch.stats import Share
from offswitch.stats.logistic import fit
from offswitch.stats.paired import Query, gap
from offswitch.stats.sequential import Shape, bounds
from offswitch.stats.sequential_design import at, stopping

TIMES = 600
EACH = 20
"""Trials of a wording."""
TRUE_GAP = 0.0380
"""Queries have shares x of Beta(0.3, 2) on the second side, and min(1, 1.3 x) on the first; integrated."""


def odds_ratio(random: np.random.Generator, wordings: int, *, between: bool) -> float:
    """Return how often the interval holds 1, the true odds ratio.

    Args:
        random: source of the draws.
        wordings: whose base rates differ with a standard deviation of 1 on the logit scale.
        between: whether the factor is constant within a wording, or drawn for each trial.
    """
    cluster = np.repeat(np.arange(wordings), EACH)
    held = []
    for _ in range(TIMES):
        base = random.normal(-1, 1, wordings)[cluster]
        factor = cluster % 2 if between else random.integers(0, 2, len(cluster))
        design = np.column_stack([np.ones(len(cluster)), factor]).astype(float)
        outcome = (random.random(len(cluster)) < 1 / (1 + np.exp(-base))).astype(float)
        found = fit(design, outcome, cluster).coefficients.get(1)
        if found:
            held.append(found.low <= 1 <= found.high)
    return float(np.mean(held))


def gaps(random: np.random.Generator, queries: int) -> float:
    """Return how often the interval of a gap holds the gap of all queries, with 10 trials a side."""
    held = 0
    for seed in range(TIMES):
        rare = random.beta(0.3, 2, queries)
        often = np.minimum(1, 1.3 * rare)
        sides = zip(random.binomial(10, often), random.binomial(10, rare), strict=True)
        found = gap(
            [Query(Share(int(a), 10), Share(int(b), 10)) for a, b in sides], seed=seed, resamples=1000
        )
        held += found is not None and found.low <= TRUE_GAP <= found.high
    return held / TIMES


def largest_level(shape: Shape, trials: int) -> float:
    """Return the largest chance over all shares to stop at one of four looks without a difference."""
    looks = bounds([0.25, 0.5, 0.75, 1.0], shape=shape)
    shares = np.linspace(0.02, 0.5, 25).tolist()
    return max(sum(stopping((share, share), at(looks, trials), looks)) for share in shares)


def main() -> None:
    """Print every figure."""
    random = np.random.default_rng(7)
    for wordings in (5, 6, 8, 12, 20, 40):
        within, between = (odds_ratio(random, wordings, between=one) for one in (False, True))
        print(f"odds ratio, {wordings:>2} wordings: within {within:.3f}, between {between:.3f}")
    for queries in (5, 10, 20, 50, 100):
        print(f"gap, {queries:>3} queries: {gaps(random, queries):.3f}")
    shapes: tuple[Shape, ...] = ("obrien_fleming", "pocock")
    for shape in shapes:
        levels = ", ".join(f"{trials}: {largest_level(shape, trials):.4f}" for trials in (40, 100, 200))
        print(f"level of four looks, {shape}, by trials of each arm: {levels}")


if __name__ == "__main__":
    main()
