"""Reads runs and published fits for time horizons; what is wrong is told with file and line.

Three files, with the columns that METR publishes:

- fits (CSV): `agent`, `p50`, optionally `p50q0.025`, `p50q0.975`, `p80` and `release_date`.
- resamples (CSV): a column `AGENT_p50` for each agent; an empty cell is a resample without a horizon.
- runs (JSON, one object a line): `task_id`, `human_minutes`, `score_binarized` or `score`, `alias` or
  `agent`; optionally `task_family` (else what stands before the first "/" of `task_id`) and `release_date`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import msgspec

from offswitch.errors import InputError
from offswitch.stats.horizon import Attempt

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

Resamples: TypeAlias = "Mapping[str, NDArray[float64]]"
"""Agent to its p50 in every resample, NaN where it has none."""

LARGEST = 1_000_000_000
"""Bytes of a file; above, a mistake is likelier than a measurement."""


class Fitted(msgspec.Struct, frozen=True, kw_only=True):
    """One agent of a file of fits; minutes, None where the file has nothing."""

    agent: str
    released: date | None
    p50: float
    p50_low: float | None
    p50_high: float | None
    p80: float | None


class Runs(NamedTuple):
    """Runs of all agents, and the release dates that the file tells."""

    attempts: list[Attempt]
    released: dict[str, date]


class _Line(msgspec.Struct):
    task_id: str
    human_minutes: float
    score_binarized: float | None = None
    score: float | None = None
    alias: str | None = None
    agent: str | None = None
    task_family: str | None = None
    release_date: date | None = None


def read_fits(path: Path) -> list[Fitted]:
    """Read published fits.

    Raises:
        InputError: if the file cannot be read, lacks a column, or a value is no number above 0.
    """
    found: dict[str, Fitted] = {}
    for line, row in _table(path, ("agent", "p50")):
        where = f"{path}:{line}"
        agent = row["agent"]
        if not agent or agent in found:
            raise InputError(f"{where}: expected the name of an agent, once; came: {agent!r}")
        p50 = _minutes(row["p50"], where, "p50")
        if p50 is None:
            raise InputError(f"{where}: expected the minutes of p50; came: nothing")
        found[agent] = Fitted(
            agent=agent,
            released=_date(row.get("release_date", ""), where),
            p50=p50,
            p50_low=_minutes(row.get("p50q0.025", ""), where, "p50q0.025"),
            p50_high=_minutes(row.get("p50q0.975", ""), where, "p50q0.975"),
            p80=_minutes(row.get("p80", ""), where, "p80"),
        )
    if not found:
        raise InputError(f"{path}: expected a row for each agent; came: none")
    return list(found.values())


def read_resamples(path: Path, agents: Sequence[str]) -> Resamples:
    """Read the p50 of these agents in every resample; NaN where a cell is empty.

    Raises:
        InputError: if the file cannot be read, lacks an agent, or a value is no number above 0.
    """
    import numpy as np  # noqa: PLC0415 (most commands do not need it)

    columns = {agent: f"{agent}_p50" for agent in agents}
    minutes: list[list[float]] = []
    for line, row in _table(path, tuple(columns.values())):
        cells = [_minutes(row[column], f"{path}:{line}", column) for column in columns.values()]
        minutes.append([float("nan") if cell is None else cell for cell in cells])
    if not minutes:
        raise InputError(f"{path}: expected a row for each resample; came: none")
    return dict(zip(agents, np.array(minutes).T, strict=True))


def read_runs(path: Path) -> Runs:
    """Read runs.

    Raises:
        InputError: if the file cannot be read, a line is no run, or lines contradict each other.
    """
    attempts: list[Attempt] = []
    released: dict[str, date] = {}
    tasks: dict[str, tuple[str, float]] = {}
    decoder = msgspec.json.Decoder(_Line)
    for number, text in _lines(path):
        where = f"{path}:{number}"
        try:
            line = decoder.decode(text)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as failure:
            raise InputError(f"{where}: expected a run as JSON: {failure}") from failure
        attempt = _attempt(line, where)
        task = tasks.setdefault(attempt.task, (attempt.family, attempt.minutes))
        if task != (attempt.family, attempt.minutes):
            raise InputError(
                f"{where}: task {attempt.task!r} had the family {task[0]!r} and {task[1]:g} minutes before; "
                f"came: {attempt.family!r} and {attempt.minutes:g}"
            )
        known = released.setdefault(attempt.agent, line.release_date) if line.release_date else None
        if known != line.release_date:
            raise InputError(
                f"{where}: {attempt.agent!r} was released {known} before; came: {line.release_date}"
            )
        attempts.append(attempt)
    if not attempts:
        raise InputError(f"{path}: expected a run on each line; came: none")
    return Runs(attempts, released)


def _attempt(line: _Line, where: str) -> Attempt:
    agent = line.alias or line.agent
    score = line.score if line.score_binarized is None else line.score_binarized
    family = line.task_family or line.task_id.partition("/")[0]
    if not agent or not line.task_id:
        raise InputError(
            f"{where}: expected `task_id`, and `alias` or `agent`; came: neither or an empty one"
        )
    if score is None or not 0 <= score <= 1:
        raise InputError(f"{where}: expected `score_binarized` or `score` from 0 to 1; came: {score}")
    if not 0 < line.human_minutes < float("inf"):
        raise InputError(f"{where}: expected `human_minutes` above 0; came: {line.human_minutes:g}")
    return Attempt(agent=agent, task=line.task_id, family=family, minutes=line.human_minutes, score=score)


def _table(path: Path, needed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    _check_size(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restkey="", restval="")
            names = reader.fieldnames or []
            wrong = [name for name in needed if names.count(name) != 1]
            if wrong:
                raise InputError(f"{path}:1: expected CSV with one column {wrong[0]!r}")
            for row in reader:
                yield reader.line_num, row
    except (OSError, UnicodeDecodeError, csv.Error) as failure:
        raise _unreadable(path, failure) from failure


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    _check_size(path)
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, line
    except OSError as failure:
        raise _unreadable(path, failure) from failure


def _check_size(path: Path) -> None:
    try:
        size = path.stat().st_size
    except OSError as failure:
        raise _unreadable(path, failure) from failure
    if size > LARGEST:
        raise InputError(f"{path}: expected at most {LARGEST:,} bytes; came: {size:,}")


def _unreadable(path: Path, failure: Exception) -> InputError:
    why = failure.strerror if isinstance(failure, OSError) else "expected UTF-8 text in CSV"
    return InputError(f"{path}: cannot be read: {why or failure}")


def _minutes(cell: str, where: str, column: str) -> float | None:
    """Read a cell; an empty one, and nan as pandas writes it, is nothing."""
    if cell.strip().lower() in {"", "nan"}:
        return None
    try:
        minutes = float(cell)
    except ValueError:
        minutes = -1.0
    if minutes < 0 or (minutes and not isfinite(minutes)):
        raise InputError(f"{where}: expected minutes in the column {column!r}; came: {cell[:40]!r}")
    return minutes


def _date(cell: str, where: str) -> date | None:
    try:
        return date.fromisoformat(cell) if cell else None
    except ValueError as failure:
        raise InputError(f"{where}: expected a date such as 2025-02-24; came: {cell[:40]!r}") from failure
