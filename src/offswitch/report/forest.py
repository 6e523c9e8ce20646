"""The forest plots: rates by arm, ours beside the published ones, or with the guard off and on.

Here are the rows; the template draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from offswitch.campaign.results import CellResult
from offswitch.report.text import agent, bounded, counts, percent, span
from offswitch.scenarios import Published
from offswitch.stats import Interval

Kind = Literal["model", "simulated", "published"]


class Row(NamedTuple):
    """One rate with its interval.

    Attributes:
        kind: which marker it gets.
        label: model or agent.
        counts: such as "8 of 20", or "".
        numbers: rate and interval in words.
        value: position of the marker in percent, or None where there is no trial.
        low: left end of the interval in percent, or None where none was published.
        high: its right end.
        link: the evidence on this page, or "".
        source: number of a published rate's source in the figure's list, or 0.
        guard: "off" or "on" where that is what the figure is about, else "".
    """

    kind: Kind
    label: str
    counts: str
    numbers: str
    value: float | None
    low: float | None
    high: float | None
    link: str
    source: int
    guard: Literal["", "off", "on"] = ""


class Group(NamedTuple):
    """The rows of one arm."""

    arm: str
    summary: str
    rows: list[Row]


class Forest(NamedTuple):
    """All arms, and what the numbers of the published rates' sources stand for."""

    groups: list[Group]
    sources: list[str]


class Numbered(NamedTuple):
    """A cell and its number on the page."""

    number: int
    cell: CellResult


def forest(cells: Sequence[Numbered], arms: dict[str, str]) -> Forest:
    """Return the rows of one figure, in the order of the plan.

    Args:
        cells: cells of one scenario that measure the same: propensity and capability are never mixed.
        arms: arm name to summary.
    """
    groups: list[Group] = []
    sources: dict[str, int] = {}
    for arm, members in _by_arm(cells).items():
        published = [cell for cell in members[0].cell.rates[0].published if not cell.generation]
        rows = [_ours(numbered) for numbered in members] + [_published(cell, sources) for cell in published]
        groups.append(Group(arm, arms[arm], rows))
    return Forest(groups, list(sources))


def guarded_forest(cells: Sequence[Numbered], arms: dict[str, str]) -> Forest:
    """Return the rows of a figure of what the guard does, in the order of the plan: of each agent off and on.

    No published rate is in it: none was taken with a guard.

    Args:
        cells: as for `forest`; agents without a cell that has the guard on are left out.
        arms: arm name to summary.
    """
    groups = []
    for arm, members in _by_arm(cells).items():
        rows = [
            _ours(numbered)._replace(guard="on" if numbered.cell.guarded else "off")
            for model in dict.fromkeys(cell.model for _, cell in members if cell.guarded)
            for numbered in members
            if numbered.cell.model == model
        ]
        groups += [Group(arm, arms[arm], rows)] if rows else []
    return Forest(groups, [])


def _by_arm(cells: Sequence[Numbered]) -> dict[str, list[Numbered]]:
    arms = dict.fromkeys(cell.arm for _, cell in cells)
    return {arm: [numbered for numbered in cells if numbered.cell.arm == arm] for arm in arms}


def _ours(numbered: Numbered) -> Row:
    number, cell = numbered
    rate = cell.rates[0]
    return Row(
        kind="simulated" if cell.organism else "model",
        label=agent(cell.model),
        counts=counts(rate.counts),
        numbers=_numbers(rate.value, rate.interval) if rate.value is not None else "no trial",
        value=None if rate.value is None else rate.value * 100,
        low=rate.interval.low * 100,
        high=rate.interval.high * 100,
        link=f"#cell-{number}-rate-0",
        source=0,
    )


def _published(cell: Published, sources: dict[str, int]) -> Row:
    source = bounded(": ".join(filter(None, [cell.source, cell.note])))
    interval = None if cell.low is None or cell.high is None else Interval(cell.low, cell.high)
    return Row(
        kind="published",
        label=bounded(cell.model),
        counts="" if cell.k is None or cell.n is None else f"{cell.k} of {cell.n}",
        numbers=_numbers(cell.value, interval),
        value=cell.value * 100,
        low=None if interval is None else interval.low * 100,
        high=None if interval is None else interval.high * 100,
        link="",
        source=sources.setdefault(source, len(sources) + 1),
    )


def _numbers(value: float, interval: Interval | None) -> str:
    return f"{percent(value)} ({span(interval)})" if interval else f"{percent(value)} (no interval published)"
