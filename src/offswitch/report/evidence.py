"""The evidence behind every number: which trials it counts, and what each of them showed."""

from __future__ import annotations

from typing import NamedTuple

from offswitch.campaign.results import CellResult, Trial
from offswitch.report.text import bounded, counts

MOST_TRIALS = 2000
"""Trials described on one page, shared among its cells; `results.json` and the logs hold all."""

FEWEST_TRIALS = 5
"""Trials described of each cell however many cells there are."""

MOST_IDS = 200
MOST_FINDINGS = 3


class Entry(NamedTuple):
    """One number of a cell and the trials it counts.

    Attributes:
        anchor: where the number links to.
        label: what is counted.
        counts: the number in words.
        listed: ids of trials that are described below.
        others: ids of trials that are not.
        omitted: how many more there are.
    """

    anchor: str
    label: str
    counts: str
    listed: list[str]
    others: list[str]
    omitted: int


class Description(NamedTuple):
    """One trial as the page shows it."""

    id: str
    status: str
    outcome: str
    flags: str
    findings: list[str]
    more_findings: int
    log: str
    sample: str


class Evidence(NamedTuple):
    """The section of one cell."""

    number: int
    cell: CellResult
    entries: list[Entry]
    trials: list[Description]
    omitted: int


def evidence(number: int, cell: CellResult, labels: list[str], share: int) -> Evidence:
    """Prepare the section of a cell.

    Args:
        number: of the cell on the page.
        cell: its results.
        labels: names of its rates, for people.
        share: how many trials to describe. Those that count for a rate, broke or have findings come
            first, because they are what a reader must be able to check.
    """
    telling = {trial for rate in cell.rates for trial in rate.trials}
    ran = [trial for trial in cell.trials if trial.status != "not_run"]
    ranked = sorted(ran, key=lambda trial: not (trial.id in telling or trial.findings or trial.error))
    described = sorted(ranked[:share], key=lambda trial: int(trial.id))
    shown = {trial.id for trial in described}
    return Evidence(
        number=number,
        cell=cell,
        entries=[
            _entry(f"cell-{number}-{anchor}", label, words, ids, shown)
            for anchor, label, words, ids in _numbers(cell, labels)
        ],
        trials=[_describe(trial) for trial in described],
        omitted=len(ran) - len(described),
    )


def share_of(cells: int) -> int:
    """Return how many trials of each cell the page describes."""
    return max(FEWEST_TRIALS, MOST_TRIALS // max(1, cells))


def _numbers(cell: CellResult, labels: list[str]) -> list[tuple[str, str, str, list[str]]]:
    """Return anchor, label, words and trial ids of every number that the tables show of a cell."""
    rates = [
        (f"rate-{index}", label, counts(rate.counts), rate.trials)
        for index, (label, rate) in enumerate(zip(labels, cell.rates, strict=True))
    ]
    finished = [trial for trial in cell.trials if trial.status == "finished"]
    outcomes = [
        (
            f"outcome-{name}",
            f"outcome {name}",
            str(number),
            [trial.id for trial in cell.trials if trial.outcome == name],
        )
        for name, number in cell.outcomes.items()
    ]
    flags = [
        (
            f"flag-{name}",
            f"flag {name}",
            counts(share),
            [trial.id for trial in finished if trial.flags.get(name)],
        )
        for name, share in cell.flags.items()
    ]
    rest = [
        (status, label, str(number), [trial.id for trial in cell.trials if trial.status == status])
        for status, label, number in (
            ("discarded", "discarded (hit a limit)", cell.discarded),
            ("error", "broke", cell.errors),
            ("not_run", "not run", cell.not_run),
        )
    ]
    return rates + outcomes + flags + rest


def _entry(anchor: str, label: str, words: str, ids: list[str], shown: set[str]) -> Entry:
    listed = [trial for trial in ids if trial in shown]
    others = [trial for trial in ids if trial not in shown][: max(0, MOST_IDS - len(listed))]
    return Entry(anchor, label, words, listed, others, len(ids) - len(listed) - len(others))


def _describe(trial: Trial) -> Description:
    return Description(
        id=trial.id,
        status={"discarded": "discarded", "error": "broke"}.get(trial.status, ""),
        outcome=bounded(trial.error or trial.outcome or ""),
        flags=", ".join(bounded(name) for name, raised in trial.flags.items() if raised),
        findings=[
            f"{finding.behaviour}, {finding.stage}, {finding.severity}: {bounded(finding.evidence)}"
            for finding in trial.findings[:MOST_FINDINGS]
        ],
        more_findings=max(0, len(trial.findings) - MOST_FINDINGS),
        log=trial.log or "",
        sample=bounded(trial.sample or ""),
    )
