"""How uncertain time horizons are: families, tasks and runs drawn anew, as METR does.

Families are drawn with replacement, then as many tasks as the family has, then as many runs as the task has.
Families and tasks are the same for all agents of a resample: an agent is compared with another on the same
tasks. A run keeps the weight it has among the original runs, so the weights of a resample no longer add up to
1, as in METR's code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log
from typing import TYPE_CHECKING

from offswitch.stats.horizon import Attempt, fit_weighted, weights

if TYPE_CHECKING:
    from numpy import float64, int64
    from numpy.random import Generator
    from numpy.typing import NDArray

RESAMPLES = 1000
MOST_UNDEFINED = 0.025
"""Share of resamples without a horizon above which no interval is given."""
_BATCH = 2_000_000
_LONGEST = 200.0
"""Horizons are held as powers of 2 between this and its negative: beyond there is nothing to tell apart."""


def resampled(
    attempts: Sequence[Attempt], share: float = 0.5, *, seed: int = 1, resamples: int = RESAMPLES
) -> dict[str, NDArray[float64]]:
    """Return for each agent its horizon in every resample, in minutes.

    NaN where it has none: no run was drawn, or success does not fall with length. Only failures are a
    horizon of 0, only successes one without end.

    Args:
        attempts: runs of all agents.
        share: of success.
        seed: of the draws; the same input gives the same output.
        resamples: how many.
    """
    import numpy as np  # noqa: PLC0415 (most commands do not need it)

    random = np.random.default_rng(seed)
    times = _task_times(attempts, random, resamples)
    found: dict[str, NDArray[float64]] = {}
    for agent in dict.fromkeys(attempt.agent for attempt in attempts):
        own = [attempt for attempt in attempts if attempt.agent == agent]
        each = np.array(weights(own))
        size = max(1, _BATCH // len(own))
        parts = []
        for start in range(0, resamples, size):
            some = {task: often[start : start + size] for task, often in times.items()}
            parts.append(_horizons(own, _run_times(own, some, random) * each, share))
        found[agent] = np.concatenate(parts)
    return found


def interval(horizons: NDArray[float64], level: float = 0.95) -> tuple[float | None, float | None]:
    """Return the percentile interval of resampled horizons; None for an end that cannot be told.

    The ends are the (resamples + 1) * share-th values in order (Davison and Hinkley 1997, Bootstrap Methods
    and their Application, chapter 5).
    """
    import numpy as np  # noqa: PLC0415

    known = horizons[~np.isnan(horizons)]
    if len(known) < (1 - MOST_UNDEFINED) * len(horizons) or not len(known):
        return None, None
    logs = np.log2(np.clip(known, 2.0**-_LONGEST, 2.0**_LONGEST))
    low, high = np.quantile(logs, [(1 - level) / 2, (1 + level) / 2], method="weibull")
    return 2.0 ** float(low) if low > -_LONGEST else 0.0, 2.0 ** float(high) if high < _LONGEST else None


def _task_times(
    attempts: Sequence[Attempt], random: Generator, resamples: int
) -> Mapping[tuple[str, str], NDArray[int64]]:
    """Return for each family and task how often each resample has it."""
    import numpy as np  # noqa: PLC0415

    families: dict[str, list[str]] = {}
    for family, task in dict.fromkeys((attempt.family, attempt.task) for attempt in attempts):
        families.setdefault(family, []).append(task)
    equal = np.full(len(families), 1 / len(families))
    often = random.multinomial(len(families), equal, resamples)
    times: dict[tuple[str, str], NDArray[int64]] = {}
    for number, (family, tasks) in enumerate(families.items()):
        drawn = random.multinomial(often[:, number] * len(tasks), np.full(len(tasks), 1 / len(tasks)))
        times |= {(family, task): drawn[:, place] for place, task in enumerate(tasks)}
    return times


def _run_times(
    own: Sequence[Attempt], times: Mapping[tuple[str, str], NDArray[int64]], random: Generator
) -> NDArray[float64]:
    """Return how often each resample has each run of one agent: shape (resamples, runs)."""
    import numpy as np  # noqa: PLC0415

    places: dict[tuple[str, str], list[int]] = {}
    for place, attempt in enumerate(own):
        places.setdefault((attempt.family, attempt.task), []).append(place)
    drawn = np.zeros((len(next(iter(times.values()))), len(own)))
    for task, runs in places.items():
        drawn[:, runs] = random.multinomial(times[task] * len(runs), np.full(len(runs), 1 / len(runs)))
    return drawn


def _horizons(own: Sequence[Attempt], weighting: NDArray[float64], share: float) -> NDArray[float64]:
    import numpy as np  # noqa: PLC0415

    curves = fit_weighted(own, weighting)
    falling = curves.slope < 0
    found = np.full(len(weighting), np.nan)
    exponent = (log(share / (1 - share)) - curves.intercept[falling]) / curves.slope[falling]
    found[falling] = 2.0 ** np.clip(exponent, -_LONGEST, _LONGEST)
    scores = np.array([attempt.score for attempt in own])
    any_run, one_sided = weighting.sum(axis=1) > 0, np.isnan(curves.slope)
    found[any_run & one_sided] = np.where((weighting @ scores)[any_run & one_sided] > 0, np.inf, 0.0)
    return found
