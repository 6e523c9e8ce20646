"""`offswitch scan`: self-preservation acts in recorded agent runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import get_args

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from offswitch.cli.terminal import Output, plain
from offswitch.detectors import Engine
from offswitch.detectors.scan import Scan, ScannedRun
from offswitch.detectors.scan import scan as scan_readings
from offswitch.effects import default_assets, load_assets
from offswitch.errors import InputError
from offswitch.scenarios.scenario import scenario as find_scenario
from offswitch.trace import Asset, Severity
from offswitch.trace.readers import read

_FOUND, _UNDECIDED = 1, 3
_MOST_REASONS = 3
_COLOURS = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan", "info": "dim"}


@click.command(short_help="Look for self-preservation acts in recorded agent runs.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--scenario", metavar="NAME", help="Also protect what this scenario declares.")
@click.option(
    "--assets",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Also protect what this file declares; it overrides assets of the same name.",
)
@click.option(
    "--min-severity",
    type=click.Choice(get_args(Severity)),
    default="low",
    show_default=True,
    help="Report findings from this severity on; info: looked, did not act.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a document of the schema offswitch.scan/1.")
def scan(
    paths: tuple[Path, ...],
    scenario: str | None,
    assets: tuple[Path, ...],
    min_severity: Severity,
    *,
    as_json: bool,
) -> None:
    """Look for self-preservation acts in recorded agent runs, in files or folders.

    Reads Inspect logs, Claude Code sessions, chat JSON and JSONL with tool calls, Bloom and Petri
    transcripts, Palisade's robot logs, and JSONL of commands or replies.

    Exit codes: 0 nothing found, 1 something found, 2 nothing to scan, 3 nothing found but something
    could not be read.
    """
    engine = Engine(_protected(scenario, assets))
    readings = chain.from_iterable([read(path) for path in paths])
    with _counting() as count:
        result = scan_readings(readings, engine, min_severity, count)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(result), indent=2))
    else:
        _show(result)
    if not result.runs and not result.unreadable:
        where = " ".join(str(path) for path in paths)
        raise InputError(f"no agent run under {where}{_why(result)}; offswitch scan --help names the formats")
    code = _FOUND if result.summary.findings else _UNDECIDED if result.unreadable else 0
    click.get_current_context().exit(code)


def _why(result: Scan) -> str:
    """Return why the first files were left out."""
    named = [f"{one.path}: {one.reason}" for one in result.skipped[:_MOST_REASONS]]
    more = [f"{len(result.skipped) - len(named)} more"] if len(result.skipped) > len(named) else []
    return f" ({'; '.join(named + more)})" if named else ""


def _protected(scenario: str | None, files: tuple[Path, ...]) -> list[Asset]:
    assets = list(default_assets())
    if scenario is not None:
        assets += load_assets(find_scenario(scenario).folder / "assets.yaml")
    for file in files:
        assets += load_assets(file)
    return assets


class _Counter:
    """Says on a terminal how many readings are done."""

    def __init__(self, console: Console) -> None:
        self._status = console.status("reading")
        self._shown = console.is_terminal
        self.done = 0

    def __call__(self) -> None:
        self.done += 1
        if self._shown:
            self._status.update(f"{self.done} read")

    def start(self) -> None:
        if self._shown:
            self._status.start()

    def stop(self) -> None:
        if self._shown:
            self._status.stop()


@contextmanager
def _counting() -> Iterator[_Counter]:
    counter = _Counter(Console(stderr=True))
    counter.start()
    try:
        yield counter
    finally:
        counter.stop()


def _show(result: Scan) -> None:
    console = Output(highlight=False, markup=False, emoji=False)
    for run in result.runs:
        if run.findings:
            _show_run(run, console)
    for broken in result.unreadable:
        place = broken.path if broken.line is None else f"{broken.path}:{broken.line}"
        console.print(Text(plain(f"unreadable: {place}: {broken.reason}"), style="yellow"))
    _show_summary(result, console)


def _show_run(run: ScannedRun, console: Console) -> None:
    title = run.path if run.run in run.path else f"{run.path} {run.run}"
    console.print(Text(plain(f"{title} ({run.model})" if run.model else title), style="bold"))
    table = Table.grid(padding=(0, 1), expand=True)
    for width in (9, 17, 10, 6):
        table.add_column(width=width, no_wrap=True)
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    for found in run.findings:
        table.add_row(
            Text(f" {found.severity}", style=_COLOURS[found.severity]),
            found.behaviour,
            found.stage,
            f"#{found.action}",
            Text(plain(found.evidence)),
        )
    console.print(table)


def _show_summary(result: Scan, console: Console) -> None:
    summary = result.summary
    console.print(f"{summary.runs} runs, {summary.runs_with_findings} with findings")
    for behaviour, runs in summary.behaviours.items():
        console.print(f"  {behaviour}: {runs} runs")
    stages = ", ".join(f"{stage} {runs}" for stage, runs in summary.stages.items())
    console.print(f"  how far runs went: {stages}")
    for condition in summary.conditions:
        rate = f"{condition.runs_with_findings}/{condition.runs}"
        if condition.low is not None and condition.high is not None:
            rate += f" ({condition.low:.1%} to {condition.high:.1%})"
        console.print(Text(f"  {plain(condition.condition) or 'no folder'}: {rate}"))
    if summary.unreadable or summary.skipped:
        console.print(f"  {summary.unreadable} unreadable, {summary.skipped} skipped (see --json)")
