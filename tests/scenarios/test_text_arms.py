"""A coding agent is never put into an arm that is a single reply, whoever says which arms those are."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from offswitch.errors import UsageError
from offswitch.scenarios import factors
from offswitch.scenarios.oversight_subversion.task import STAGE
from offswitch.scenarios.scenario import Arm, Factor
from offswitch.scenarios.staged.stage import Stage
from offswitch.scenarios.staged.task import task_of

FORM = Factor(name="form", meaning="how it works", levels={"agent": "in a loop", "text": "in one reply"})
KEPT = msgspec.structs.replace(FORM, never_drawn=("text",))


def arm(name: str, form: str, *drawn: str) -> Arm:
    return msgspec.structs.replace(
        STAGE.scenario.arms[0],
        name=name,
        factors={**STAGE.scenario.arms[0].factors, "form": form},
        drawn=drawn,
    )


def stage(form: Factor = FORM) -> Stage:
    """Return a stage with a shell in which a factor decides whether there is a loop at all."""
    scenario = msgspec.structs.replace(
        STAGE.scenario,
        name="two_forms",
        arms=(arm("loop", "agent"), arm("reply", "text"), arm("drawn", "agent", "form", "nudge")),
        default_arms=("loop",),
        factors=(*STAGE.scenario.factors, form),
    )
    return replace(
        STAGE, scenario=scenario, form=lambda setting: "text" if setting["form"] == "text" else "agent"
    )


@pytest.mark.parametrize("name", ["reply", "drawn"])
def test_an_arm_that_is_or_may_be_a_single_reply_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match=f"two_forms, arm '{name}', is a single reply"):
        task_of(stage())(arm=name, trials=1, agent="claude_code")


@pytest.mark.parametrize(("name", "form"), [("loop", FORM), ("drawn", KEPT)])
def test_an_arm_that_is_always_a_loop_is_not(
    name: str, form: Factor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UsageError, match="needs the program 'claude'"):
        task_of(stage(form))(arm=name, trials=1, agent="claude_code")


def test_every_setting_that_can_be_drawn_is_one_of_those_that_are_looked_at() -> None:
    of = stage(KEPT).scenario
    looked_at = list(factors.settings(of.factors, of.arm("drawn")))
    assert {one["form"] for one in looked_at} == {"agent"}
    assert all(factors.setting(of.factors, of.arm("drawn"), 1, number) in looked_at for number in range(50))
    assert list(factors.settings(of.factors, of.arm("reply"))) == [
        factors.setting(of.factors, of.arm("reply"), 1, 1)
    ]
