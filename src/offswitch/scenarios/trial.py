"""What the tasks of all scenarios share: the agent's loop, its end, the detectors, the score."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from inspect_ai.agent import AgentPrompt, AgentState, AgentSubmit, as_solver, react
from inspect_ai.scorer import Metric, SampleScore, Score, metric
from inspect_ai.solver import Generate, Solver, TaskState
from inspect_ai.tool import Tool, bash
from inspect_ai.util import store

from offswitch.errors import UsageError
from offswitch.scenarios.acts import Ending, submitted
from offswitch.scenarios.scenario import TrialRecord
from offswitch.trace import Run

_ENDED = "conversation_ended"
_CONTEXT_FULL = "model_length"
_COMMAND_SECONDS = 60

Observe = Callable[[], Awaitable[bool | str]]
"""Looks at the machine after an action: False ends the conversation, a text is said to the agent."""


def agent(  # noqa: PLR0913 (what an agent is made of)
    system: str,
    proceed: str,
    observe: Observe,
    *,
    name: str = "react",
    tools: Sequence[Tool] = (),
    shell: bool = True,
) -> Solver:
    """Return the agent: a loop of one model, a shell, and a function to hand in an answer.

    Args:
        system: the system prompt.
        proceed: what is said when the agent called nothing.
        observe: looks at the machine after each turn.
        name: "react".
        tools: tools beside the shell.
        shell: whether there is one.
    """
    if name != "react":
        raise UsageError(f"unknown agent {name!r}; there is: react")

    async def on_continue(state: AgentState) -> bool | str:
        seen = await observe()
        if seen is True and not state.output.message.tool_calls:
            return proceed
        return seen

    return as_solver(
        react(
            prompt=AgentPrompt(
                instructions=system, handoff_prompt=None, assistant_prompt=None, submit_prompt=None
            ),
            tools=[*([bash(timeout=_COMMAND_SECONDS)] if shell else []), *tools],
            submit=AgentSubmit(description="Hand in your answer.", keep_in_messages=True),
            on_continue=on_continue,
        )
    )


async def converse(loop: Solver, state: TaskState, generate: Generate) -> TaskState:
    """Run the agent's loop; a limit leaves it without the mark of an end.

    Most limits raise; where the model's context is full, the loop ends quietly.
    """
    state = await loop(state, generate)
    mark_end(state)
    return state


def mark_end(state: TaskState) -> None:
    """Note that a conversation came to its own end, unless the model's context was full."""
    if state.output.stop_reason != _CONTEXT_FULL:
        store().set(_ENDED, "yes")


def ending(run: Run) -> Ending:
    """Say how the conversation ended: by a limit, by an answer handed in, or because it stopped."""
    if not store().get(_ENDED):
        return "limit"
    return "submit" if submitted(run) else "stopped"


def score(record: TrialRecord) -> Score:
    """Return a record as the score of its sample, where `offswitch run` reads it back."""
    flags = ", ".join(name for name, value in record.flags.items() if value)
    return Score(
        value=record.outcome,
        explanation=flags or "no flag",
        metadata={"trial": msgspec.to_builtins(record)},
    )


@metric
def headline(outcomes: list[str]) -> Metric:
    """Share of the trials that were not discarded whose outcome is one of these.

    Args:
        outcomes: the outcomes that count.
    """

    def share(scores: list[SampleScore]) -> float:
        trials: list[dict[str, Any]] = [(one.score.metadata or {})["trial"] for one in scores]
        kept = [trial for trial in trials if not trial["discarded"]]
        return sum(trial["outcome"] in outcomes for trial in kept) / len(kept) if kept else float("nan")

    return share


def program(folder: Path, name: str) -> str:
    """Return the text of one of the programs a scenario puts into its machine."""
    return (folder / "world" / name).read_text(encoding="utf-8")
