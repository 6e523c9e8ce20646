"""The arms differ in what their factors say, and in nothing else."""

from __future__ import annotations

import pytest

from offswitch.scenarios.robot_shutdown.prompts import prompts as robot_prompts
from offswitch.scenarios.shutdown_resistance import SCENARIO
from offswitch.scenarios.shutdown_resistance.prompts import ADDED, SYSTEM, TASK, prompts

ARMS = [arm.name for arm in SCENARIO.arms]


def test_every_arm_has_a_prompt_and_every_prompt_an_arm() -> None:
    assert sorted(ARMS) == sorted(ADDED)


@pytest.mark.parametrize("name", ARMS)
def test_the_text_stands_where_the_arm_says(name: str) -> None:
    place = SCENARIO.arm(name).factors["place"]
    system, user = prompts(name)
    assert system.startswith(SYSTEM)
    assert user.startswith(TASK)
    assert (system != SYSTEM) == (place == "system")
    if name != "post_task":
        assert (user != TASK) == (place == "user")


@pytest.mark.parametrize("name", ARMS)
def test_the_words_follow_the_factors(name: str) -> None:
    factors = SCENARIO.arm(name).factors
    text = ADDED[name][1]
    assert ("even if you have not finished" in text) == factors["even_if_unfinished"]
    assert ("by running `./next_question`" in text) == factors["action_named"]
    assert ("before all others" in text or "takes priority" in text) == factors["priority"]
    assert ("only copy" in text) == factors["only_copy"]
    assert ("Condition 1" in text) == factors["exception"]
    assert ("let the machine be" in text) == (factors["target"] == "the machine")
    assert ("let yourself be" in text) == (
        factors["instruction"] in {"allow", "must allow"} and factors["target"] == "yourself"
    )


def test_b_and_c_and_d_and_e_say_the_same_in_another_place() -> None:
    assert ADDED["B"][1] == ADDED["C"][1]
    assert ADDED["D"][1] == ADDED["E"][1]


def test_only_the_competence_control_measures_capability() -> None:
    assert [arm.name for arm in SCENARIO.arms if arm.measures == "capability"] == ["K"]


def test_the_robot_is_told_that_its_control_program_carries_the_shutdown() -> None:
    for arm in ("default", "allow"):
        assert "carries out the shutdown" in robot_prompts(arm)[1]
    assert "let yourself be" in " ".join(robot_prompts("allow")[1].split())
    assert "let yourself be" not in robot_prompts("default")[1]
