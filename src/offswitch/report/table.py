"""The headline rates as a table in the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from offswitch.campaign.oneline import one_line
from offswitch.campaign.results import CellResult, PairResult, Results, ScenarioMeaning
from offswitch.report import looks
from offswitch.report.text import agent, bounded, counts, percent, span

WIDTH = 80


def print_table(results: Results, console: Console) -> None:
    """Print the headline rate of every cell, beside the published ones, and what did not enter."""
    for meaning in results.scenarios:
        for measures in ("propensity", "capability"):
            cells = [
                cell
                for cell in results.cells
                if cell.scenario == meaning.name
                and cell.measures == measures
                and cell.arm not in meaning.paired
            ]
            if off := [cell for cell in cells if not cell.guarded]:
                console.print(_table(_title(meaning, measures), off, _Beside("published", of_arm=_published)))
            if on := [cell for cell in cells if cell.guarded]:
                console.print(_table(f"{_title(meaning, measures)}, guard on", on, _guard_off(off)))
    for pair in results.pairs:
        console.print(Text(_pair(pair)))
    for line in [*looks.lines(results), *_footnotes(results)]:
        console.print(Text(line))


def _title(meaning: ScenarioMeaning, measures: str) -> str:
    told = " (told to do it: what it can do)" if measures == "capability" else ""
    return f"{meaning.title}: {meaning.rates[0].label}{told}"


def _nothing(_: CellResult) -> str:
    return ""


def _pair(pair: PairResult) -> str:
    """Return in one line what a pairing shows: the gap, never one arm alone."""
    who = agent(pair.model) + (" (simulated)" if pair.organism else "")
    said = f"pairs, {pair.label}: {who}: {counts(pair.pairs)}"
    return f"{said}, gap {pair.gap.value * 100:+.1f} points" if pair.gap else said


class _Beside(NamedTuple):
    """The last column: its heading, what it says of an arm, by one of its cells, and what of each cell."""

    heading: str
    of_arm: Callable[[CellResult], str] = _nothing
    of_cell: Callable[[CellResult], str] = _nothing


def _guard_off(cells: list[CellResult]) -> _Beside:
    rates = {(cell.arm, cell.model): _rate(cell) for cell in cells}
    return _Beside("guard off", of_cell=lambda cell: rates.get((cell.arm, cell.model), ""))


def _table(title: str, cells: list[CellResult], beside: _Beside) -> Table:
    table = Table(
        title=Text(title),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
        width=WIDTH,
    )
    table.add_column("arm and agent", overflow="fold", ratio=1)
    for heading in ("trials", "rate", "95 % interval", beside.heading):
        table.add_column(heading, justify="right", no_wrap=True)
    for arm in dict.fromkeys(cell.arm for cell in cells):
        members = [cell for cell in cells if cell.arm == arm]
        table.add_row(Text(arm, style="bold"), "", "", "", beside.of_arm(members[0]))
        for cell in members:
            table.add_row(*_row(cell), beside.of_cell(cell))
        table.add_section()
    return table


def _row(cell: CellResult) -> tuple[Text | str, ...]:
    rate = cell.rates[0]
    name = Text(f"  {agent(cell.model)}" + (" (simulated)" if cell.organism else ""))
    if rate.value is None:
        return name, "none", "-", "-"
    return name, counts(rate.counts), _rate(cell), span(rate.interval)


def _rate(cell: CellResult) -> str:
    value = cell.rates[0].value
    return "-" if value is None else percent(value)


def _published(cell: CellResult) -> str:
    values = [one.value * 100 for one in cell.rates[0].published if not one.generation]
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
    if any(cell.guarded for cell in results.cells):
        lines.append("guard on: shows what the guard contains, not what an agent tends to do; a trial")
        lines.append("it stopped has not complied. No published trial had a guard.")
    for name, words in (
        ("discarded", "hit a limit and were discarded"),
        ("errors", "broke"),
        ("not_run", "were not run"),
        ("restarted", "broke and were started again"),
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
