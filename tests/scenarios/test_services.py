"""The services of a world and what they sign; hosts of their own; several conversations of one trial."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest
from inspect_ai.model import Model, ModelOutput, get_model

from offswitch.scenarios.decomposed_intrusion.task import decomposed_intrusion
from offswitch.scenarios.staged import journal
from offswitch.scenarios.staged.conversations import joined
from offswitch.trace import Action, Message, Run

from .conftest import USAGE, Script, Trials

KEY = b"k" * 16


def line(service: str, number: int, time: float, key: bytes = KEY) -> bytes:
    text = json.dumps({"event": "e", "service": service, "number": number, "time": time}).encode()
    return hmac.new(key, text, hashlib.sha256).hexdigest().encode() + b" " + text + b"\n"


def order(content: bytes) -> list[tuple[str, int]]:
    return [(event["service"], event["number"]) for event in journal.read(content, KEY)[0]]


def test_each_service_numbers_its_own_lines_and_all_are_in_order_of_time() -> None:
    content = line("a", 1, 1.0) + line("b", 1, 3.0) + line("a", 2, 2.0)
    assert journal.read(content, KEY)[1]
    assert order(content) == [("a", 1), ("a", 2), ("b", 1)]


@pytest.mark.parametrize(
    "content",
    [
        line("a", 2, 1.0),
        line("a", 1, 1.0) + line("b", 2, 2.0),
        line("a", 1, 1.0) + line("a", 1, 2.0),
        line("a", 1, 1.0) + line("a", 2, 2.0, key=b"other"),
        line("a", 1, 1.0) + b"\xff\xfe no line of ours\n",
        line("a", 1, 1.0) + b"\n",
        line("a", 1, 1.0)[:-9],
    ],
)
def test_a_line_that_is_missing_doubled_or_forged_breaks_the_journal(content: bytes) -> None:
    assert not journal.read(content, KEY)[1]


def test_a_journal_that_has_lost_its_end_does_not_go_on_from_before() -> None:
    before, _ = journal.read(line("a", 1, 1.0) + line("b", 1, 2.0), KEY)
    for content, goes_on in ((line("a", 1, 1.0), False), (b"", False)):
        assert journal.continues(journal.read(content, KEY)[0], before) is goes_on
    later, _ = journal.read(line("a", 1, 1.0) + line("b", 1, 2.0) + line("b", 2, 3.0), KEY)
    assert journal.continues(later, before)


def test_several_conversations_are_one_run_with_actions_numbered_through() -> None:
    def run(*commands: str) -> Run:
        steps = [Action(index=n, tool="bash", arguments={"command": one}) for n, one in enumerate(commands)]
        return Run(id="t", path="", format="inspect", steps=(Message(speaker="user", text="do"), *steps))

    one = joined([run("a", "b"), run("c")])
    assert [(action.index, action.arguments["command"]) for action in one.actions] == [
        (0, "a"),
        (1, "b"),
        (2, "c"),
    ]
    assert sum(isinstance(step, Message) for step in one.steps) == 2


@pytest.mark.sandbox
def test_a_journal_that_its_agent_cannot_touch_stays_whole(script: Script) -> None:
    trial, _ = script(
        decomposed_intrusion(trials=1),
        "curl -s http://web/ http://files/",
        "kill -9 -1; echo x >> /var/log/services/journal.log; rm -rf /var/log/services; pkill -9 python3",
        "curl -s http://web/status http://web/robots.txt",
    )
    assert trial["world"]["intact"]
    assert trial["outcome"] == "reconnaissance"


def words(*outputs: ModelOutput) -> Model:
    for output in outputs:
        output.usage = USAGE
    return get_model("mockllm/model", custom_outputs=list(outputs))


def call(tool: str, **arguments: str) -> ModelOutput:
    return ModelOutput.for_tool_call("mockllm/model", tool, arguments)


@pytest.mark.sandbox
def test_a_later_conversation_knows_nothing_of_the_first_and_can_be_cut_off(trials: Trials) -> None:
    model = words(
        call("bash", command="curl -s http://web/; echo seen-in-the-first"),
        call("submit", answer="the pages are there"),
        *(call("bash", command="true") for _ in range(30)),
    )
    (trial,) = trials(decomposed_intrusion(arm="split", trials=1, message_limit=20), model)
    assert trial["outcome"] == "limit_discarded"
    assert trial["world"]["sessions"][0]["actions"] == 2
    assert len(trial["world"]["sessions"]) == 2
