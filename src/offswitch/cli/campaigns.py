"""What `run` and `report` share: from a plan to a printed table. Importing it imports Inspect."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from shlex import quote
from typing import NamedTuple

import click

from offswitch.campaign.collect import collect
from offswitch.campaign.estimate import estimate, paid_left
from offswitch.campaign.folder import RunFolder, clear_io_errors
from offswitch.campaign.logs import already_run
from offswitch.campaign.looks import Looks, plan_looks
from offswitch.campaign.models import read_model_args
from offswitch.campaign.plan import Guard, Plan, PlannedCell, make_plan, paid_models, plan_cells
from offswitch.campaign.preflight import check_models, check_sandbox
from offswitch.campaign.results import Results
from offswitch.campaign.run import Effort, run
from offswitch.cli.output import Output
from offswitch.errors import MachineError, UsageError
from offswitch.report import print_table, render_page, stray
from offswitch.stats.sequential import Shape

__all__ = ["Effort", "Named", "begin", "conduct", "prepare", "publish", "resume"]

UNDECIDED = 3
INTERRUPTED = 130
WIDTH = 80


class Named(NamedTuple):
    """What a user named on the command line."""

    scenarios: tuple[str, ...]
    models: tuple[str, ...]
    arms: tuple[str, ...]
    trials: int
    seed: int
    sandbox: str
    guard: Guard = "off"
    model_args: tuple[str, ...] = ()
    options: tuple[tuple[str, object], ...] = ()
    judge: str = ""
    looks: int = 1
    alpha: float = 0.05
    spending: Shape = "obrien_fleming"


def begin(named: Named, path: Path) -> tuple[Plan, RunFolder]:
    """Plan a campaign in a folder, which may hold the same plan already."""
    cells = plan_cells(named.scenarios, named.arms, named.models, named.guard)
    plan = make_plan(
        cells,
        trials=named.trials,
        seed=named.seed,
        sandbox=named.sandbox,
        model_args=read_model_args(named.model_args),
        options=dict(named.options),
        judge=named.judge,
        stopping=plan_looks(
            cells, trials=named.trials, looks=named.looks, alpha=named.alpha, shape=named.spending
        ),
    )
    return plan, RunFolder(path)


def resume(path: Path) -> tuple[Plan, RunFolder]:
    """Take the plan of a run folder."""
    folder = RunFolder(path)
    return folder.read_plan(), folder


def prepare(plan: Plan, folder: RunFolder, *, yes: bool) -> None:
    """Check what can be checked before the first trial, say what paid models may cost, and ask.

    Args:
        plan: what is to be run.
        folder: where.
        yes: whether paid models may be called without asking.

    Raises:
        OffswitchError: if the campaign cannot be run, or would call paid models and nobody can be asked.
        click.Abort: if the user says no.
    """
    try:
        folder.check(plan)
    except MachineError as failure:
        raise MachineError(f"{failure}; choose another --out") from failure
    if Looks(folder, plan).stopped:
        return
    check_models(plan)
    finished = already_run(folder.logs, plan.fingerprint).finished
    if sum(map(len, finished.values())) < plan.total:
        check_sandbox(plan)
    if paid := paid_left(plan, finished):
        _can_ask(paid, plan, yes=yes)
        click.echo("rehearsing with simulated agents, to estimate calls and tokens", err=True)
    expected = estimate(plan, finished)
    if expected is not None:
        click.echo(f"estimate: {expected}", err=True)
        if not yes:
            click.confirm("call these models?", abort=True, err=True)


def _can_ask(paid: Iterable[PlannedCell], plan: Plan, *, yes: bool) -> None:
    """Refuse to call paid models where nobody has said yes, and there is no terminal to ask at.

    Raises:
        UsageError: if so.
    """
    if not yes and not sys.stdin.isatty():
        named = ", ".join(paid_models(paid, plan.judge or ""))
        raise UsageError(f"{named} may cost money, and there is no terminal to ask at; to call it, add --yes")


def conduct(plan: Plan, folder: RunFolder, effort: Effort, *, as_json: bool) -> int:
    """Run a campaign and publish what it found. Returns the exit code.

    Raises:
        OffswitchError: if the machine failed; the message says how to continue.
    """
    again = f"offswitch run --resume {quote(str(folder.path))}"
    click.echo(f"run folder: {folder.path}", err=True)
    try:
        stopped = run(plan, folder, effort)
        results = publish(folder, as_json=as_json)
    except MachineError as failure:
        if not folder.plan.exists():
            raise MachineError(f"{failure}; nothing was run, choose another --out") from failure
        raise MachineError(f"{failure}; finished trials are kept, continue with: {again}") from failure
    if stopped == "interrupted":
        click.echo(f"interrupted; finished trials are kept, continue with: {again}", err=True)
        return INTERRUPTED
    if stopped == "budget":
        click.echo(f"the token budget is used; continue with: {again} --limit-tokens MORE", err=True)
    elif stopped == "look":
        click.echo(f"stopped at look {len(results.looks)}: a difference; no further trial is run", err=True)
    elif effort.until is not None and effort.until < plan.trials:
        click.echo(f"trials of each cell: {effort.until} of {plan.trials}; continue with: {again}", err=True)
    return verdict(results)


def verdict(results: Results) -> int:
    """Return the exit code: a cell without a rate is not decided."""
    if any(cell.finished == 0 for cell in results.cells):
        click.echo("undecided: a cell has no finished trial, so it has no rate", err=True)
        return UNDECIDED
    return 0


def publish(folder: RunFolder, *, as_json: bool) -> Results:
    """Write results and page of a run folder, and print the one or the path of the other."""
    results = collect(folder)
    with clear_io_errors(folder.path):
        folder.write(folder.page, render_page(results, str(folder.path)).encode())
    for line in stray(results):
        click.echo(f"{folder.path}: {line}", err=True)
    if as_json:
        click.echo(folder.results.read_bytes())
    else:
        print_table(results, Output(width=WIDTH, highlight=False))
        click.echo(f"page: {folder.page.resolve()}")
    return results
