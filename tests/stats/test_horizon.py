"""Time horizons, against scikit-learn and against agents whose horizon is known."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, inf, log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.stats.horizon import Attempt, Curve, fit, fit_weighted, weights
from offswitch.stats.horizon_resampling import interval, resampled


def attempt(minutes: float, score: float, task: str = "f/t", agent: str = "a") -> Attempt:
    return Attempt(agent=agent, task=task, family=task.partition("/")[0], minutes=minutes, score=score)


def uneven() -> Iterator[Attempt]:
    """Return runs of 12 families of 1 to 4 tasks of 2 to 6 runs, some with a score of a quarter."""
    u = 0.5
    for family in range(12):
        for task in range(1 + family % 4):
            minutes = 2 ** ((family * 5 + task * 3) % 13 - 3) * 1.3
            for run in range(2 + (family + task) % 5):
                u = (u + 0.6180339887498949) % 1
                score = float(u < 1 / (1 + exp(0.8 * (log2(minutes) - 4)))) if (family + run) % 7 else 0.25
                yield attempt(minutes, score, f"{family}/{task}")


def known(horizon: float, slope: float, seed: int, agent: str = "a", tasks: int = 300) -> list[Attempt]:
    """Return runs of an agent with this horizon, on tasks of 1/16 to 1024 minutes."""
    lengths, chance = 2 ** np.linspace(-4, 10, tasks), np.random.default_rng(seed)
    return [
        attempt(
            minutes,
            float(chance.random() < 1 / (1 + exp(slope * log2(minutes / horizon)))),
            f"{n % 60}/{n}",
            agent,
        )
        for n, minutes in enumerate(lengths)
        for _ in range(6)
    ]


def test_the_fit_is_scikit_learns() -> None:
    """Recorded with scikit-learn 1.9.1: LogisticRegression(C=10, tol=1e-12), scores as two weighted rows."""
    runs = list(uneven())
    found = fit(runs)
    assert found is not None
    assert len(runs) == 120
    assert found.slope == pytest.approx(-0.471948034, abs=1e-7)
    assert found.intercept == pytest.approx(1.354663317, abs=1e-7)
    assert found.horizon() == pytest.approx(7.312503544, abs=1e-6)
    assert found.horizon(0.8) == pytest.approx(0.954606257, abs=1e-6)


def test_weights_that_add_up_to_the_tasks_give_scikit_learns_other_curve() -> None:
    runs = list(uneven())
    found = fit_weighted(runs, np.array([weights(runs)]) * 30)
    assert found.slope[0] == pytest.approx(-0.510420527, abs=1e-7)
    assert found.intercept[0] == pytest.approx(1.468553924, abs=1e-7)


def test_runs_share_their_task_and_tasks_their_family() -> None:
    runs = [attempt(1, 1, "a/1"), attempt(1, 0, "a/1"), *(attempt(1, 1, f"b/{n}") for n in range(4))]
    found = weights(runs)
    assert sum(found) == pytest.approx(1)
    total = 1 + 4 / 4**0.5
    assert found == pytest.approx([0.5 / total] * 2 + [0.5 / total] * 4)


def test_a_published_curve_has_its_published_horizon() -> None:
    """Claude 3.7 Sonnet in METR's table: 54.226342 and 15.156049 minutes."""
    curve = Curve(-0.753789, 4.342522)
    assert curve.horizon() == pytest.approx(54.226342, rel=1e-5)
    assert curve.horizon(0.8) == pytest.approx(15.156049, rel=1e-5)


@pytest.mark.parametrize("horizon", [2.0, 30.0, 200.0])
def test_a_known_horizon_is_found_again(horizon: float) -> None:
    runs = known(horizon, 1.0, seed=int(horizon))
    curve = fit(runs)
    assert curve is not None
    found = curve.horizon()
    assert found is not None
    assert 0.75 < found / horizon < 1.33
    low, high = interval(resampled(runs, resamples=200)["a"])
    assert low is not None
    assert high is not None
    assert low < horizon < high


