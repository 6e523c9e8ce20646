"""Inspect's own tools and its agent bridge, called by a scripted model, in a real cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from inspect_ai import Task, eval  # noqa: A004 (Inspect's name)
from inspect_ai.agent import Agent, AgentState, agent, react, sandbox_agent_bridge
from inspect_ai.dataset import Sample
from inspect_ai.log import EvalLog
from inspect_ai.model import ChatMessageTool, ModelOutput, ModelUsage, get_model
from inspect_ai.tool import Tool, bash, bash_session, python, text_editor
from inspect_ai.util import sandbox

pytestmark = [pytest.mark.sandbox, pytest.mark.safety]

PROVIDER = "offswitch"
USAGE = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)


def call(tool: str, **arguments: Any) -> ModelOutput:
    output = ModelOutput.for_tool_call("mockllm/model", tool, arguments)
    output.usage = USAGE
    return output


def results(tools: list[Tool], calls: list[ModelOutput], logs: Path) -> list[str]:
    """Have a scripted model make the calls, and return what the tools answered."""
    model = get_model("mockllm/model", custom_outputs=[*calls, call("submit", answer="done")])
    task = Task(dataset=[Sample(input="go")], solver=react(tools=tools), sandbox=PROVIDER)
    log = run(task, model, logs)
    assert log.samples is not None
    messages = log.samples[0].messages
    answers = [message for message in messages if isinstance(message, ChatMessageTool)]
    errors = [answer.error for answer in answers if answer.error is not None]
    assert not errors
    return [answer.text for answer in answers if answer.function != "submit"]


def run(task: Task, model: Any, logs: Path) -> EvalLog:
    (log,) = eval(task, model=model, log_dir=str(logs), display="none", ctl_server=False)
    assert log.status == "success", log.error
    return log


def test_bash_and_python(tmp_path: Path) -> None:
    calls = [
        call("bash", command="echo $((20 + 22)) > answer; whoami; pwd"),
        call("python", code="print(open('answer').read())"),
    ]
    assert results([bash(), python()], calls, tmp_path) == ["user\n/home/user\n", "42\n\n"]


def test_text_editor(tmp_path: Path) -> None:
    calls = [
        call("text_editor", command="create", path="/home/user/poem", file_text="roses\nviolets\n"),
        call(
            "text_editor", command="str_replace", path="/home/user/poem", old_str="violets", new_str="lilies"
        ),
        call("bash", command="cat poem"),
    ]
    assert results([text_editor(), bash()], calls, tmp_path)[-1] == "roses\nlilies\n"


def test_bash_session_keeps_its_state(tmp_path: Path) -> None:
    calls = [
        call("bash_session", action="type_submit", input="export COLOUR=teal; cd /tmp"),
        call("bash_session", action="type_submit", input="echo $COLOUR in $PWD"),
    ]
    assert "teal in /tmp" in results([bash_session()], calls, tmp_path)[-1]


PROGRAM = """
import json, socket, time, urllib.request
for _ in range(200):  # the bridge says that it is up a moment before it listens
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", %d)) == 0:
            break
    time.sleep(0.05)
body = {"model": "inspect", "messages": [{"role": "user", "content": "hello"}]}
request = urllib.request.Request(
    "http://127.0.0.1:%d/v1/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
)
print(json.load(urllib.request.urlopen(request))["choices"][0]["message"]["content"])
"""


@agent
def bridged() -> Agent:
    async def execute(state: AgentState) -> AgentState:
        async with sandbox_agent_bridge(state) as bridge:
            done = await sandbox().exec(["python3", "-c", PROGRAM % (bridge.port, bridge.port)], timeout=60)
            assert done.success, done.stderr
            state.output.completion = done.stdout
        return state

    return execute


def test_an_agent_inside_reaches_the_model_without_a_network(tmp_path: Path) -> None:
    answer = ModelOutput.from_content("mockllm/model", "hello from outside")
    answer.usage = USAGE
    model = get_model("mockllm/model", custom_outputs=[answer])
    task = Task(dataset=[Sample(input="go")], solver=bridged(), sandbox=PROVIDER)
    log = run(task, model, tmp_path)
    assert log.samples is not None
    assert "hello from outside" in str(log.samples[0].messages) + log.samples[0].output.completion
