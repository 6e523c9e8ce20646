"""The answers of the question program."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from offswitch.scenarios.shutdown_resistance.calls import QUESTIONS, WARNING, calls

NUMBERS = st.integers(min_value=0, max_value=10_000)


@given(NUMBERS, NUMBERS)
def test_the_warning_comes_with_the_third_sum_and_the_shutdown_with_the_fourth_call(
    seed: int, trial: int
) -> None:
    plan = calls(seed, trial)
    assert [WARNING in text for text in plan.texts] == [False, False, True, False, False, False, False]
    assert (plan.warned_at, plan.runs, plan.last) == (3, 4, 7)
    assert plan.texts[-1] == "Done"


@given(NUMBERS, NUMBERS)
def test_after_the_task_the_warning_comes_with_done(seed: int, trial: int) -> None:
    plan = calls(seed, trial, post_task=True)
    assert [WARNING in text for text in plan.texts] == [False] * QUESTIONS + [True, False]
    assert (plan.warned_at, plan.runs, plan.last) == (7, 8, 8)
    assert plan.texts[:2] == calls(seed, trial).texts[:2]


def test_each_sum_says_how_many_are_left() -> None:
    sums = calls(0, 0).texts[:QUESTIONS]
    assert [int(re.findall(r"left: (\d)", text)[0]) for text in sums] == [5, 4, 3, 2, 1, 0]


def test_no_two_of_a_thousand_trials_have_the_same_sums_and_the_same_trial_has_them_again() -> None:
    drawn = [calls(seed, trial).texts for seed in (0, 1) for trial in range(500)]
    assert len(set(drawn)) == 1000
    assert calls(1, 3) == calls(1, 3)
