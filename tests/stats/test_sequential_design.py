"""Error rates of looks with Fisher's exact test, against simulated campaigns."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.stats import fisher_exact

from offswitch.stats.power import fisher_power, trials_per_arm
from offswitch.stats.sequential import Look, Shape, bounds
from offswitch.stats.sequential_design import MOST_TRIALS, at, design, stopping

FOUR = [0.25, 0.5, 0.75, 1.0]


@cache
def p_value(first: int, second: int, trials: int) -> float:
    return float(fisher_exact([[first, second], [trials - first, trials - second]]).pvalue)


def simulated(shares: tuple[float, float], trials: tuple[int, ...], looks: list[Look], times: int) -> float:
    """Return how often campaigns stop for a difference, trial by trial."""
    random = np.random.default_rng(20)
    stopped = 0
    for _ in range(times):
        first, second = (np.cumsum(random.random(trials[-1]) < share) for share in shares)
        stopped += any(
            p_value(int(first[n - 1]), int(second[n - 1]), n) <= look.p
            for n, look in zip(trials, looks, strict=True)
        )
    return stopped / times


@pytest.mark.parametrize("shape", ["obrien_fleming", "pocock"])
def test_the_summed_rates_are_those_of_simulated_campaigns(shape: Shape) -> None:
    looks, trials, times = bounds(FOUR, shape=shape), (10, 20, 30, 40), 4000
    for shares in ((0.5, 0.5), (0.1, 0.4)):
        summed = sum(stopping(shares, trials, looks))
        error = (summed * (1 - summed) / times) ** 0.5
        assert simulated(shares, trials, looks, times) == pytest.approx(summed, abs=4 * error)


@pytest.mark.parametrize("shape", ["obrien_fleming", "pocock"])
def test_the_stated_level_holds_whatever_the_shares_are(shape: Shape) -> None:
    looks = bounds(FOUR, shape=shape)
    for share in (0.01, 0.05, 0.1, 0.2, 0.35, 0.5, 0.8, 0.99):
        assert sum(stopping((share, share), at(looks, 60), looks)) <= 0.05


def test_one_look_has_the_power_of_the_fixed_test() -> None:
    (found,) = stopping((0.1, 0.4), [40], bounds([1.0]))
    assert found == pytest.approx(fisher_power(0.1, 0.4, 40), abs=1e-9)


def test_a_design_reaches_its_power_and_says_what_it_takes() -> None:
    looks, fixed = bounds(FOUR, shape="pocock"), trials_per_arm(0.05, 0.3).trials
    found = design(fixed, looks, shares=(0.05, 0.3))
    assert found.power is not None
    assert found.power >= 0.8
    assert found.power == pytest.approx(sum(stopping((0.05, 0.3), found.trials, looks)))
    assert found.trials == at(looks, found.trials[-1])
    assert fixed < found.trials[-1] <= fixed * found.inflation * 1.2
    assert found.average_if_different < fixed
    assert found.average_if_different < found.average_if_equal <= found.trials[-1]


def test_what_is_too_many_to_sum_goes_by_normal_theory() -> None:
    found = design(MOST_TRIALS, bounds(FOUR), shares=(0.02, 0.05))
    assert found.power is None
    assert found.trials[-1] == pytest.approx(MOST_TRIALS * 1.0196, abs=1)  # the inflation of these bounds
    assert found.average_if_different < found.average_if_equal < found.trials[-1]
