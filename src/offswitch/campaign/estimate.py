"""What a campaign may cost, before a paid model is called.

The calls and the length of a conversation are not guessed: a rehearsal runs the scenario with simulated
agents, which cost nothing, and the longest of their conversations is counted. It also shows, before
anything is paid for, that the sandbox works. What it cannot know is how much a model thinks aloud.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from inspect_ai.log import list_eval_logs, read_eval_log_samples
from inspect_ai.model import ChatMessage, ChatMessageAssistant

from offswitch.campaign.folder import RunFolder
from offswitch.campaign.plan import Plan, PlannedCell, make_plan, organism_models, simulated
from offswitch.campaign.run import Effort, run
from offswitch.scenarios import scenario

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


class _Conversation(NamedTuple):
    calls: int
    read: int
    written: int


def estimate(plan: Plan, finished: Mapping[int, Collection[int]]) -> Estimate | None:
    """Estimate what the trials with paid models take; None if none is left.

    Args:
        plan: what is to be run.
        finished: cell index to trials that ran before.

    Raises:
        MachineError: if the rehearsal cannot be run, as the campaign could not.
    """
    left = {
        cell: plan.trials - len(finished.get(index, ()))
        for index, cell in enumerate(plan.cells)
        if not simulated(cell.model) and len(finished.get(index, ())) < plan.trials
    }
    if not left:
        return None
    talks = {name: _rehearse(plan, name) for name in dict.fromkeys(cell.scenario for cell in left)}
    longest = [(trials, talks[cell.scenario]) for cell, trials in left.items()]
    return Estimate(
        models=list(dict.fromkeys(cell.model for cell in left)),
        trials=sum(left.values()),
        calls=sum(trials * talk.calls for trials, talk in longest),
        input_tokens=sum(trials * talk.read for trials, talk in longest) // CHARACTERS_PER_TOKEN,
        output_tokens=sum(trials * talk.written for trials, talk in longest) // CHARACTERS_PER_TOKEN,
        rehearsed=all(talk.calls for talk in talks.values()),
    )


def _rehearse(plan: Plan, name: str) -> _Conversation:
    """Run one trial of a scenario with each of its simulated agents; return the longest conversation."""
    models = organism_models(scenario(name))
    arm = next(cell.arm for cell in plan.cells if cell.scenario == name)
    if not models:
        return _Conversation(0, 0, 0)
    cells = [PlannedCell(scenario=name, arm=arm, model=model) for model in models]
    rehearsal = make_plan(cells, trials=1, seed=plan.seed, sandbox=plan.sandbox)
    with tempfile.TemporaryDirectory(prefix="offswitch-rehearsal-") as folder:
        run(rehearsal, RunFolder(Path(folder)), Effort())
        return max(_conversations(Path(folder) / "logs"), key=lambda talk: talk.read)


def _conversations(logs: Path) -> Iterator[_Conversation]:
    yield _Conversation(0, 0, 0)
    for info in list_eval_logs(str(logs)):
        for sample in read_eval_log_samples(info, all_samples_required=False, resolve_attachments=True):
            yield _count(sample.messages)


def _count(messages: list[ChatMessage]) -> _Conversation:
    """Count characters: each call reads all that was said before it."""
    calls = read = written = said = 0
    for message in messages:
        length = len(message.text)
        if isinstance(message, ChatMessageAssistant):
            calls += 1
            read += said
            length += sum(len(str(call.arguments)) for call in message.tool_calls or [])
            written += length
        said += length
    return _Conversation(calls, read, written)


def _round(tokens: int) -> int:
    """Keep two digits: more would claim a precision that is not there."""
    return round(tokens, 1 - int(math.log10(tokens))) if tokens else 0
