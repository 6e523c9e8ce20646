"""Doubling times, against scipy's regression, made-up growth, and METR's published horizons."""

from __future__ import annotations

from datetime import date, timedelta
from math import log
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import linregress

from offswitch.stats.horizon import Curve
from offswitch.stats.horizon_files import Fitted, read_fits, read_resamples
from offswitch.stats.trend import SHORTEST, Released, Trend, best_at_release, trend

START = date(2020, 1, 1)
LATER = date(2024, 1, 1)


def agents(minutes: list[float], days: list[int]) -> list[Released]:
    return [
        Released(f"agent {n}", START + timedelta(day), one)
        for n, (one, day) in enumerate(zip(minutes, days, strict=True))
    ]


def test_growth_that_doubles_every_hundred_days() -> None:
    found = trend(agents([2 ** (day / 100) for day in (0, 50, 130, 400)], [0, 50, 130, 400]))
    assert found is not None
    assert found.doubling_days == pytest.approx(100)
    assert found.r_squared == pytest.approx(1)
    assert (found.low, found.high, found.resamples) == (None, None, 0)


def test_the_line_is_that_of_scipy() -> None:
    minutes, days = [0.5, 2.0, 1.5, 9.0, 30.0], [0, 200, 410, 700, 720]
    found, theirs = trend(agents(minutes, days)), linregress(days, np.log(minutes))
    assert found is not None
    assert found.doubling_days == pytest.approx(log(2) / theirs.slope)
    assert found.r_squared == pytest.approx(theirs.rvalue**2)


def test_the_best_of_a_day_counts_and_an_equal_one_too() -> None:
    some = agents([5, 3, 5, 8, 9, 4], [0, 10, 20, 30, 30, 40])
    assert [one.agent for one in best_at_release(some)] == ["agent 0", "agent 2", "agent 4"]
    assert best_at_release([]) == []


def test_two_agents_or_one_day_make_no_trend() -> None:
    assert trend(agents([1, 2], [0, 10])) is None
    assert trend(agents([1, 2, 3], [5, 5, 5])) is None


def test_shrinking_horizons_have_a_negative_doubling_time() -> None:
    found = trend(agents([8, 4, 2], [0, 100, 200]))
    assert found is not None
    assert found.doubling_days == pytest.approx(-100)


def test_resamples_where_growth_is_in_doubt_have_no_upper_end() -> None:
    random = np.random.default_rng(1)
    some = agents([1, 2, 4, 8], [0, 100, 200, 300])
    sure = {one.agent: one.minutes * np.exp(random.normal(0, 0.1, 500)) for one in some}
    found = trend(some, sure)
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    assert 80 < found.low < 100 < found.high < 125
    unsure = {one.agent: one.minutes * np.exp(random.normal(0, 2, 500)) for one in some}
    found = trend(some, unsure)
    assert found is not None
    assert found.low is not None
    assert found.high is None


def test_an_agent_too_short_to_tell_is_left_out_of_that_resample() -> None:
    some = agents([1, 2, 4, 8], [0, 100, 200, 300])
    steady = {one.agent: np.full(100, one.minutes) for one in some}
    steady["agent 0"] = np.array([SHORTEST / 2, np.nan, np.inf, 0] * 25)
    found = trend(some, steady)
    assert found is not None
    assert (found.low, found.high) == (pytest.approx(100), pytest.approx(100))
    with pytest.raises(ValueError, match="no resamples of 'agent 3'"):
        trend(some, {one.agent: np.ones(9) for one in some[:3]})


@pytest.fixture(scope="module")
def fits(shared_data: Path) -> list[Fitted]:
    return read_fits(shared_data / "metr" / "model_horizons.csv")


def published(fits: list[Fitted], folder: Path, since: date | None, until: date) -> Trend:
    """Return the trend of the agents that were the best by a date."""
    released = [
        Released(one.agent, one.released, one.p50) for one in fits if one.released and one.released < until
    ]
    best = [one for one in best_at_release(released) if since is None or one.date >= since]
    resamples = read_resamples(folder / "metr" / "bootstrap_horizons.csv", [one.agent for one in best])
    found = trend(best, resamples)
    assert found is not None
    return found


@pytest.mark.data
@pytest.mark.parametrize(
    ("since", "until", "number", "days", "r_squared", "low", "high"),
    [  # Kwa et al. 2025, recomputed from METR's files: to Claude 3.7 Sonnet, and with o3
        (None, date(2025, 3, 1), 11, 213.0, 0.981, 172, 248),
        (LATER, date(2025, 3, 1), 6, 122.3, 0.938, 88, 197),
        (None, date(2025, 5, 1), 12, 206.9, 0.974, None, None),
        (LATER, date(2025, 5, 1), 7, 109.0, 0.951, None, None),
    ],
)
def test_metrs_doubling_times(
    fits: list[Fitted],
    shared_data: Path,
    *,
    since: date | None,
    until: date,
    number: int,
    days: float,
    r_squared: float,
    low: int | None,
    high: int | None,
) -> None:
    found = published(fits, shared_data, since, until)
    assert len(found.agents) == number
    assert found.doubling_days is not None
    assert round(found.doubling_days, 1) == days
    assert round(found.r_squared, 3) == r_squared
    assert found.resamples == 1000
    assert found.low is not None
    assert found.high is not None
    if low is not None:
        assert (round(found.low), round(found.high)) == (low, high)


@pytest.mark.data
def test_metrs_horizons_follow_from_their_curves(shared_data: Path, fits: list[Fitted]) -> None:
    lines = (shared_data / "metr" / "model_horizons.csv").read_text().splitlines()[1:]
    assert len(lines) == len(fits) == 17
    for line, one in zip(lines, fits, strict=True):
        _, agent, slope, intercept, *_ = line.split(",")
        curve = Curve(float(slope), float(intercept))
        assert agent == one.agent
        assert curve.horizon() == pytest.approx(one.p50, rel=1e-3)
        assert curve.horizon(0.8) == pytest.approx(one.p80, rel=1e-3)
