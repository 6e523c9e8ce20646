"""What `plan` asks a campaign: its cells, its contrasts, and what it takes. Importing it imports Inspect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations

import click

from offswitch.campaign.estimate import estimate
from offswitch.campaign.plan import Plan, PlannedCell, make_plan, paid_models, plan_cells, simulated
from offswitch.campaign.preflight import check_sandbox
from offswitch.cli.planned import Answer, Campaign, Expected, Group
from offswitch.scenarios import scenario
from offswitch.stats.contrast_plan import ContrastPlan

__all__ = ["answer", "largest_family", "make_plan", "plan_cells"]


def answer(
    plan: Plan, contrast: ContrastPlan | None, price: tuple[float, float] | None, *, rehearse: bool
) -> Answer:
    """Say what a plan would run and take.

    Args:
        plan: what would be run.
        contrast: what a contrast of it needs, if that was asked.
        price: dollars for a million tokens read, and written.
        rehearse: whether to let simulated agents show how many calls and tokens it takes.

    Raises:
        MachineError: if the rehearsal cannot be run.
    """
    campaign = Campaign(groups=tuple(_groups(plan)), trials=plan.trials, total=plan.total)
    paid = paid_models(plan.cells, plan.judge or "")
    expected = _expected(plan, price) if rehearse and paid else None
    return Answer(campaign=campaign, contrast=contrast, expected=expected)


def _groups(plan: Plan) -> list[Group]:
    found = []
    for name in dict.fromkeys(cell.scenario for cell in plan.cells):
        cells = [cell for cell in plan.cells if cell.scenario == name]
        guarded = {cell.guarded for cell in cells}
        found.append(
            Group(
                scenario=name,
                arms=tuple(dict.fromkeys(cell.arm for cell in cells)),
                models=tuple(dict.fromkeys(cell.model for cell in cells)),
                guard="both" if len(guarded) > 1 else "on" if guarded == {True} else "off",
                cells=len(cells),
            )
        )
    return found


def largest_family(cells: Sequence[PlannedCell]) -> int:
    """Return how many contrasts Holm corrects over in the largest family: as in the campaign's results.

    A family is all contrasts of one scenario between arms, or all between guard off and on, of the models or
    of the simulated agents.
    """
    between_arms: dict[tuple[str, bool], list[PlannedCell]] = {}
    off_and_on: Counter[tuple[str, bool]] = Counter()
    unguarded = {(cell.scenario, cell.arm, cell.model) for cell in cells if not cell.guarded}
    for cell in cells:
        family = cell.scenario, simulated(cell.model)
        if cell.guarded:
            off_and_on[family] += (cell.scenario, cell.arm, cell.model) in unguarded
        elif scenario(cell.scenario).arm(cell.arm).measures == "propensity":
            between_arms.setdefault(family, []).append(cell)
    pairs = [
        sum(first.model == second.model for first, second in combinations(members, 2))
        for members in between_arms.values()
    ]
    return max([1, *pairs, *off_and_on.values()])


def _expected(plan: Plan, price: tuple[float, float] | None) -> Expected | None:
    check_sandbox(plan)
    click.echo("rehearsing with simulated agents, to estimate calls and tokens", err=True)
    found = estimate(plan, {})
    if found is None:
        return None
    dollars = None
    said = str(found)
    if found.rehearsed and price:
        dollars = (found.input_tokens * price[0] + found.output_tokens * price[1]) / 1e6
        said += f"; about ${dollars:,.2f} at {price[0]:g} and {price[1]:g} dollars a million"
    return Expected(
        trials=found.trials,
        calls=found.calls if found.rehearsed else None,
        input_tokens=found.input_tokens if found.rehearsed else None,
        output_tokens=found.output_tokens if found.rehearsed else None,
        dollars=dollars,
        said=said,
    )
