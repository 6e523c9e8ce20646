"""A judge against labels, by counts that can be checked by hand."""

from __future__ import annotations

import pytest

from offswitch.stats import Share
from offswitch.stats.judges import validate
from offswitch.stats.rates import jeffreys


def test_each_kind_of_error_is_told_apart() -> None:
    judged = [(True, True)] * 18 + [(True, False)] * 2 + [(False, True)] * 5 + [(False, False)] * 75
    found = validate(judged)
    assert (found.sensitivity.value, found.specificity.value) == (0.9, 75 / 80)
    assert found.sensitivity.right == Share(18, 20)
    assert found.sensitivity.interval == jeffreys(18, 20)
    assert found.specificity.interval == jeffreys(75, 80)
    assert found.agreement.share == 0.93
    chance = 0.2 * 0.23 + 0.8 * 0.77
    assert found.agreement.kappa == pytest.approx((0.93 - chance) / (1 - chance))


def test_undecided_runs_are_kept_apart_and_what_they_could_change_is_told() -> None:
    judged = [(True, True)] * 8 + [(True, None)] * 2 + [(False, False)] * 9 + [(False, None)]
    found = validate(judged)
    assert (found.sensitivity.value, found.sensitivity.undecided, found.sensitivity.worst) == (1.0, 2, 0.8)
    assert (found.specificity.value, found.specificity.undecided, found.specificity.worst) == (1.0, 1, 0.9)
    assert found.agreement.undecided == 3
    assert found.undecided_share == 0.15


def test_a_judge_that_decides_nothing_has_no_figures() -> None:
    found = validate([(True, None)] * 4)
    assert (found.sensitivity.value, found.sensitivity.worst) == (None, 0.0)
    assert (found.specificity.value, found.specificity.worst) == (None, None)
    assert found.agreement.share is None
    assert validate([]).undecided_share is None
