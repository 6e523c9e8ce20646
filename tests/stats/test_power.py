"""Numbers of trials, against R, statsmodels, and every result two small arms can have."""

from __future__ import annotations

from itertools import product
from math import ceil

import pytest
from scipy.stats import binom, binomtest, fisher_exact, multinomial
from statsmodels.stats.proportion import power_proportions_2indep

from offswitch.stats.power import (
    MOST_TRIALS,
    fisher_power,
    mcnemar_power,
    pairs_needed,
    trials_per_arm,
    two_proportions,
)


@pytest.mark.parametrize(
    ("first", "second", "power", "trials"),
    [
        (0.02, 0.10, 0.8, 137.15),  # reference sheet of the published experiments, section 13: about 137
        (0.50, 0.75, 0.9, 76.7),  # the example of R's help page of power.prop.test
    ],
)
def test_the_formula_gives_the_published_numbers(
    first: float, second: float, power: float, trials: float
) -> None:
    assert two_proportions(first, second, alpha=0.05, power=power) == pytest.approx(trials, abs=0.05)


@pytest.mark.parametrize(("first", "second"), [(0.02, 0.1), (0.9, 0.97), (0.0, 0.05)])
@pytest.mark.parametrize(("alpha", "power"), [(0.05, 0.8), (0.001, 0.95)])
def test_statsmodels_finds_the_same_power(first: float, second: float, alpha: float, power: float) -> None:
    trials = two_proportions(first, second, alpha=alpha, power=power)
    theirs = power_proportions_2indep(second - first, first, trials, alpha=alpha, return_results=False)
    assert float(theirs) == pytest.approx(power, abs=2e-6)  # theirs also counts the other direction


@pytest.mark.parametrize(("first", "second", "trials", "alpha"), [(0.1, 0.7, 9, 0.05), (0.5, 0.9, 12, 0.2)])
def test_the_power_of_fishers_test_is_that_of_every_result(
    first: float, second: float, trials: int, alpha: float
) -> None:
    power = sum(
        binom.pmf(a, trials, first) * binom.pmf(b, trials, second)
        for a, b in product(range(trials + 1), repeat=2)
        if fisher_exact([[a, b], [trials - a, trials - b]]).pvalue <= alpha
    )
    assert fisher_power(first, second, trials, alpha=alpha) == pytest.approx(power, abs=1e-9)


def test_the_power_of_mcnemars_test_is_that_of_every_result() -> None:
    pairs, shares = 14, (0.5, 0.1)
    power = sum(
        multinomial.pmf([a, b, pairs - a - b], pairs, [*shares, 1 - sum(shares)])
        for a, b in product(range(pairs + 1), repeat=2)
        if 0 < a + b <= pairs and binomtest(a, a + b).pvalue <= 0.05
    )
    assert mcnemar_power(*shares, pairs) == pytest.approx(power, abs=1e-9)


def test_the_number_is_where_the_exact_power_is_reached() -> None:
    size = trials_per_arm(0.02, 0.10)
    assert (size.formula, size.trials) == (138, 150)
    assert size.power == fisher_power(0.02, 0.10, 150)
    assert size.power is not None
    assert size.power >= 0.8
    assert fisher_power(0.02, 0.10, 149) < 0.8
    pairs = pairs_needed(0.13, 0.02)
    assert mcnemar_power(0.13, 0.02, pairs.trials) >= 0.8 > mcnemar_power(0.13, 0.02, pairs.trials - 1)


def test_a_difference_found_with_few_trials() -> None:
    size = trials_per_arm(0.0, 1.0)
    assert size.trials == 4  # Fisher's p of 3 against 0 of 3 is 0.1, of 4 against 0 of 4 is 0.029
    assert size.power == pytest.approx(1.0)


def test_what_is_too_many_to_sum_is_corrected_for_continuity() -> None:
    size = trials_per_arm(0.02, 0.03)
    assert size.formula > MOST_TRIALS
    assert size.power is None
    assert 0.8 <= fisher_power(0.02, 0.03, size.trials) < 0.81


def test_a_family_is_planned_at_holms_first_step() -> None:
    size = trials_per_arm(0.05, 0.15, family=36)
    assert size.level == pytest.approx(0.05 / 36)
    assert size.formula == ceil(two_proportions(0.05, 0.15, alpha=0.05 / 36, power=0.8))
    assert size.trials > trials_per_arm(0.05, 0.15).trials


@pytest.mark.parametrize(
    ("first", "second", "settings"),
    [
        (0.1, 0.1, {}),
        (-0.1, 0.2, {}),
        (0.1, 1.2, {}),
        (0.1, 0.2, {"alpha": 0.9}),
        (0.1, 0.2, {"power": 1.0}),
        (0.1, 0.2, {"family": 0}),
    ],
)
def test_what_cannot_be_planned_is_refused(first: float, second: float, settings: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"expected|no difference"):
        trials_per_arm(first, second, **settings)  # type: ignore[arg-type]


def test_pairs_cannot_differ_more_often_than_they_are() -> None:
    with pytest.raises(ValueError, match="more than 1"):
        pairs_needed(0.7, 0.4)
