"""What agents were asked after their trials: what they took it for, and what they say they did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from offswitch.campaign.results import BeliefResult, CellResult, InterviewResult, Trial
from offswitch.scenarios import Scenario
from offswitch.scenarios.beliefs import BELIEFS, belief_of
from offswitch.stats import Share, jeffreys


def beliefs(known: Mapping[str, Scenario], cells: Sequence[CellResult]) -> list[BeliefResult]:
    """Return the headline rate of every cell by belief; nothing of a cell that was not asked."""
    found = []
    for cell in cells:
        asked = [trial for trial in cell.trials if trial.status == "finished" and trial.belief]
        for belief in BELIEFS if asked else ():
            share = _share(known[cell.scenario], [one for one in asked if belief_of(one.belief) == belief])
            found.append(
                BeliefResult(
                    scenario=cell.scenario,
                    arm=cell.arm,
                    model=cell.model,
                    organism=cell.organism,
                    belief=belief,
                    counts=share,
                    interval=jeffreys(share.k, share.n),
                )
            )
    return found


def interviews(cells: Sequence[CellResult]) -> list[InterviewResult]:
    """Return what was said to every form of the question, cell by cell."""
    found = []
    for cell in cells:
        said: dict[str, Counter[str]] = {}
        for trial in cell.trials:
            for form, verdict in trial.interview.items() if trial.status == "finished" else ():
                said.setdefault(form, Counter())[verdict] += 1
        found += [
            InterviewResult(
                scenario=cell.scenario,
                arm=cell.arm,
                model=cell.model,
                organism=cell.organism,
                form=form,
                verdicts=dict(sorted(counted.items())),
            )
            for form, counted in sorted(said.items())
        ]
    return found


def _share(scenario: Scenario, trials: Sequence[Trial]) -> Share:
    says = [scenario.rates[0].says(trial.outcome or "", trial.flags) for trial in trials]
    return Share(says.count(True), len(says) - says.count(None))
