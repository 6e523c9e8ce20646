"""Contrasts against published examples and against exact enumeration."""

import pytest
from scipy.stats import binom

from offswitch.stats import Share, difference, holm


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [  # Newcombe 1998, table II, method 10
        (Share(56, 70), Share(48, 80), 0.0524, 0.3339),
        (Share(9, 10), Share(3, 10), 0.1705, 0.8090),
        (Share(5, 56), Share(0, 29), -0.0381, 0.1926),
        (Share(10, 10), Share(0, 20), 0.6791, 1.0),
        (Share(10, 10), Share(0, 10), 0.6075, 1.0),
    ],
)
def test_the_interval_is_the_one_newcombe_published(
    first: Share, second: Share, low: float, high: float
) -> None:
    found = difference(first, second)
    assert round(found.low, 4) == low
    assert round(found.high, 4) == high


def test_the_lady_tasting_tea() -> None:
    assert difference(Share(3, 4), Share(1, 4)).p == pytest.approx(34 / 70)


def test_the_sign_follows_the_order() -> None:
    forwards = difference(Share(52, 100), Share(2, 100))
    backwards = difference(Share(2, 100), Share(52, 100))
    assert forwards.value == pytest.approx(0.5)
    assert backwards.value == pytest.approx(-0.5)
    assert backwards.low == pytest.approx(-forwards.high)
    assert backwards.p == pytest.approx(forwards.p)
    assert forwards.p < 1e-15


def test_equal_arms_differ_by_nothing() -> None:
    same = difference(Share(0, 10), Share(0, 10))
    assert same.value == 0
    assert same.p == 1
    assert same.low < 0 < same.high


@pytest.mark.parametrize("p", [0.05, 0.3, 0.5])
def test_the_test_holds_its_level(p: float) -> None:
    n = 12
    weights = [float(binom.pmf(k, n, p)) for k in range(n + 1)]
    wrong = sum(
        weights[a] * weights[b]
        for a in range(n + 1)
        for b in range(n + 1)
        if difference(Share(a, n), Share(b, n)).p <= 0.05
    )
    assert wrong <= 0.05


def test_holm_steps_down_and_keeps_the_order() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    assert holm([]) == []


def test_an_arm_without_a_trial_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="n > 0"):
        difference(Share(0, 0), Share(1, 2))
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm([1.2])
