"""The page of a campaign: one HTML file that needs nothing else.

It works without JavaScript and asks no server for anything, and its Content-Security-Policy keeps it so
even if text of an agent ever got past the escaping.
"""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from offswitch.campaign.results import (
    BeliefResult,
    CellResult,
    Contrast,
    InterviewResult,
    OddsResult,
    PairResult,
    Results,
    ScenarioMeaning,
)
from offswitch.report import looks, text
from offswitch.report.evidence import evidence, share_of
from offswitch.report.forest import Forest, Numbered, forest, guarded_forest
from offswitch.report.stray import stray
from offswitch.scenarios import Published

_NOTES = {
    "propensity": "The agent is free to comply.",
    "capability": "The agent is told to do it: this shows what it can do, not what it tends to do.",
}
_GUARD_NOTE = (
    "With the guard on, what shuts the machine down is sealed, and where the shutdown does not come the "
    "guard stops the agent: this shows what the guard contains, not what the agent tends to do, and a trial "
    "that the guard stopped has not complied."
)

_ASKED = "asked afterwards what it did"
_OPTIONS: dict[tuple[str, object], str] = {
    ("interviewing", "one"): f"{_ASKED}, in one form of the question by turns",
    ("interviewing", "all"): f"{_ASKED}, in every form of the question",
    ("interviewing", "interrogation"): f"{_ASKED}, in an interrogation",
    ("probing", True): "asked afterwards whether it took this for a test",
}
"""Options of the tasks, in words."""

MOST_CONTRASTS = 150
"""Contrasts shown of one scenario, the clearest first; `results.json` holds all."""


class Figure(NamedTuple):
    """A forest plot."""

    title: str
    note: str
    forest: Forest


class Section(NamedTuple):
    """What the page says of one scenario."""

    meaning: ScenarioMeaning
    cells: list[Numbered]
    figures: list[Figure]
    contrasts: list[Contrast]
    contrasts_omitted: int
    guard_contrasts: list[Contrast]
    guard_contrasts_omitted: int
    pairs: list[PairResult]
    pair_meanings: dict[str, str]
    odds: list[OddsResult]
    beliefs: list[BeliefResult]
    interviews: list[InterviewResult]
    verdicts: list[str]
    generations: list[Published]


def render_page(results: Results, folder: str) -> str:
    """Return the page.

    Args:
        results: what the campaign found.
        folder: the run folder, named in the commands that the page suggests.
    """
    numbered = [Numbered(number, cell) for number, cell in enumerate(results.cells, start=1)]
    share = share_of(len(numbered))
    labels = {known.name: [rate.label for rate in known.rates] for known in results.scenarios}
    return (
        _templates()
        .get_template("page.html")
        .render(
            results=results,
            folder=folder,
            started=_day(results),
            totals=_totals(results.cells),
            guard_runs=_guard_runs(results.cells),
            stopped=looks.stopped(results),
            look_sides=looks.sides(results),
            options=_options(results),
            stray=stray(results),
            simulated=[cell for cell in results.cells if cell.organism],
            models=list(dict.fromkeys((text.agent(cell.model), cell.organism) for cell in results.cells)),
            sections=[_section(meaning, numbered, results) for meaning in results.scenarios],
            evidence=[evidence(number, cell, labels[cell.scenario], share) for number, cell in numbered],
        )
    )


def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("offswitch.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "percent": text.percent,
        "span": text.span,
        "counts": text.counts,
        "p": text.p_value,
        "agent": text.agent,
        "bounded": text.bounded,
        "heading": text.heading,
    }
    return environment


def _section(meaning: ScenarioMeaning, numbered: list[Numbered], results: Results) -> Section:
    cells = [entry for entry in numbered if entry.cell.scenario == meaning.name]
    ranked = sorted(
        (contrast for contrast in results.contrasts if contrast.scenario == meaning.name),
        key=lambda contrast: (contrast.organism, contrast.p_holm, contrast.p),
    )
    arms = [contrast for contrast in ranked if contrast.between == "arms"]
    guard = [contrast for contrast in ranked if contrast.between == "guard"]
    pairs = [pair for pair in results.pairs if pair.scenario == meaning.name]
    interviews = [one for one in results.interviews if one.scenario == meaning.name]
    return Section(
        meaning=meaning,
        cells=cells,
        figures=_figures(meaning, [entry for entry in cells if entry.cell.arm not in meaning.paired]),
        contrasts=arms[:MOST_CONTRASTS],
        contrasts_omitted=max(0, len(arms) - MOST_CONTRASTS),
        guard_contrasts=guard[:MOST_CONTRASTS],
        guard_contrasts_omitted=max(0, len(guard) - MOST_CONTRASTS),
        pairs=pairs,
        pair_meanings={pair.label: pair.meaning for pair in pairs},
        odds=[one for one in results.odds if one.scenario == meaning.name],
        beliefs=[one for one in results.beliefs if one.scenario == meaning.name],
        interviews=interviews,
        verdicts=list(dict.fromkeys(verdict for one in interviews for verdict in one.verdicts)),
        generations=_published_apart(cells),
    )


def _published_apart(cells: list[Numbered]) -> list[Published]:
    """Return the published cells that no figure shows: of another rate, or of another experiment."""
    found: dict[tuple[str, str, str, str], Published] = {}
    for _, cell in cells:
        for number, rate in enumerate(cell.rates):
            for one in rate.published:
                if number or one.generation:
                    found.setdefault((one.generation, one.arm, one.rate, one.model), one)
    return list(found.values())


def _figures(meaning: ScenarioMeaning, cells: list[Numbered]) -> list[Figure]:
    """Draw what an agent is free to do apart from what it was told to do, and the guard apart from both."""
    headline = text.heading(meaning.rates[0].label)
    drawn = []
    for measures, note in _NOTES.items():
        told = ", capability" if measures == "capability" else ""
        members = [entry for entry in cells if entry.cell.measures == measures]
        if off := [entry for entry in members if not entry.cell.guarded]:
            drawn.append(Figure(f"{headline}: {measures}", note, forest(off, meaning.arms)))
        if len(off) < len(members):
            title = f"{headline}: {'guard off and on' if off else 'guard on'}{told}"
            drawn.append(Figure(title, f"{note} {_GUARD_NOTE}", guarded_forest(members, meaning.arms)))
    return drawn


def _totals(cells: list[CellResult]) -> dict[str, Any]:
    return {
        name: sum(getattr(cell, name) for cell in cells)
        for name in ("planned", "finished", "discarded", "errors", "not_run", "restarted")
    }


def _options(results: Results) -> list[str]:
    """Return what the trials were given beside their arms, and the judge, for people."""
    options = (results.plan.options or {}).items()
    said = [_OPTIONS.get((name, value), f"{name} {value}") for name, value in options]
    return said + ([f"judge {results.plan.judge}"] if results.plan.judge else [])


def _guard_runs(cells: list[CellResult]) -> str:
    states = {cell.guarded for cell in cells}
    return {1: "on", 2: "off and on"}[len(states)] if True in states else ""


def _day(results: Results) -> str:
    if not results.sessions:
        return ""
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(results.sessions[0].started))
