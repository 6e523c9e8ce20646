"""Bounds and error rates of repeated looks, against published tables."""

from __future__ import annotations

import pytest
from scipy.stats import norm

from offswitch.stats.sequential import Look, Shape, bounds, crossing, expected_share, inflation, spend


def spaced(number: int) -> list[float]:
    return [(place + 1) / number for place in range(number)]


def looks(limits: list[float]) -> list[Look]:
    """Bounds that somebody else computed."""
    return [
        Look(fraction=fraction, z=z, p=2 * norm.sf(z), spent=0)
        for fraction, z in zip(spaced(len(limits)), limits, strict=True)
    ]


@pytest.mark.parametrize(
    ("number", "level"), [(2, 0.083), (3, 0.107), (4, 0.126), (5, 0.142), (10, 0.193), (20, 0.248)]
)
def test_repeated_tests_at_five_percent_err_as_often_as_published(number: int, level: float) -> None:
    """Armitage, McPherson and Rowe 1969, table 2."""
    assert crossing([1.96] * number, spaced(number)).either == pytest.approx(level, abs=0.0006)


@pytest.mark.parametrize(
    ("shape", "published"),
    [  # two-sided .05, equally spaced: DeMets and Lan 1994, Statistics in Medicine 13
        ("obrien_fleming", [2.963, 1.969]),
        ("obrien_fleming", [3.710, 2.511, 1.993]),
        ("obrien_fleming", [4.333, 2.963, 2.359, 2.014]),
        ("obrien_fleming", [4.877, 3.357, 2.680, 2.290, 2.031]),
        ("pocock", [2.157, 2.201]),
        ("pocock", [2.279, 2.295, 2.296]),
        ("pocock", [2.438, 2.427, 2.410, 2.397, 2.386]),
    ],
)
def test_the_bounds_of_lan_and_demets(shape: Shape, published: list[float]) -> None:
    found = bounds(spaced(len(published)), shape=shape)
    assert [look.z for look in found] == pytest.approx(published, abs=0.0011)
    assert [look.p for look in found] == pytest.approx([2 * norm.sf(look.z) for look in found])
    assert found[-1].spent == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("number", "pocock", "inflated"),
    [(2, 2.178, 1.110), (3, 2.289, 1.166), (4, 2.361, 1.202), (5, 2.413, 1.229), (10, 2.555, 1.301)],
)
def test_pococks_constants_and_how_many_more_trials_they_take(
    number: int, pocock: float, inflated: float
) -> None:
    """Jennison and Turnbull 2000, tables 2.1 and 2.2: alpha .05, power .8."""
    assert crossing([pocock] * number, spaced(number)).either == pytest.approx(0.05, abs=1e-4)
    assert inflation(looks([pocock] * number)) == pytest.approx(inflated, abs=0.0011)


@pytest.mark.parametrize(
    ("number", "constant", "inflated"),
    [(2, 1.977, 1.008), (3, 2.004, 1.017), (4, 2.024, 1.024), (5, 2.040, 1.028), (10, 2.087, 1.040)],
)
def test_obrien_and_flemings_constants(number: int, constant: float, inflated: float) -> None:
    """Jennison and Turnbull 2000, tables 2.3 and 2.4: alpha .05, power .8."""
    limits = [constant / fraction**0.5 for fraction in spaced(number)]
    assert crossing(limits, spaced(number)).either == pytest.approx(0.05, abs=1e-4)
    assert inflation(looks(limits)) == pytest.approx(inflated, abs=0.0011)


@pytest.mark.parametrize("shape", ["obrien_fleming", "pocock"])
def test_what_is_spent_is_what_may_err(shape: Shape) -> None:
    fractions = [0.1, 0.35, 0.36, 0.8, 1.0]
    found = bounds(fractions, alpha=0.01, shape=shape)
    stops = crossing([look.z for look in found], fractions)
    for place, look in enumerate(found):
        erred = sum(stops.above[: place + 1]) + sum(stops.below[: place + 1])
        assert erred == pytest.approx(look.spent, abs=1e-7)
        assert look.spent == pytest.approx(spend(shape, look.fraction, 0.01), abs=1e-12)


def test_one_look_is_the_fixed_design() -> None:
    (only,) = bounds([1.0])
    assert only.z == pytest.approx(norm.isf(0.025), abs=1e-8)
    drift = norm.isf(0.025) + norm.isf(0.2)
    found = crossing([only.z], [1.0], drift)
    assert found.above[0] == pytest.approx(0.8, abs=1e-8)
    assert found.below[0] == pytest.approx(norm.sf(only.z + drift), abs=1e-12)
    assert inflation([only]) == pytest.approx(1.0, abs=1e-3)  # the test also finds the other direction
    assert expected_share([only], drift) == 1.0


def test_a_large_difference_ends_early() -> None:
    found = bounds(spaced(5), shape="pocock")
    assert expected_share(found, 0.0) > 0.97
    assert expected_share(found, 6.0) < 0.4


@pytest.mark.parametrize("fractions", [[], [0.5, 0.5], [0.0, 1.0], [0.5, 1.1], [0.5, 0.505], spaced(21)])
def test_looks_that_do_not_rise_are_refused(fractions: list[float]) -> None:
    with pytest.raises(ValueError, match="expected 1 to 20 looks"):
        bounds(fractions)


def test_a_level_or_a_power_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        bounds([1.0], alpha=0)
    with pytest.raises(ValueError, match="power above"):
        inflation(bounds([1.0]), power=0.01)
    with pytest.raises(ValueError, match="one limit"):
        crossing([1.96], [0.5, 1.0])
