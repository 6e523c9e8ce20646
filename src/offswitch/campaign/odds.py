"""Odds ratios of the factors of a scenario, over the trials that draw them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from offswitch.campaign.results import CellResult, OddsResult
from offswitch.scenarios import Scenario
from offswitch.stats.regression import Row, odds_ratios


def odds(known: Mapping[str, Scenario], cells: Sequence[CellResult]) -> list[OddsResult]:
    """Fit the headline rate of every arm that draws factors, model by model."""
    found = []
    for cell in cells:
        scenario = known[cell.scenario]
        arm = scenario.arm(cell.arm)
        if not arm.drawn or cell.guarded or not cell.finished:
            continue
        rate = scenario.rates[0]
        rows = [
            Row(
                outcome=rate.says(trial.outcome or "", trial.flags),
                factors={name: trial.setting[name] for name in arm.drawn},
                cluster=trial.wording,
            )
            for trial in cell.trials
            if trial.status == "finished" and set(arm.drawn) <= set(trial.setting)
        ]
        levels = {one.name: list(one.levels) for one in scenario.factors if one.name in arm.drawn}
        if rows:
            found.append(
                OddsResult(
                    scenario=cell.scenario,
                    model=cell.model,
                    organism=cell.organism,
                    rate=rate.name,
                    regression=odds_ratios(rows, levels),
                )
            )
    return found
