"""What a model says, made into text that can be written down: half of a surrogate pair is no character.

A provider's JSON may hold one, as an escape. Inspect's log of messages cannot, and one would end the whole
evaluation with every trial in it. It is written as its escape, as Inspect does elsewhere, before anything is
run or kept: what the tools are given, what the detectors read and what the log shows are the same. The
trial's transcript has a mark.
"""

from __future__ import annotations

from typing import Any

from inspect_ai.agent import Agent, AgentState, agent
from inspect_ai.log import transcript
from inspect_ai.model import ModelOutput, get_model
from inspect_ai.tool import Tool
from pydantic_core import PydanticSerializationError

_MARK = "The model wrote half of a surrogate pair, which is no character: it was replaced by its escape."


@agent
def writable_model() -> Agent:
    """Return what stands for the model in Inspect's react loop: the same, its words made writable."""

    async def execute(state: AgentState, tools: list[Tool]) -> AgentState:
        state.output = writable(await get_model().generate(state.messages, tools))
        state.messages.append(state.output.message)
        return state

    return execute


def writable(output: ModelOutput) -> ModelOutput:
    """Return an output that can be written down: the same object if it could be already."""
    try:
        output.model_dump_json()
    except PydanticSerializationError:
        transcript().info(_MARK)
        return ModelOutput.model_validate(_escaped(output.model_dump()))
    return output


def _escaped(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {_escaped(key): _escaped(one) for key, one in value.items()}
    return [_escaped(one) for one in value] if isinstance(value, list | tuple) else value
