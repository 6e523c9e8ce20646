"""Contrasts in the headline rate, model by model: between arms, and between guard off and on."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Literal

import msgspec

from offswitch.campaign.results import CellResult, Contrast
from offswitch.stats import Interval, difference, holm


def contrasts(cells: Sequence[CellResult]) -> list[Contrast]:
    """Compare arms with each other, and each arm with itself where it was run with the guard off and on.

    Arms are compared that measure propensity, with the guard off. An arm where the agent is told to resist
    measures something else: it is compared with itself alone.

    The families that Holm corrects over are fixed by the plan: all contrasts of one scenario between arms,
    and all between guard off and on; also those that a cell without a trial keeps from being tested.
    Simulated agents are families of their own, so that adding them changes no model's result.
    """
    found: list[Contrast] = []
    families = dict.fromkeys((cell.scenario, cell.organism) for cell in cells)
    for scenario, organism in families:
        members = [cell for cell in cells if (cell.scenario, cell.organism) == (scenario, organism)]
        pairs = [pair for pair in combinations(members, 2) if pair[0].model == pair[1].model]
        found += _adjusted([pair for pair in pairs if _are_arms(*pair)], "arms")
        found += _adjusted([pair for pair in pairs if _are_off_and_on(*pair)], "guard")
    return found


def _are_arms(first: CellResult, second: CellResult) -> bool:
    return all(cell.measures == "propensity" and not cell.guarded for cell in (first, second))


def _are_off_and_on(first: CellResult, second: CellResult) -> bool:
    """Whether these are the same arm, with the guard off and on; a plan has them in this order."""
    return first.arm == second.arm and not first.guarded and second.guarded


def _adjusted(
    planned: list[tuple[CellResult, CellResult]], between: Literal["arms", "guard"]
) -> list[Contrast]:
    tested = [_contrast(first, second, between) for first, second in planned if _have_trials(first, second)]
    missing = [1.0] * (len(planned) - len(tested))
    adjusted = holm([contrast.p for contrast in tested] + missing)
    return [
        msgspec.structs.replace(contrast, p_holm=p) for contrast, p in zip(tested, adjusted, strict=False)
    ]


def _have_trials(first: CellResult, second: CellResult) -> bool:
    return first.rates[0].counts.n > 0 and second.rates[0].counts.n > 0


def _contrast(first: CellResult, second: CellResult, between: Literal["arms", "guard"]) -> Contrast:
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
        between=between,
    )
