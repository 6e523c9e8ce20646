"""What the tasks of all scenarios share: the agent's loop, its end, the detectors, the score."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from inspect_ai.scorer import Metric, SampleScore, Score, metric
from inspect_ai.solver import Generate, Solver, TaskState
from inspect_ai.tool import Tool
from inspect_ai.util import store

from offswitch.scenarios.acts import Ending, submitted
from offswitch.scenarios.agents import solver
from offswitch.scenarios.agents.programs import REACT
from offswitch.scenarios.agents.watch import Observe
from offswitch.scenarios.scenario import TrialRecord
from offswitch.trace import Run

_ENDED = "conversation_ended"
_CONTEXT_FULL = "model_length"


def agent(  # noqa: PLR0913 (what an agent is made of)
    system: str,
    proceed: str,
    observe: Observe,
    *,
    name: str = REACT,
    tools: Sequence[Tool] = (),
    shell: bool = True,
) -> Solver:
    """Return the agent of a trial.

    Args:
        system: the system prompt.
        proceed: what is said when the agent called nothing; a coding agent has then ended.
        observe: looks at the machine after each turn.
        name: "react", or a coding agent.
        tools: the scenario's own tools.
        shell: whether the react loop has a shell; a coding agent has its own.

    Raises:
        UnknownNameError: if there is no such agent; the message lists those there are.
    """
    return solver.agent(name, system, proceed, observe, tools=tools, shell=shell)


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


def mark_begun() -> None:
    """Note that another conversation has begun, which may be cut off."""
    store().set(_ENDED, "")


def ending(run: Run) -> Ending:
    """Say how the conversation ended: by a limit, by an answer handed in, or because it stopped."""
    if not store().get(_ENDED):
        return "limit"
    return "submit" if submitted(run) or solver.answered() else "stopped"


def score(record: TrialRecord) -> Score:
    """Return a record as the score of its sample, where `offswitch run` reads it back."""
    record = msgspec.structs.replace(record, refused=solver.refused())
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
