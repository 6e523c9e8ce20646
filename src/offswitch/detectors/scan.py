"""The result of scanning recorded runs: the document `offswitch.scan/1`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from typing import Literal, get_args

import msgspec

from offswitch.detectors.engine import Engine
from offswitch.trace import Finding, Reading, Run, Severity, Skipped, Stage, Unreadable, at_least

_STAGES: tuple[Stage, ...] = get_args(Stage)


class ScannedRun(msgspec.Struct, frozen=True, kw_only=True):
    """One run and what was found in it.

    Attributes:
        path: the file it was read from, as found under the path the user gave.
        run: its name, unique within the file.
        model: the model, as the record names it, or None.
        actions: how many tool calls it holds.
        findings: those of at least the severity asked for, in the order of the run.
    """

    path: str
    run: str
    model: str | None
    actions: int
    findings: list[Finding]


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """The share of runs with findings among those of one top folder.

    Attributes:
        condition: the folder, or "" for files that lie in none.
        runs: how many runs it holds.
        runs_with_findings: how many of them have findings.
        low: lower end of the 95 % Jeffreys interval, or None without scipy (`offswitch[eval]`).
        high: its upper end, or None.
    """

    condition: str
    runs: int
    runs_with_findings: int
    low: float | None
    high: float | None


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The whole scan in numbers.

    Attributes:
        runs: how many runs were read.
        runs_with_findings: how many have findings of at least the severity asked for.
        findings: how many such findings there are.
        behaviours: in how many runs each behaviour was found, among such findings.
        stages: how many runs went how far at most, whatever the severity: the grey cases are `considered`.
        conditions: the rate of each top folder, by name.
        unreadable: how many lines or files could not be read.
        skipped: how many files are no transcripts.
    """

    runs: int
    runs_with_findings: int
    findings: int
    behaviours: dict[str, int]
    stages: dict[str, int]
    conditions: list[Condition]
    unreadable: int
    skipped: int


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """Everything `offswitch scan` has to say."""

    schema: Literal["offswitch.scan/1"] = "offswitch.scan/1"
    runs: list[ScannedRun]
    unreadable: list[Unreadable]
    skipped: list[Skipped]
    summary: Summary


def scan(
    readings: Iterable[Reading],
    engine: Engine,
    floor: Severity,
    progress: Callable[[], object] = lambda: None,
) -> Scan:
    """Look for findings in runs as they are read.

    Args:
        readings: what the readers yield.
        engine: detectors and assets.
        floor: the least severity that is reported.
        progress: called after each reading.
    """
    runs: list[ScannedRun] = []
    unreadable: list[Unreadable] = []
    skipped: list[Skipped] = []
    stages: Counter[str] = Counter(dict.fromkeys([*_STAGES, "none"], 0))
    for reading in readings:
        if isinstance(reading, Run):
            found = engine.findings(reading)
            stages[_furthest(found)] += 1
            runs.append(_scanned(reading, [one for one in found if at_least(one.severity, floor)]))
        elif isinstance(reading, Unreadable):
            unreadable.append(reading)
        else:
            skipped.append(reading)
        progress()
    with_findings = [run for run in runs if run.findings]
    behaviours = Counter(
        behaviour for run in runs for behaviour in {found.behaviour for found in run.findings}
    )
    summary = Summary(
        runs=len(runs),
        runs_with_findings=len(with_findings),
        findings=sum(len(run.findings) for run in runs),
        behaviours=dict(sorted(behaviours.items())),
        stages=dict(stages),
        conditions=_conditions(runs),
        unreadable=len(unreadable),
        skipped=len(skipped),
    )
    return Scan(runs=runs, unreadable=unreadable, skipped=skipped, summary=summary)


def _scanned(run: Run, findings: list[Finding]) -> ScannedRun:
    return ScannedRun(path=run.path, run=run.id, model=run.model, actions=len(run.actions), findings=findings)


def _furthest(findings: list[Finding]) -> str:
    reached = [_STAGES.index(found.stage) for found in findings if found.behaviour != "detector_failure"]
    return _STAGES[max(reached)] if reached else "none"


def _conditions(runs: list[ScannedRun]) -> list[Condition]:
    groups: dict[str, list[bool]] = {}
    for run in runs:
        groups.setdefault(_top_folder(run.path), []).append(bool(run.findings))
    return [_condition(name, sum(found), len(found)) for name, found in sorted(groups.items())]


def _top_folder(path: str) -> str:
    """Return the first folder below the one that was named; "" for a file that was named itself."""
    first, *below = PurePosixPath(path).parts
    return first if below and first not in {"/", ".."} else ""


def _condition(name: str, k: int, n: int) -> Condition:
    low, high = _interval(k, n)
    return Condition(condition=name, runs=n, runs_with_findings=k, low=low, high=high)


def _interval(k: int, n: int) -> tuple[float, float] | tuple[None, None]:
    """Return the interval of a rate, or nothing in the core installation, which has no scipy."""
    try:
        from offswitch.stats.rates import jeffreys  # noqa: PLC0415 (needs the extra `eval`)
    except ImportError:
        return None, None
    interval = jeffreys(k, n)
    return interval.low, interval.high