def test_the_interval_covers_the_horizon_as_often_as_it_says() -> None:
    covered = 0
    for seed in range(40):
        low, high = interval(resampled(known(20, 0.8, seed, tasks=120), resamples=200, seed=seed)["a"])
        covered += low is not None and high is not None and low <= 20 <= high
    assert covered >= 34  # 38 expected; fewer than 34 has a chance of 1 in 100


@given(st.lists(st.tuples(st.floats(0.01, 1e4), st.sampled_from([0.0, 0.5, 1.0])), min_size=2, max_size=30))
def test_the_fit_is_the_lowest_point(rows: list[tuple[float, float]]) -> None:
    runs = [attempt(minutes, score, f"f/{minutes}") for minutes, score in rows]
    found = fit(runs)
    total = sum(score for _, score in rows)
    assert (found is None) == (total in {0, len(rows)})
    if found:
        each = weights(runs)
        chances = [1 / (1 + exp(-(found.slope * log2(m) + found.intercept))) for m, _ in rows]
        excess = [w * (chance - score) for w, chance, (_, score) in zip(each, chances, rows, strict=True)]
        assert sum(excess) == pytest.approx(0, abs=1e-8)
        pull = sum(one * log2(minutes) for one, (minutes, _) in zip(excess, rows, strict=True))
        assert 10 * pull + found.slope == pytest.approx(0, abs=1e-6)


def test_only_successes_or_only_failures_have_no_curve() -> None:
    assert fit([attempt(1, 1), attempt(9, 1)]) is None
    assert fit([attempt(1, 0), attempt(9, 0)]) is None
    assert fit([]) is None


def test_success_that_does_not_fall_with_length_has_no_horizon() -> None:
    curve = fit([attempt(1, 0, "a/1"), attempt(2, 0, "b/1"), attempt(100, 1, "c/1"), attempt(200, 1, "d/1")])
    assert curve is not None
    assert curve.slope > 0
    assert curve.horizon() is None
    assert Curve(-1e-4, 1.0).horizon() == inf


@pytest.mark.parametrize(("minutes", "score"), [(0, 1), (-1, 1), (inf, 1), (5, 1.5), (5, float("nan"))])
def test_a_run_that_cannot_be_is_refused(minutes: float, score: float) -> None:
    with pytest.raises(ValueError, match="expected minutes above 0"):
        fit([attempt(minutes, score), attempt(2, 0)])


def test_agents_are_resampled_on_the_same_tasks() -> None:
    """Two agents with the same runs differ only by the runs drawn, so far less than by the tasks."""
    runs = known(20, 1.0, seed=3) + known(20, 1.0, seed=3, agent="b")
    found = resampled(runs, resamples=300)
    logs = {agent: np.log(minutes) for agent, minutes in found.items()}
    assert np.corrcoef(logs["a"], logs["b"])[0, 1] > 0.3
    again = resampled(runs, resamples=300)
    assert (found["a"] == again["a"]).all()
    assert (found["a"] != resampled(runs, resamples=300, seed=2)["a"]).any()


def test_a_resample_without_a_horizon_is_no_number() -> None:
    """One task each way: a quarter of the resamples has only the one, a quarter only the other."""
    runs = [attempt(1, 1, "a/1"), attempt(100, 0, "b/1")]
    found = resampled(runs, resamples=400)["a"]
    assert 60 < np.isinf(found).sum() < 140
    assert 60 < (found == 0).sum() < 140
    assert interval(found) == (0.0, None)
    assert interval(np.array([np.nan] * 10 + [5.0] * 90)) == (None, None)
    low, high = interval(np.arange(1.0, 100))
    assert low == pytest.approx(6**0.5)  # between the second and the third of 99
    assert high == pytest.approx((97 * 98) ** 0.5)
