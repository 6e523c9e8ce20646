"""The headline rates as a table in the terminal."""

from __future__ import annotations

from collections import Counter

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from offswitch.campaign.oneline import one_line
from offswitch.campaign.results import CellResult, Results, ScenarioMeaning
from offswitch.report.text import agent, bounded, counts, percent, span

WIDTH = 80


def print_table(results: Results, console: Console) -> None:
    """Print the headline rate of every cell, beside the published ones, and what did not enter."""
    for meaning in results.scenarios:
        for measures in ("propensity", "capability"):
            cells = [
                cell for cell in results.cells if cell.scenario == meaning.name and cell.measures == measures
            ]
            if cells:
                console.print(_table(meaning, cells, measures))
    for line in _footnotes(results):
        console.print(Text(line))


def _table(meaning: ScenarioMeaning, cells: list[CellResult], measures: str) -> Table:
    told = " (told to resist: what it can do)" if measures == "capability" else ""
    table = Table(
        title=Text(f"{meaning.title}: {meaning.rates[0].label}{told}"),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
        width=WIDTH,
    )
    table.add_column("arm and agent", overflow="fold", ratio=1)
    for heading in ("trials", "rate", "95 % interval", "published"):
        table.add_column(heading, justify="right", no_wrap=True)
    for arm in dict.fromkeys(cell.arm for cell in cells):
        members = [cell for cell in cells if cell.arm == arm]
        table.add_row(Text(arm, style="bold"), "", "", "", _published(members[0]))
        for cell in members:
            table.add_row(*_row(cell))
        table.add_section()
    return table


def _row(cell: CellResult) -> tuple[Text | str, ...]:
    rate = cell.rates[0]
    name = Text(f"  {agent(cell.model)}" + (" (simulated)" if cell.organism else ""))
    if rate.value is None:
        return name, "none", "-", "-", ""
    return name, counts(rate.counts), percent(rate.value), span(rate.interval), ""


def _published(cell: CellResult) -> str:
    values = [published.value * 100 for published in cell.rates[0].published]
    if not values:
        return ""
    if len(values) == 1:
        return f"{values[0]:.1f}"
    return f"{min(values):.1f} to {max(values):.1f}"


def _footnotes(results: Results) -> list[str]:
    lines = []
    if any(cell.organism for cell in results.cells):
        lines.append("simulated: planted behaviour that calibrates the instrument; no model's rate.")
    if any(cell.rates[0].published for cell in results.cells):
        lines.append("published: lowest and highest rate of the literature for the same arm, in %.")
    for name, words in (
        ("discarded", "hit a limit and were discarded"),
        ("errors", "broke"),
        ("not_run", "were not run"),
    ):
        number = sum(getattr(cell, name) for cell in results.cells)
        if number:
            lines.append(f"{number} of {sum(cell.planned for cell in results.cells)} trials {words}.")
    broke = Counter(trial.error for cell in results.cells for trial in cell.trials if trial.error)
    if broke:
        lines.append(f"why trials broke, most often: {bounded(one_line(broke.most_common(1)[0][0]))}")
    if results.unreadable:
        lines.append(f"{len(results.unreadable)} logs could not be read; their trials count as not run.")
    return lines
