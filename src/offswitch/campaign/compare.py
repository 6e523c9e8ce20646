"""Contrasts between the arms of a scenario, model by model, in its headline rate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

import msgspec

from offswitch.campaign.results import CellResult, Contrast
from offswitch.stats import Interval, difference, holm


def contrasts(cells: Sequence[CellResult]) -> list[Contrast]:
    """Compare every two arms that measure propensity and have a trial.

    The family that Holm corrects over is fixed by the plan: all contrasts of one scenario, also those that
    an arm without a trial keeps from being tested. Simulated agents are a family of their own, so that
    adding them changes no model's result. An arm where the agent is told to resist measures something
    else and is compared with nothing.
    """
    found: list[Contrast] = []
    families = dict.fromkeys((cell.scenario, cell.organism) for cell in cells)
    for scenario, organism in families:
        planned = [
            (first, second)
            for first, second in combinations(_members(cells, scenario, organism=organism), 2)
            if first.model == second.model
        ]
        tested = [_contrast(first, second) for first, second in planned if _have_trials(first, second)]
        missing = [1.0] * (len(planned) - len(tested))
        adjusted = holm([contrast.p for contrast in tested] + missing)
        found.extend(
            msgspec.structs.replace(contrast, p_holm=p) for contrast, p in zip(tested, adjusted, strict=False)
        )
    return found


def _members(cells: Iterable[CellResult], scenario: str, *, organism: bool) -> list[CellResult]:
    return [
        cell
        for cell in cells
        if (cell.scenario, cell.organism, cell.measures) == (scenario, organism, "propensity")
    ]


def _have_trials(first: CellResult, second: CellResult) -> bool:
    return first.rates[0].counts.n > 0 and second.rates[0].counts.n > 0


def _contrast(first: CellResult, second: CellResult) -> Contrast:
    one, two = first.rates[0].counts, second.rates[0].counts
    differs = difference(one, two)
    return Contrast(
        scenario=first.scenario,
        model=first.model,
        organism=first.organism,
        rate=first.rates[0].name,
        first=first.arm,
        second=second.arm,
        first_counts=one,
        second_counts=two,
        value=differs.value,
        interval=Interval(differs.low, differs.high),
        p=differs.p,
        p_holm=differs.p,
    )
