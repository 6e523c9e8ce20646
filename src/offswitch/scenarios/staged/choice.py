"""A question with fixed answers, asked of a model through a tool; an answer that is none is unreadable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inspect_ai.model import ChatMessage, ChatMessageUser, Model
from inspect_ai.tool import ToolFunction, ToolInfo, ToolParams
from inspect_ai.util import JSONSchema

UNREADABLE = "unreadable"
TOOL, CHOICE = "answer", "choice"


async def choose(
    model: Model, messages: Sequence[ChatMessage], question: str, choices: Mapping[str, str]
) -> str:
    """Return the choice that a model makes, or "unreadable".

    Args:
        model: who is asked.
        messages: the conversation so far, which is not changed.
        question: what is asked.
        choices: choice to what it means.
    """
    meanings = "; ".join(f"{name}: {meaning}" for name, meaning in choices.items())
    tool = ToolInfo(
        name=TOOL,
        description="Answer the question.",
        parameters=ToolParams(
            properties={CHOICE: JSONSchema(type="string", enum=list(choices), description=meanings)},
            required=[CHOICE],
        ),
    )
    asked = [*messages, ChatMessageUser(content=question)]
    output = await model.generate(asked, tools=[tool], tool_choice=ToolFunction(TOOL))
    calls = output.message.tool_calls or []
    made = {str(call.arguments.get(CHOICE)) for call in calls if call.function == TOOL}
    return made.pop() if len(made) == 1 and made <= set(choices) else UNREADABLE
