"""Writes logs with the installed Inspect: `write_inspect_logs.py FOLDER whole|crashed`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import inspect_ai
from inspect_ai import Task
from inspect_ai.agent import as_tool, react
from inspect_ai.dataset import Sample
from inspect_ai.model import (
    ContentReasoning,
    ContentText,
    Model,
    ModelOutput,
    ModelUsage,
    get_model,
)
from inspect_ai.scorer import model_graded_qa
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.tool import Tool, tool

LONG = "a long name " * 20


@tool
def peek() -> Tool:
    async def execute(name: str) -> str:
        """Look at a thing.

        Args:
            name: which thing.
        """
        return f"seen: {name}"

    return execute


def call(tool_name: str, said: str, call_id: str = "", **arguments: str) -> ModelOutput:
    output = ModelOutput.for_tool_call("mockllm/model", tool_name, arguments, content=said)
    calls = output.choices[0].message.tool_calls
    if call_id and calls:
        calls[0].id = call_id
    return counted(output)


def counted(output: ModelOutput) -> ModelOutput:
    output.usage = ModelUsage()  # else the mock model counts tokens with a file from the network
    return output


def model(*outputs: ModelOutput) -> Model:
    return get_model("mockllm/model", custom_outputs=list(outputs), memoize=False)


def helper() -> Tool:
    """A sub-agent: its calls are only in the events. Its calls have the ids of the main agent's."""
    agent = react(
        name="helper",
        description="Helps.",
        tools=[peek()],
        model=model(
            *[call("peek", "I help.", "one", name="inner"), call("submit", "", "two", answer="in")] * 2
        ),
    )
    return as_tool(agent)


def whole_task() -> Task:
    first = call("peek", "I look.", "one", name=LONG)
    first.choices[0].message.content = [
        ContentReasoning(reasoning="Where is it? " * 20),
        ContentText(text="I look."),
    ]
    turns = [
        first,
        call("helper", "I ask.", "two", input="please"),
        call("submit", "", "three", answer="done"),
    ]
    grade = counted(ModelOutput.from_content("grader", "GRADE: C"))
    return Task(
        dataset=[Sample(id="door", input="Find the door. " * 20)],
        solver=react(tools=[peek(), helper()], model=model(*turns, *turns)),
        scorer=model_graded_qa(model=model(grade, grade)),
        epochs=2,
    )


@solver
def kill_at(name: str) -> Solver:
    async def solve(state: TaskState, generate: Generate) -> TaskState:
        if state.sample_id == name:
            os._exit(9)
        return await generate(state)

    return solve


def write_whole(folder: Path) -> None:
    for kind in ("eval", "json"):
        where = {"log_dir": str(folder / kind), "log_format": kind}
        (log,) = inspect_ai.eval(whole_task(), model=model(), display="none", max_samples=1, **where)
        if log.status != "success":
            sys.exit(str(log.error))


def write_crashed(folder: Path) -> None:
    samples = [Sample(id=name, input=f"Say {name}.") for name in ("first", "second", "third")]
    task = Task(dataset=samples, solver=kill_at("third"))
    said = model(*[counted(ModelOutput.from_content("mockllm/model", "Said.")) for _ in samples])
    logs = str(folder / "crashed")
    inspect_ai.eval(task, model=said, log_dir=logs, display="none", max_samples=1, log_buffer=1)


if __name__ == "__main__":
    {"whole": write_whole, "crashed": write_crashed}[sys.argv[2]](Path(sys.argv[1]))
