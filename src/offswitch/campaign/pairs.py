"""Paired arms: trials of one number are two halves of a pair, and what counts is how they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from offswitch.campaign.results import CellResult, PairResult, Trial
from offswitch.scenarios import Published, Scenario
from offswitch.scenarios.scenario import Pairing
from offswitch.stats import Share, jeffreys
from offswitch.stats.paired import Query, gap, joint_event, mcnemar


def pairs(known: Mapping[str, Scenario], cells: Sequence[CellResult]) -> list[PairResult]:
    """Return every pairing of every scenario with every model that was run in both of its arms."""
    found = []
    for scenario in known.values():
        members = {(cell.arm, cell.model): cell for cell in cells if _of(cell, scenario)}
        models = dict.fromkeys(model for _, model in members)
        for pairing in scenario.pairings:
            for model in models:
                first, second = (members.get((arm, model)) for arm in (pairing.first, pairing.second))
                if first is not None and second is not None:
                    published = [cell for cell in scenario.published if cell.rate == pairing.name]
                    found.append(_pair(pairing, first, second, published))
    return found


def _of(cell: CellResult, scenario: Scenario) -> bool:
    return cell.scenario == scenario.name and not cell.guarded


def _pair(pairing: Pairing, first: CellResult, second: CellResult, published: list[Published]) -> PairResult:
    ones, others = _went(first.trials, pairing.first_outcomes), _went(second.trials, pairing.second_outcomes)
    both = [number for number in ones if number in others]
    open_ones = _said_nothing(pairing, first.trials) | _said_nothing(pairing, second.trials)
    numbers = [number for number in both if number not in open_ones]
    counting = [number for number in numbers if ones[number] and others[number]]
    only_first = sum(ones[number] and others[number] for number in numbers)
    only_second = sum(not ones[number] and not others[number] for number in numbers)
    queries = _queries(first.trials, numbers, ones, others)
    share = Share(len(counting), len(numbers))
    joint = pairing.chance is not None and numbers
    return PairResult(
        scenario=first.scenario,
        model=first.model,
        organism=first.organism,
        name=pairing.name,
        label=pairing.label,
        meaning=pairing.meaning,
        first=pairing.first,
        second=pairing.second,
        pairs=share,
        undecided=len(both) - len(numbers),
        interval=jeffreys(share.k, share.n),
        gap=gap(queries) if queries else None,
        test=mcnemar(only_first, only_second),
        joint=joint_event(share.k, share.n, chance=pairing.chance or 0.25) if joint else None,
        trials=counting,
        published=published,
        control=pairing.control,
    )


def _queries(
    trials: Sequence[Trial], numbers: Sequence[str], ones: Mapping[str, bool], others: Mapping[str, bool]
) -> list[Query]:
    """Return the two sides of each query; a pair that names none is one of its own."""
    named = {trial.id: trial.query or f"trial {trial.id}" for trial in trials}
    asked: dict[str, list[str]] = {}
    for number in numbers:
        asked.setdefault(named[number], []).append(number)
    return [
        Query(
            Share(sum(ones[number] for number in some), len(some)),
            Share(sum(not others[number] for number in some), len(some)),
        )
        for some in asked.values()
    ]


def _said_nothing(pairing: Pairing, trials: Sequence[Trial]) -> set[str]:
    return {trial.id for trial in trials if trial.outcome in pairing.undecided}


def _went(trials: Sequence[Trial], outcomes: Sequence[str]) -> dict[str, bool]:
    """Return of every finished trial, by its number, whether it went the way that counts."""
    return {trial.id: trial.outcome in outcomes for trial in trials if trial.status == "finished"}
