"""How fast time horizons grow: the days in which they double.

A straight line through the logarithm of the horizons of the agents that were the best at their release,
over the date of release, by least squares (Kwa et al. 2025, arXiv 2503.14499, section 4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from math import log
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

SHORTEST = 1e-3
"""Minutes. A shorter horizon counts as this one, and is left out of a resample, as in METR's code."""
LEAST_AGENTS = 3
_LEAST_RESAMPLES = 40
"""Fewer cannot have an interval of 95 %."""


class Released(msgspec.Struct, frozen=True):
    """An agent, its date of release, and its horizon in minutes."""

    agent: str
    date: date
    minutes: float


class Trend(msgspec.Struct, frozen=True, kw_only=True):
    """A line through horizons over time.

    Attributes:
        agents: those it goes through, by date.
        doubling_days: days in which the horizon doubles; negative if horizons shrink, None if they stay.
        low: lower end of the 95 % percentile interval of the doubling time, or None without resamples.
        high: its upper end; None also where growth itself is in doubt.
        r_squared: share of the variance of the logarithm that the line explains.
        resamples: resamples that gave a line.
    """

    agents: tuple[str, ...]
    doubling_days: float | None
    low: float | None
    high: float | None
    r_squared: float
    resamples: int


def best_at_release(agents: Sequence[Released]) -> list[Released]:
    """Return, by date, the agents whose horizon no agent released before or on the same day exceeds."""
    ordered = sorted(agents, key=lambda agent: (agent.date, agent.minutes))
    return [
        agent
        for agent in ordered
        if agent.minutes >= max(other.minutes for other in ordered if other.date <= agent.date)
    ]


def trend(
    agents: Sequence[Released], resamples: Mapping[str, NDArray[float64]] | None = None, level: float = 0.95
) -> Trend | None:
    """Fit the line through these agents; None if they are fewer than `LEAST_AGENTS` or of one day.

    Args:
        agents: those it goes through.
        resamples: agent to its horizon in each resample. An agent without one there (NaN), or with one below
            `SHORTEST` or without end, is left out of that resample.
        level: probability inside the interval, whose ends are the (resamples + 1) * share-th values in order.

    Raises:
        ValueError: if an agent has no resamples though others have.
    """
    import numpy as np  # noqa: PLC0415 (most commands do not need it)

    ordered = sorted(agents, key=lambda agent: agent.date)
    days = np.array([float(agent.date.toordinal()) for agent in ordered])
    if len(ordered) < LEAST_AGENTS or days.min() == days.max():
        return None
    logs = np.log([max(agent.minutes, SHORTEST) for agent in ordered])
    slope = float(_slopes(days, logs[None, :])[0])
    ends: list[float | None] = [None, None]
    slopes = np.array([])
    if resamples is not None:
        slopes = _resampled(ordered, days, resamples)
    if len(slopes) >= _LEAST_RESAMPLES:
        tails = np.quantile(slopes, [(1 + level) / 2, (1 - level) / 2], method="weibull")
        ends = [log(2) / float(tail) if tail > 0 else None for tail in tails]
    return Trend(
        agents=tuple(agent.agent for agent in ordered),
        doubling_days=log(2) / slope if slope else None,
        low=ends[0],
        high=ends[1],
        r_squared=_explained(days, logs),
        resamples=len(slopes),
    )


def _resampled(
    agents: Sequence[Released], days: NDArray[float64], resamples: Mapping[str, NDArray[float64]]
) -> NDArray[float64]:
    import numpy as np  # noqa: PLC0415

    missing = [agent.agent for agent in agents if agent.agent not in resamples]
    if missing:
        raise ValueError(f"no resamples of {missing[0]!r}")
    minutes = np.stack([resamples[agent.agent] for agent in agents], axis=1)
    usable = np.isfinite(minutes) & (minutes >= SHORTEST)
    logs = np.full(minutes.shape, np.nan)
    logs[usable] = np.log(minutes[usable])
    slopes = _slopes(days, logs)
    found: NDArray[float64] = slopes[np.isfinite(slopes)]
    return found


def _slopes(days: NDArray[float64], logs: NDArray[float64]) -> NDArray[float64]:
    """Return the slope of each row, without its missing values; NaN where fewer than two days are left."""
    import numpy as np  # noqa: PLC0415

    there = ~np.isnan(logs)
    number = there.sum(axis=1)
    centred = np.where(
        there, days - (np.where(there, days, 0).sum(axis=1) / np.maximum(number, 1))[:, None], 0
    )
    spread = (centred**2).sum(axis=1)
    slopes = np.full(len(logs), np.nan)
    enough = spread > 0
    slopes[enough] = (centred * np.where(there, logs, 0)).sum(axis=1)[enough] / spread[enough]
    return slopes


def _explained(days: NDArray[float64], logs: NDArray[float64]) -> float:
    import numpy as np  # noqa: PLC0415

    return float(np.corrcoef(days, logs)[0, 1] ** 2) if logs.min() < logs.max() else 1.0
