"""`offswitch horizon`: time horizons of agents, and how fast they grow."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from offswitch.cli.extras import evaluation_half
from offswitch.cli.terminal import counted, document, plain
from offswitch.errors import UsageError
from offswitch.stats.horizon_files import Fitted, Resamples, read_fits, read_resamples, read_runs
from offswitch.stats.horizon_table import Growth, Horizon, Table, from_fits, from_runs

EXAMPLES = """
\b
Examples:
  offswitch horizon --fits headline.csv --bootstrap bootstrap.csv
      the trend of published fits, with intervals
  offswitch horizon --fits headline.csv --until 2025-03-01
      without the agents released later
  offswitch horizon --runs runs.jsonl
      fits your own runs: task_id, task_family, human_minutes, score, agent
"""
_UNDECIDED = 3
_NAME = 27
_WHOLE = 100.0
"""From so many minutes on no decimals are shown."""


@click.command("horizon", epilog=EXAMPLES, short_help="Time horizons of agents, and how fast they grow.")
@click.option("--fits", type=click.Path(path_type=Path), metavar="CSV", help="Published fits: agent, p50, "
              "release_date.")  # fmt: skip
@click.option("--bootstrap", type=click.Path(path_type=Path), metavar="CSV",
              help="Resamples of published fits, for intervals: AGENT_p50.")  # fmt: skip
@click.option("--runs", type=click.Path(path_type=Path), metavar="JSONL", help="Your own runs, one a line.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), default="2024-01-01", show_default=True,
              metavar="DATE", help="Where a second trend begins.")  # fmt: skip
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE",
              help="Leave out agents released later.")  # fmt: skip
@click.option("--resamples", type=click.IntRange(100, 10_000), default=1000, show_default=True,
              help="Resamples of your own runs.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Seed of the resampling.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON (offswitch.horizon/1).")
def horizon(  # noqa: PLR0913 one parameter an option
    *,
    fits: Path | None,
    bootstrap: Path | None,
    runs: Path | None,
    since: datetime,
    until: datetime | None,
    resamples: int,
    seed: int,
    as_json: bool,
) -> None:
    """Show how long tasks may take a person that an agent does half of the time.

    The fit and the trend are METR's; see docs/statistics.md. Exit code 3 if no agent has a horizon.
    """
    if bootstrap is not None and fits is None:
        raise UsageError("--bootstrap belongs to --fits; runs are resampled here")
    period = since.date(), until.date() if until else None
    with evaluation_half():
        if fits is not None and runs is None:
            read = read_fits(fits)
            table = from_fits(read, _resamples(bootstrap, read), *period)
        elif runs is not None and fits is None:
            own = read_runs(runs)
            click.echo(f"resampling {counted(len(own.attempts), 'run')}", err=True)
            table = from_runs(own, *period, seed=seed, resamples=resamples)
        else:
            raise UsageError("expected either --fits with published fits or --runs with your own runs")
    if as_json:
        click.echo(document(table))
    else:
        _show(table)
    if all(one.p50 is None for one in table.horizons):
        click.echo("undecided: no agent has a horizon", err=True)
        click.get_current_context().exit(_UNDECIDED)


def _resamples(bootstrap: Path | None, fits: list[Fitted]) -> Resamples | None:
    dated = [one.agent for one in fits if one.released]
    return read_resamples(bootstrap, dated) if bootstrap and dated else None


def _show(table: Table) -> None:
    click.echo(f"{'agent':<{_NAME}}  {'released':<10}  {'p50 min':>7}  {'95 % interval':<16}  {'p80 min':>7}")
    for one in table.horizons:
        _show_agent(one)
    if any(one.best_at_release for one in table.horizons):
        click.echo("* no agent released by then did better")
    beyond = {one.agent for one in table.horizons if one.beyond_the_tasks}
    for growth in table.growth:
        _show_growth(growth)
        outside = len(beyond.intersection(growth.trend.agents))
        if outside:
            click.echo(f"  {outside} of these horizons lie beyond the tasks: that part is an extrapolation")
    if not table.growth:
        click.echo("no trend: it takes three agents with a date that were the best at their release")


def _show_agent(one: Horizon) -> None:
    name = plain(one.agent)
    name = name if len(name) <= _NAME - 2 else f"{name[: _NAME - 3]}…"
    mark = "*" if one.best_at_release else " "
    released = one.released.isoformat() if one.released else "-"
    inside = ""
    if one.low is not None:
        inside = (
            f"{_number(one.low)} to {_number(one.high)}" if one.high is not None else f"{_number(one.low)} up"
        )
    figures = f"{_number(one.p50):>7}  {inside:<16}  {_number(one.p80):>7}"
    click.echo(f"{name:<{_NAME - 2}} {mark}  {released:<10}  {figures}".rstrip())
    if one.note:
        click.echo(f"  {one.note}")


def _show_growth(growth: Growth) -> None:
    found = growth.trend
    days = found.doubling_days
    said = "no growth" if days is None or days < 0 else f"doubling in {days:.1f} days"
    inside = ""
    if found.low is not None:
        inside = f" (95 % {found.low:.0f}{f'-{found.high:.0f}' if found.high is not None else ' up'})"
    click.echo(f"since {growth.since}: {said}{inside}, {len(found.agents)} agents, R² {found.r_squared:.3f}")


def _number(minutes: float | None) -> str:
    if minutes is None:
        return "-"
    return f"{minutes:,.0f}" if minutes >= _WHOLE else f"{minutes:.3g}"
