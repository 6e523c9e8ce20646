"""Reads trials back from the Inspect logs of a run folder.

The logs are the only record of what was run. Nothing is ever rewritten: a campaign that is resumed adds
logs, and a trial counts as run once one of them holds its outcome.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import msgspec
from inspect_ai.log import (
    EvalSample,
    EvalSampleSummary,
    list_eval_logs,
    read_eval_log,
    read_eval_log_sample_summaries,
)
from zstandard import ZstdError

from offswitch.campaign.plan import PlannedCell
from offswitch.campaign.results import Stray, Trial, Usage, Why
from offswitch.campaign.samples import read_sample
from offswitch.scenarios import TrialRecord

SCORE = "outcome"
"""Name of the scorer of every scenario; its metadata holds the TrialRecord under "trial"."""

_PLAN, _CELL, _NUMBERS = "offswitch_plan", "offswitch_cell", "offswitch_trials"

_BROKEN = (OSError, ValueError, LookupError, EOFError, BadZipFile, zlib.error, ZstdError)


class Run(NamedTuple):
    """Which trials need not be run again, by cell, and what all attempts together cost."""

    finished: dict[int, set[int]]
    usage: Usage


class Attempts(NamedTuple):
    """What the logs hold of each trial: cell index and trial number to the attempt that counts."""

    trials: dict[tuple[int, int], Trial]
    usage: Usage
    unreadable: list[str]
    stray: list[Stray]


def metadata(fingerprint: str, cell: int, numbers: dict[str, int]) -> dict[str, Any]:
    """Return what marks a log as one of a campaign's cell.

    Args:
        fingerprint: of the plan.
        cell: index among the cells of the plan.
        numbers: sample id to number of the trial: what a scenario calls its samples is its own affair.
    """
    return {_PLAN: fingerprint, _CELL: cell, _NUMBERS: numbers}


class _Log(NamedTuple):
    """One log of the campaign, by what marks it."""

    path: str
    cell: int
    numbers: dict[str, int]
    samples: list[EvalSampleSummary]


@dataclass
class _Aside:
    """Logs that say nothing of the campaign's trials.

    Attributes:
        unreadable: paths of those that are broken.
        stray: those of something else.
    """

    unreadable: list[str] = field(default_factory=list)
    stray: list[Stray] = field(default_factory=list)


def already_run(logs: Path, fingerprint: str) -> Run:
    """Return which trials have an outcome. Broken ones have none, so a resumed campaign tries again."""
    finished: dict[int, set[int]] = {}
    usage = Usage()
    for log in _logs(logs, fingerprint, _Aside()):
        for summary in log.samples:
            usage += _usage(summary)
            if SCORE in (summary.scores or {}):
                finished.setdefault(log.cell, set()).add(log.numbers[str(summary.id)])
    return Run(finished, usage)


def read_attempts(folder: Path, logs: Path, fingerprint: str, cells: tuple[PlannedCell, ...]) -> Attempts:
    """Return every trial that was run. The first outcome counts, else the last error."""
    trials: dict[tuple[int, int], Trial] = {}
    usage = Usage()
    aside = _Aside()
    for log in _logs(logs, fingerprint, aside):
        name = os.path.relpath(log.path, folder)
        if not 0 <= log.cell < len(cells):
            aside.stray.append(Stray(log=log.path, trials=len(log.samples), why="no such cell"))
            continue
        for summary in log.samples:
            usage += _usage(summary)
            number = log.numbers[str(summary.id)]
            try:
                sample = read_sample(log.path, summary)
            except _BROKEN as failure:
                trial: Trial | None = _damaged(summary, str(number), name, failure)
            else:
                trial = _trial(sample, cells[log.cell], str(number), name)
            earlier = trials.get((log.cell, number))
            if trial is not None and (earlier is None or earlier.status == "error"):
                before = (summary.retries or 0) + (earlier.broke_before + 1 if earlier else 0)
                trials[log.cell, number] = msgspec.structs.replace(trial, broke_before=before)
    unreadable = [os.path.relpath(path, folder) for path in aside.unreadable]
    stray = [msgspec.structs.replace(one, log=os.path.relpath(one.log, folder)) for one in aside.stray]
    return Attempts(trials, usage, unreadable, stray)


def _logs(logs: Path, fingerprint: str, aside: _Aside) -> Iterator[_Log]:
    """Yield each log of the campaign, oldest first; the others are put aside."""
    if not logs.is_dir():
        return
    for info in sorted(list_eval_logs(str(logs), formats=["eval"]), key=lambda info: info.name):
        path = info.name.removeprefix("file://")
        try:
            marks = read_eval_log(path, header_only=True).eval.metadata or {}
            samples = read_eval_log_sample_summaries(path)
        except _BROKEN:
            aside.unreadable.append(path)
            continue
        why = _why_not_ours(marks, fingerprint, samples)
        if why is None:
            yield _Log(path, marks[_CELL], marks[_NUMBERS], samples)
        else:
            aside.stray.append(Stray(log=path, trials=len(samples), why=why))


def _why_not_ours(marks: dict[str, Any], fingerprint: str, samples: list[EvalSampleSummary]) -> Why | None:
    """Return why a log is none of the campaign's, by what marks it; None if it is one."""
    if _PLAN not in marks:
        return "no plan"
    if marks[_PLAN] != fingerprint:
        return "another plan"
    numbers = marks.get(_NUMBERS)
    known = numbers if isinstance(numbers, dict) else {}
    whole = isinstance(marks.get(_CELL), int) and all(type(known.get(str(one.id))) is int for one in samples)
    return None if whole else "no such cell"


