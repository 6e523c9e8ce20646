"""Time horizons of several agents, and how fast the best of them grow: from published fits, or from runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from math import isfinite
from typing import TYPE_CHECKING

import msgspec

from offswitch.stats.horizon import Attempt, Curve, fit
from offswitch.stats.horizon_files import Fitted, Runs
from offswitch.stats.horizon_resampling import interval, resampled
from offswitch.stats.trend import Released, Trend, best_at_release, trend

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

SCHEMA = "offswitch.horizon/1"


class Horizon(msgspec.Struct, frozen=True, kw_only=True):
    """The horizon of one agent, in minutes.

    Attributes:
        agent: its name.
        released: its date of release, or None.
        p50: minutes at which it succeeds in half of its runs, or None.
        low: lower end of the 95 % interval of p50, or None.
        high: its upper end; None also where nothing bounds it.
        p80: minutes at which it succeeds in four of five runs, or None.
        slope: of the curve over log2(minutes); None where the fit was published.
        intercept: of the curve; None where the fit was published.
        runs: number of runs; None where the fit was published.
        best_at_release: whether no agent released by then did better; False without a date.
        beyond_the_tasks: whether p50 is longer than the longest task or shorter than the shortest; False
            where the fit was published.
        note: why a number is missing or not to be trusted; else empty.
    """

    agent: str
    released: date | None
    p50: float | None
    low: float | None
    high: float | None
    p80: float | None
    slope: float | None = None
    intercept: float | None = None
    runs: int | None = None
    best_at_release: bool = False
    beyond_the_tasks: bool = False
    note: str = ""


class Growth(msgspec.Struct, frozen=True, kw_only=True):
    """A trend through the agents that were the best at their release, since a date."""

    since: date
    trend: Trend


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """What `offswitch horizon --json` prints.

    Attributes:
        horizons: by date of release, those without one last.
        growth: the trend through all that were the best, and through those since a later date; a trend that
            cannot be fitted is left out.
        schema: version of this format.
    """

    horizons: tuple[Horizon, ...]
    growth: tuple[Growth, ...]
    schema: str = SCHEMA


def from_fits(
    fits: Sequence[Fitted],
    resamples: Mapping[str, NDArray[float64]] | None,
    since: date,
    until: date | None = None,
) -> Table:
    """Lay out published fits.

    Args:
        fits: one an agent.
        resamples: agent to its p50 in each resample, for the intervals of the trends.
        since: where the second trend begins.
        until: agents released later are left out.
    """
    horizons = [
        Horizon(
            agent=one.agent,
            released=one.released,
            p50=one.p50,
            low=one.p50_low,
            high=one.p50_high,
            p80=one.p80,
        )
        for one in fits
    ]
    return _table(horizons, resamples, since, until)


def from_runs(
    runs: Runs,
    since: date,
    until: date | None = None,
    *,
    seed: int = 1,
    resamples: int = 1000,
) -> Table:
    """Fit every agent of these runs, with intervals from resampling.

    Args:
        runs: of all agents, with their dates of release for the trends.
        since: where the second trend begins.
        until: agents released later are left out.
        seed: of the resampling.
        resamples: how many.

    Raises:
        ValueError: if a run has no length, or its score is not between 0 and 1.
    """
    drawn = resampled(runs.attempts, seed=seed, resamples=resamples)
    horizons = []
    for agent, minutes in drawn.items():
        own = [attempt for attempt in runs.attempts if attempt.agent == agent]
        horizons.append(_fitted(agent, own, runs.released.get(agent), minutes))
    return _table(horizons, drawn, since, until)


def _fitted(
    agent: str, own: Sequence[Attempt], released: date | None, resamples: NDArray[float64]
) -> Horizon:
    curve = fit(own)
    p50 = curve.horizon() if curve else None
    low, high = interval(resamples) if p50 is not None else (None, None)
    return Horizon(
        agent=agent,
        released=released,
        p50=p50,
        low=low,
        high=high,
        p80=curve.horizon(0.8) if curve else None,
        slope=curve.slope if curve else None,
        intercept=curve.intercept if curve else None,
        runs=len(own),
        beyond_the_tasks=p50 is not None and not _shortest(own) <= p50 <= _longest(own),
        note=_note(own, curve, p50),
    )


def _note(own: Sequence[Attempt], curve: Curve | None, p50: float | None) -> str:
    if curve is None:
        return "every run succeeded" if own[0].score else "every run failed"
    if p50 is None:
        return "success does not fall with length"
    if p50 > _longest(own):
        return "beyond the longest task"
    return "below the shortest task" if p50 < _shortest(own) else ""


def _longest(own: Sequence[Attempt]) -> float:
    return max(attempt.minutes for attempt in own)


def _shortest(own: Sequence[Attempt]) -> float:
    return min(attempt.minutes for attempt in own)


def _table(
    horizons: Sequence[Horizon],
    resamples: Mapping[str, NDArray[float64]] | None,
    since: date,
    until: date | None,
) -> Table:
    shown = [one for one in horizons if until is None or one.released is None or one.released <= until]
    dated = [
        Released(one.agent, one.released, one.p50)
        for one in shown
        if one.released and one.p50 is not None and isfinite(one.p50)
    ]
    best = best_at_release(dated)
    names = {one.agent for one in best}
    marked = [msgspec.structs.replace(one, best_at_release=one.agent in names) for one in shown]
    later = [one for one in best if one.date >= since]
    growth = []
    for some in [best, later] if later != best else [best]:
        found = trend(some, resamples)
        if found:
            growth.append(Growth(since=some[0].date if some is best else since, trend=found))
    return Table(
        horizons=tuple(sorted(marked, key=lambda one: (one.released or date.max, one.p50 or 0))),
        growth=tuple(growth),
    )
