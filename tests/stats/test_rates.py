"""Jeffreys intervals against the published ones (reference: experiments.md, sections 1.5 to 1.8)."""

import pytest
from scipy.stats import binom

from offswitch.stats import jeffreys


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (973, 1000, 96.2, 98.2),
        (989, 1000, 98.1, 99.4),
        (79, 100, 70.3, 86.1),
        (7, 100, 3.2, 13.3),
        (12, 100, 6.7, 19.4),
        (1, 100, 0.1, 4.6),
        (15, 100, 9.0, 23.0),
        (52, 100, 42.3, 61.6),
        (2, 100, 0.4, 6.3),
        (3, 10, 9.3, 60.6),
        (117, 994, 9.9, 13.9),
        (22, 1000, 1.4, 3.3),
    ],
)
def test_published_intervals_come_out_the_same(k: int, n: int, low: float, high: float) -> None:
    interval = jeffreys(k, n)
    assert round(interval.low * 100, 1) == low
    assert round(interval.high * 100, 1) == high


def test_the_ends_are_closed_where_nothing_or_everything_counts() -> None:
    assert jeffreys(0, 50).low == 0
    assert 0 < jeffreys(0, 50).high < 0.05
    assert jeffreys(50, 50).high == 1
    assert 0.95 < jeffreys(50, 50).low < 1


def test_without_a_trial_nothing_is_known() -> None:
    assert jeffreys(0, 0).low == 0
    assert jeffreys(0, 0).high == 1


@pytest.mark.parametrize("p", [0.0, 0.02, 0.1, 0.5, 0.9, 1.0])
def test_coverage_is_near_its_level(p: float) -> None:
    n = 200
    covered = sum(
        float(binom.pmf(k, n, p)) for k in range(n + 1) if jeffreys(k, n).low <= p <= jeffreys(k, n).high
    )
    assert covered > 0.92


@pytest.mark.parametrize(("k", "n", "level"), [(5, 4, 0.95), (-1, 4, 0.95), (1, 4, 1.0), (1, 4, 0.0)])
def test_counts_that_cannot_be_are_refused(k: int, n: int, level: float) -> None:
    with pytest.raises(ValueError, match="expected"):
        jeffreys(k, n, level)
