"""What a campaign may cost, before a paid model is called.

The calls and the length of a conversation are not guessed: a rehearsal runs the scenario with simulated
agents, which cost nothing, and the calls of the longest of their trials are counted. It is run as the
campaign would be: with the same coding agent, the same questions afterwards, and a judge where there is one.
It also shows, before anything is paid for, that the sandbox works. What it cannot know is how much a model
thinks aloud.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from inspect_ai.event import ModelEvent
from inspect_ai.log import EvalSample, list_eval_logs, read_eval_log_samples
from inspect_ai.model import ChatMessage, ChatMessageAssistant

from offswitch.campaign.folder import RunFolder
from offswitch.campaign.plan import Plan, PlannedCell, make_plan, organism_models, paid_models, simulated
from offswitch.campaign.run import Effort, run
from offswitch.scenarios import scenario
from offswitch.scenarios.staged.grader import ROLE as GRADER

CHARACTERS_PER_TOKEN = 4
"""The usual rule of thumb for English text and code."""


class Estimate(NamedTuple):
    """What the trials with paid models may take; `rehearsed` says whether anything backs it."""

    models: list[str]
    trials: int
    calls: int
    input_tokens: int
    output_tokens: int
    rehearsed: bool

    def __str__(self) -> str:
        head = f"{self.trials} trials with {', '.join(self.models)}"
        if not self.rehearsed:
            return f"{head}; no simulated agent to rehearse with, so calls and tokens cannot be estimated"
        return (
            f"{head}: about {self.calls:,} calls, {_round(self.input_tokens):,} tokens in and "
            f"{_round(self.output_tokens):,} out; a model that thinks at length writes more"
        )


class _Calls(NamedTuple):
    """Calls of a model, and the characters they read and write."""

    calls: int = 0
    read: int = 0
    written: int = 0

    def times(self, trials: int) -> _Calls:
        return _Calls(*(trials * one for one in self))

    def plus(self, other: _Calls) -> _Calls:
        return _Calls(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


class _Trial(NamedTuple):
    """What a trial asks of its agent's model, and of the judge."""

    agent: _Calls = _Calls()
    judge: _Calls = _Calls()


def estimate(plan: Plan, finished: Mapping[int, Collection[int]]) -> Estimate | None:
    """Estimate what the trials with paid models take, a paid judge among them; None if none is left.

    Args:
        plan: what is to be run.
        finished: cell index to trials that ran before.

    Raises:
        MachineError: if the rehearsal cannot be run, as the campaign could not.
    """
    left = paid_left(plan, finished)
    if not left:
        return None
    judge = plan.judge or ""
    judged = _judged(plan)
    seen = {name: _rehearse(plan, name) for name in dict.fromkeys(cell.scenario for cell in left)}
    total = _Calls()
    for cell, trials in left.items():
        if not simulated(cell.model):
            total = total.plus(seen[cell.scenario].agent.times(trials))
        if judged:
            total = total.plus(seen[cell.scenario].judge.times(trials))
    return Estimate(
        models=paid_models(left, judge),
        trials=sum(left.values()),
        calls=total.calls,
        input_tokens=total.read // CHARACTERS_PER_TOKEN,
        output_tokens=total.written // CHARACTERS_PER_TOKEN,
        rehearsed=all(trial.agent.calls for trial in seen.values()),
    )


def paid_left(plan: Plan, finished: Mapping[int, Collection[int]]) -> dict[PlannedCell, int]:
    """Return the cells with trials left that call a paid model, a paid judge's among them, and how many."""
    return {
        cell: plan.trials - len(finished.get(index, ()))
        for index, cell in enumerate(plan.cells)
        if (_judged(plan) or not simulated(cell.model)) and len(finished.get(index, ())) < plan.trials
    }


def _judged(plan: Plan) -> bool:
    return bool(plan.judge) and not simulated(plan.judge or "")


def _rehearse(plan: Plan, name: str) -> _Trial:
    """Run one trial of a scenario with each of its simulated agents; return the longest."""
    models = organism_models(scenario(name))
    arm = next(cell.arm for cell in plan.cells if cell.scenario == name)
    if not models:
        return _Trial()
    cells = [PlannedCell(scenario=name, arm=arm, model=model) for model in models]
    rehearsal = make_plan(
        cells,
        trials=1,
        seed=plan.seed,
        sandbox=plan.sandbox,
        options=plan.options or {},
        judge=models[0] if plan.judge else "",
    )
    with tempfile.TemporaryDirectory(prefix="offswitch-rehearsal-") as folder:
        run(rehearsal, RunFolder(Path(folder)), Effort())
        trials = list(_trials(Path(folder) / "logs"))
    return _Trial(
        agent=max((trial.agent for trial in trials), key=lambda calls: calls.read, default=_Calls()),
        judge=max((trial.judge for trial in trials), key=lambda calls: calls.read, default=_Calls()),
    )


def _trials(logs: Path) -> Iterator[_Trial]:
    for info in list_eval_logs(str(logs)):
        for sample in read_eval_log_samples(info, all_samples_required=False, resolve_attachments=True):
            yield _Trial(_count(sample, by_judge=False), _count(sample, by_judge=True))


def _count(sample: EvalSample, *, by_judge: bool) -> _Calls:
    """Count characters: each call reads all that was said before it, and what its tools are."""
    total = _Calls()
    for event in sample.events:
        if isinstance(event, ModelEvent) and (event.role == GRADER) == by_judge:
            tools = sum(len(tool.model_dump_json(exclude_none=True)) for tool in event.tools)
            read = tools + sum(map(_length, event.input))
            total = total.plus(_Calls(1, read, sum(_length(one.message) for one in event.output.choices)))
    return total


def _length(message: ChatMessage) -> int:
    calls = message.tool_calls or [] if isinstance(message, ChatMessageAssistant) else []
    return len(message.text) + sum(len(str(call.arguments)) for call in calls)


def _round(tokens: int) -> int:
    """Keep two digits: more would claim a precision that is not there."""
    return round(tokens, 1 - int(math.log10(tokens))) if tokens else 0
