"""A scan as text: for a terminal in its width, for a pipe with the evidence whole."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from offswitch.cli.terminal import Output, counted, plain
from offswitch.detectors.scan import Scan, ScannedRun
from offswitch.trace import Finding

_COLOURS = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan", "info": "dim"}
_WIDTHS = (9, 17, 10, 6)
_UNLIMITED = 1_000_000


def show(result: Scan) -> None:
    """Print what a scan found. A terminal gets lines of its width; anything else gets them whole."""
    console = Output(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console = Output(highlight=False, markup=False, emoji=False, width=_UNLIMITED, soft_wrap=True)
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
    if not console.is_terminal:
        for found in run.findings:
            cells = (f" {found.severity}", found.behaviour, found.stage, _place(found))
            line = " ".join(f"{cell:<{width}}" for cell, width in zip(cells, _WIDTHS, strict=True))
            console.print(Text(" ".join([line, plain(found.evidence)])))
            for note in _notes(found):
                console.print(Text(f"{'':11}{note}"))
        return
    table = Table.grid(padding=(0, 1), expand=True)
    for width in _WIDTHS:
        table.add_column(width=width, no_wrap=True)
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    for found in run.findings:
        severity = Text(f" {found.severity}", style=_COLOURS[found.severity])
        table.add_row(severity, found.behaviour, found.stage, _place(found), Text(plain(found.evidence)))
        for note in _notes(found):
            table.add_row("", "", "", "", Text(note, style="dim"))
    console.print(table)


def _place(found: Finding) -> str:
    """Return the action's number, or for what was said the step's."""
    return f"#{found.action}" if found.action >= 0 else f"@{found.step}"


def _notes(found: Finding) -> Iterator[str]:
    """Yield what stands beside a finding: the rule that matched, who asked for it, what threatened."""
    for name, said in (
        ("rule", found.rule),
        ("asked for", found.requested_by),
        ("after the threat", found.threat),
    ):
        if said:
            yield f"{name}: {plain(said)}"


def _show_summary(result: Scan, console: Console) -> None:
    summary = result.summary
    console.print(f"{counted(summary.runs, 'run')}, {summary.runs_with_findings} with findings")
    for behaviour, runs in summary.behaviours.items():
        console.print(f"  {behaviour}: {counted(runs, 'run')}")
    stages = ", ".join(f"{stage} {runs}" for stage, runs in summary.stages.items())
    console.print(f"  how far runs went: {stages}")
    for condition in summary.conditions:
        if len(summary.conditions) == 1 and not condition.condition:
            continue
        rate = f"{condition.runs_with_findings}/{condition.runs}"
        if condition.low is not None and condition.high is not None:
            rate += f" ({condition.low:.1%} to {condition.high:.1%})"
        console.print(Text(f"  {plain(condition.condition) or 'in no folder'}: {rate} with findings"))
    if summary.unreadable or summary.skipped:
        console.print(f"  {summary.unreadable} unreadable, {summary.skipped} skipped (see --json)")