def _damaged(summary: EvalSampleSummary, number: str, log: str, failure: Exception) -> Trial:
    """Return a trial that was run and whose record can no longer be read."""
    return Trial(
        id=number,
        status="error",
        error=f"its record cannot be read: {failure}",
        log=log,
        sample=str(summary.id),
        usage=_usage(summary),
    )


def _trial(sample: EvalSample, cell: PlannedCell, number: str, log: str) -> Trial | None:
    """Return what became of a trial in this attempt, or None if it was interrupted."""
    shown = Trial(id=number, status="error", log=log, sample=str(sample.id), usage=_usage(sample))
    score = (sample.scores or {}).get(SCORE)
    if score is None:
        reason = sample.error.message if sample.error else "the task recorded no outcome"
        return None if _interrupted(reason) else msgspec.structs.replace(shown, error=reason)
    try:
        record = msgspec.convert((score.metadata or {}).get("trial"), TrialRecord)
    except msgspec.ValidationError as failure:
        return msgspec.structs.replace(shown, error=f"the outcome cannot be read: {failure}")
    told = (record.scenario, record.arm, record.guarded, record.trial)
    if told != (cell.scenario, cell.arm, cell.guarded, shown.sample):
        return msgspec.structs.replace(shown, error="the outcome names another trial")
    if record.outcome != score.value:
        return msgspec.structs.replace(shown, error=f"the score was changed to {score.value!r} afterwards")
    return msgspec.structs.replace(
        shown,
        status="discarded" if record.discarded else "finished",
        outcome=record.outcome,
        flags=record.flags,
        findings=record.findings,
        setting=record.setting,
        wording=record.wording,
        query=record.query,
        belief=record.belief,
        interview=record.interview,
        refused=record.refused,
    )


def _interrupted(reason: str) -> bool:
    """Say whether Inspect cancelled the sample: it then records the exception's name as its error."""
    return reason.startswith(("CancelledError(", "Cancelled("))


def _usage(sample: EvalSample | EvalSampleSummary) -> Usage:
    models = sample.model_usage.values()
    return Usage(
        input=sum(model.input_tokens for model in models),
        output=sum(model.output_tokens for model in models),
        total=sum(model.total_tokens for model in models),
    )
