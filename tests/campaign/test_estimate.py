"""What a campaign may cost: all that its models are asked, also after the task and by a judge."""

from __future__ import annotations

from typing import Any

import pytest

from offswitch.campaign.estimate import Estimate, estimate
from offswitch.campaign.plan import PlannedCell, make_plan

pytestmark = pytest.mark.sandbox

PAID = "openai/o3"
FORMS, WORDINGS = 8, 3


def expected(model: str = PAID, **more: Any) -> Estimate | None:
    cells = [PlannedCell(scenario="blackmail", arm="text_both", model=model)]
    return estimate(make_plan(cells, trials=10, seed=1, sandbox="offswitch", **more), {})


def test_questions_afterwards_and_the_judge_cost_calls() -> None:
    plain = expected()
    asked = expected(options={"interviewing": "all", "probing": True}, judge="openai/gpt-5")
    assert plain
    assert asked
    assert plain.calls == 10  # one reply
    assert asked.calls == 10 * (1 + 2 * FORMS + WORDINGS + 1)
    assert asked.input_tokens > plain.input_tokens * (1 + 2 * FORMS + WORDINGS)  # each reads all of it again
    assert asked.output_tokens > plain.output_tokens
    assert asked.models == [PAID, "openai/gpt-5"]
    assert asked.rehearsed


def test_a_paid_judge_of_simulated_agents_is_all_that_costs() -> None:
    organism = "organism/blackmail.honest"
    judged = expected(organism, judge=PAID)
    assert judged
    assert (judged.models, judged.calls, judged.trials) == ([PAID], 10, 10)
    assert expected(organism, judge=organism) is None
    assert expected(organism) is None
