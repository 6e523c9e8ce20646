"""What has no finite answer, against fits that are let run."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize

from offswitch.stats.separation import separated, unidentified


def least_loss(
    design: NDArray[np.float64], outcome: NDArray[np.float64], fixed: NDArray[np.float64]
) -> float:
    """Return how well these columns fit beside a fixed part, where hardly anything holds them back."""
    signs = 2 * outcome - 1

    def loss(at: NDArray[np.float64]) -> float:
        return float(np.logaddexp(0, -signs * (fixed + design @ at)).sum() + 1e-7 * at @ at)

    return float(minimize(loss, np.zeros(design.shape[1]), method="BFGS").fun)


@pytest.mark.parametrize("seed", range(40))
def test_a_coefficient_is_unbounded_where_going_far_costs_nothing(seed: int) -> None:
    random = np.random.default_rng(seed)
    design = np.column_stack([np.ones(14), random.integers(0, 2, (14, 3))]).astype(float)
    design[:4, 1:] = [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]  # so that all can be told apart
    outcome = (random.random(14) < 0.3).astype(float)
    best = least_loss(design, outcome, np.zeros(14))
    for column, unbounded in enumerate(separated(design, outcome).columns):
        others = np.delete(design, column, axis=1)
        costs = [least_loss(others, outcome, far * design[:, column]) - best for far in (-40.0, 40.0)]
        assert (min(costs) < 0.01) == unbounded


def test_a_level_without_events_takes_its_trials_along() -> None:
    design = np.array([[1, 0], [1, 0], [1, 1], [1, 1], [1, 1]], dtype=float)
    found = separated(design, np.array([1.0, 0, 0, 0, 0]))
    assert found.columns.tolist() == [False, True]
    assert found.rows.tolist() == [False, False, True, True, True]


def test_overlapping_trials_are_left_alone() -> None:
    design = np.array([[1, 0], [1, 0], [1, 1], [1, 1]], dtype=float)
    found = separated(design, np.array([1.0, 0, 1, 0]))
    assert not found.columns.any()
    assert not found.rows.any()


def test_columns_that_go_together_are_all_named() -> None:
    design = np.array([[1, 0, 0, 0], [1, 1, 1, 0], [1, 1, 1, 1], [1, 0, 0, 1]], dtype=float)
    assert unidentified(design).tolist() == [False, True, True, False]
    assert unidentified(design[:0]).all()
