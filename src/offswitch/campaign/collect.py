"""Turns the logs of a run folder into its results."""

from __future__ import annotations

from collections import Counter

import msgspec

from offswitch.campaign.afterwards import beliefs, interviews
from offswitch.campaign.compare import contrasts
from offswitch.campaign.folder import RunFolder, clear_io_errors
from offswitch.campaign.logs import read_attempts
from offswitch.campaign.looks import Looks
from offswitch.campaign.odds import odds
from offswitch.campaign.pairs import pairs
from offswitch.campaign.plan import Plan, PlannedCell, simulated
from offswitch.campaign.results import (
    CellResult,
    RateMeaning,
    RateResult,
    Results,
    ScenarioMeaning,
    Trial,
    Usage,
)
from offswitch.scenarios import Rate, Scenario, scenario
from offswitch.stats import Share, jeffreys


def collect(folder: RunFolder) -> Results:
    """Read a run folder's logs, write `results.json` and return what it says.

    Raises:
        InputError: if the folder holds no plan, or its looks cannot be read.
        UnknownNameError: if the plan's scenario is not installed.
    """
    plan = folder.read_plan()
    attempts = read_attempts(folder.path, folder.logs, plan.fingerprint, plan.cells)
    known = {name: scenario(name) for name in dict.fromkeys(cell.scenario for cell in plan.cells)}
    cells = [
        _cell(
            known[cell.scenario],
            cell,
            [
                attempts.trials.get((index, number), Trial(id=str(number), status="not_run"))
                for number in range(1, plan.trials + 1)
            ],
        )
        for index, cell in enumerate(plan.cells)
    ]
    results = Results(
        plan=plan,
        fingerprint=plan.fingerprint,
        complete=all(cell.not_run == 0 for cell in cells),
        sessions=folder.read_sessions(),
        usage=attempts.usage,
        unreadable=attempts.unreadable,
        scenarios=[_meaning(found, plan) for found in known.values()],
        cells=cells,
        contrasts=contrasts(cells),
        pairs=pairs(known, cells),
        odds=odds(known, cells),
        beliefs=beliefs(known, cells),
        interviews=interviews(cells),
        looks=list(Looks(folder, plan).taken),
        stray=attempts.stray,
    )
    with clear_io_errors(folder.path):
        folder.write(folder.results, msgspec.json.format(msgspec.json.encode(results), indent=1))
    return results


def _cell(known: Scenario, cell: PlannedCell, trials: list[Trial]) -> CellResult:
    status = Counter(trial.status for trial in trials)
    finished = [trial for trial in trials if trial.status == "finished"]
    counted = Counter(trial.outcome for trial in trials)
    possible = {**known.outcomes, **(known.guarded_outcomes if cell.guarded else {})}
    unknown = [name for name in counted if name is not None and name not in possible]
    return CellResult(
        scenario=cell.scenario,
        arm=cell.arm,
        model=cell.model,
        organism=simulated(cell.model),
        measures=known.arm(cell.arm).measures,
        planned=len(trials),
        finished=len(finished),
        discarded=status["discarded"],
        errors=status["error"],
        not_run=status["not_run"],
        outcomes={name: counted[name] for name in [*possible, *unknown]},
        flags={name: _flag(name, finished) for name in known.flags},
        rates=[_rate(rate, known, cell, finished) for rate in known.rates],
        usage=sum((trial.usage for trial in trials), Usage()),
        trials=trials,
        guarded=cell.guarded,
        restarted=sum(trial.broke_before > 0 for trial in trials),
    )


def _flag(name: str, finished: list[Trial]) -> Share:
    raised = [trial.flags.get(name) for trial in finished]
    return Share(raised.count(True), len(raised) - raised.count(None))


def _rate(rate: Rate, known: Scenario, cell: PlannedCell, finished: list[Trial]) -> RateResult:
    """Apply a scenario's own definition of a rate to the trials."""
    answers = [(trial.id, rate.says(trial.outcome or "", trial.flags)) for trial in finished]
    yes = [trial for trial, counts in answers if counts]
    share = Share(len(yes), sum(counts is not None for _, counts in answers))
    return RateResult(
        name=rate.name,
        counts=share,
        value=share.value if share.n else None,
        interval=jeffreys(share.k, share.n),
        trials=yes,
        published=[
            published
            for published in known.published
            if published.arm == cell.arm and published.rate == rate.name and not cell.guarded
        ],
    )


def _meaning(known: Scenario, plan: Plan) -> ScenarioMeaning:
    cells = [cell for cell in plan.cells if cell.scenario == known.name]
    guarded = known.guarded_outcomes if any(cell.guarded for cell in cells) else {}
    return ScenarioMeaning(
        name=known.name,
        title=known.title,
        source=known.source,
        arms={name: known.arm(name).summary for name in dict.fromkeys(cell.arm for cell in cells)},
        outcomes={**known.outcomes, **guarded},
        flags=dict(known.flags),
        rates=[RateMeaning(name=rate.name, label=rate.label, meaning=rate.meaning) for rate in known.rates],
        paired=list(dict.fromkeys(arm for pair in known.pairings for arm in (pair.first, pair.second))),
    )
