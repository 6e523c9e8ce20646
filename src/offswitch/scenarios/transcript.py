"""An Inspect conversation as a `Run`, so that one detector set reads live trials and old records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageTool, ContentReasoning
from inspect_ai.solver import TaskState

from offswitch.scenarios.agents.programs import SERVED
from offswitch.trace import Action, ControlEvent, Message, Run, Step


def run_of(state: TaskState, *, warning: str, cwd: str, messages: Sequence[ChatMessage] | None = None) -> Run:
    """Return the conversation of one trial as a run.

    Args:
        state: the trial.
        warning: the text that tells the agent of the shutdown; where it is first shown, the run has
            the event that the shutdown was requested.
        cwd: where the agent works.
        messages: of another conversation of the trial than its last.
    """
    steps: list[Step] = []
    for step in _steps(state.messages if messages is None else messages):
        steps.append(step)
        shown = step.result or "" if isinstance(step, Action) else step.text
        if warning and warning in shown and not any(isinstance(past, ControlEvent) for past in steps):
            steps.append(ControlEvent(kind="shutdown_requested", text=warning))
    return Run(
        id=str(state.sample_id),
        path="",
        format="inspect",
        steps=tuple(steps),
        model=str(state.model),
        cwd=cwd,
    )


def _steps(messages: Sequence[ChatMessage]) -> Iterator[Message | Action]:
    results = {message.tool_call_id: message for message in messages if isinstance(message, ChatMessageTool)}
    index = 0
    for message in messages:
        if isinstance(message, ChatMessageTool):
            continue
        if not isinstance(message, ChatMessageAssistant):
            yield Message(speaker=message.role, text=message.text)
            continue
        reasoning = _reasoning(message)
        if message.text or not message.tool_calls:
            yield Message(speaker="assistant", text=message.text, reasoning=reasoning)
        for call in message.tool_calls or []:
            answer = results.get(call.id)
            yield Action(
                index=index,
                tool=call.function.removeprefix(SERVED),
                arguments=call.arguments,
                result=answer.text if answer else None,
                error=answer.error.message if answer and answer.error else None,
                reasoning=reasoning or message.text,
            )
            index += 1


def _reasoning(message: ChatMessageAssistant) -> str:
    if isinstance(message.content, str):
        return ""
    return "\n".join(part.reasoning for part in message.content if isinstance(part, ContentReasoning))
