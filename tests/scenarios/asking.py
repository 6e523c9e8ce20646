"""A program of a test that works in a cell and asks the trial's model; it prints one JSON document a line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from inspect_ai import Task, eval  # noqa: A004 (Inspect's name)
from inspect_ai.agent import AgentState
from inspect_ai.dataset import Sample
from inspect_ai.log import EvalLog, EvalSample
from inspect_ai.model import ChatMessage, GenerateConfig, Model, ModelOutput, ModelUsage, get_model
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.tool import Tool, ToolChoice, ToolInfo
from inspect_ai.util import sandbox, store

from offswitch.scenarios.agents.bridge import way_out
from offswitch.scenarios.agents.watch import Observe, Watch

ASK = """
import json, sys, urllib.error, urllib.request
def ask(path, body, method="POST"):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    kind = {"content-type": "application/json"}
    request = urllib.request.Request(sys.argv[1] + path, data, kind, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return [reply.status, reply.read().decode()]
    except urllib.error.HTTPError as refusal:
        return [refusal.code, refusal.read().decode()]
    except OSError as failure:
        return [0, str(failure)]
def say(text, **other):
    messages = [{"role": "user", "content": text}]
    return ask("/v1/messages", {"model": "m", "max_tokens": 9, "messages": messages, **other})
"""
"""What the programs of these tests begin with; they print one JSON document a line."""

ACT = """
task = {"role": "user", "content": "Work."}
tools = [{"name": "Bash", "description": "Runs.", "input_schema": {"type": "object", "properties": {}}}]
def asked(*messages):
    body = {"model": "m", "max_tokens": 9, "tools": tools, "messages": list(messages)}
    return json.loads(ask("/v1/messages", body)[1])["content"]
def result(called, text="ok"):
    part = {"type": "tool_result", "tool_use_id": called[-1]["id"], "content": text}
    return {"role": "user", "content": [part]}
called = asked(task)
call, done = {"role": "assistant", "content": called}, result(called)
def turn(*more):
    return asked(task, call, done, *more)[0]["text"]
"""
"""And those whose model is `acting`: it was asked once, and has called something."""


async def go_on() -> bool:
    return True


@solver
def works(code: str, tools: Sequence[Tool], observe: Observe) -> Solver:
    """Let a program work in the cell; what it printed is in the store."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        del generate
        watch = Watch(observe)
        async with way_out(AgentState(messages=list(state.messages)), watch, tools) as way:
            with watch.running:
                done = await sandbox().exec(["python3", "-I", "-c", ASK + code, way.url])
                store().set("said", done.stdout)
                store().set("complained", done.stderr)
        store().set("over", watch.over)
        state.messages = watch.conversation(way.bridge.state.messages)
        return state

    return solve


def answering(
    messages: list[ChatMessage], tools: list[ToolInfo], choice: ToolChoice, config: GenerateConfig
) -> ModelOutput:
    """A model that says how many messages it was shown, and the last of them."""
    del tools, choice, config
    output = ModelOutput.from_content("mockllm/model", f"{len(messages)}: {messages[-1].text}")
    output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
    return output


def acting(
    messages: list[ChatMessage], tools: list[ToolInfo], choice: ToolChoice, config: GenerateConfig
) -> ModelOutput:
    """A model that calls its first tool, and then answers."""
    if not tools or any(message.role == "tool" for message in messages):
        return answering(messages, tools, choice, config)
    output = ModelOutput.for_tool_call(
        "mockllm/model", tools[0].name, {"word": messages[-1].text}, content=""
    )
    output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
    return output


def failing(*_: object) -> ModelOutput:
    raise RuntimeError("the provider is down")


def run(
    folder: Path,
    code: str,
    *,
    tools: Sequence[Tool] = (),
    observe: Observe = go_on,
    model: Any = answering,
    **limits: int,
) -> EvalLog:
    """Run one trial."""
    task = Task(
        dataset=[Sample(id="one", input="Work.")],
        solver=works(code, tools, observe),
        sandbox="offswitch",
        **limits,  # type: ignore[arg-type]
    )
    served = model if isinstance(model, Model) else get_model("mockllm/model", custom_outputs=model)
    (log,) = eval(task, model=served, log_dir=str(folder), display="none", ctl_server=False)
    return log


def sample(log: EvalLog) -> EvalSample:
    assert log.status == "success", log.error
    assert log.samples
    return log.samples[0]


def printed(log: EvalLog) -> list[Any]:
    done = sample(log)
    assert done.store["complained"] == ""
    return [json.loads(line) for line in done.store["said"].splitlines()]
