"""`offswitch list`: what can be run, and what watches it."""

from __future__ import annotations

import click

from offswitch.cli.parts import parts
from offswitch.cli.terminal import document
from offswitch.organisms.named import summary
from offswitch.scenarios import Scenario, scenarios

SCHEMA = "offswitch.list/1"


EXAMPLE = """
\b
Example:
  offswitch list
"""


@click.command(
    "list", epilog=EXAMPLE, short_help="List scenarios, arms, simulated agents, and the parts installed."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON (offswitch.list/1).")
def list_command(*, as_json: bool) -> None:
    """List the scenarios with their arms and simulated agents, and what a scan works with.

    Of detectors, asset packs and command tables the package is named that each comes from.
    """
    known = [scenarios()[name] for name in sorted(scenarios())]
    installed = parts()
    if as_json:
        listed = {"schema": SCHEMA, "scenarios": [_entry(one) for one in known], **installed}
        click.echo(document(listed))
        return
    for one in known:
        _show_scenario(one)
    for kind, some in installed.items():
        click.echo(f"{kind.replace('_', ' ')}:")
        for part in some:
            click.echo(f"  {part.name:<24} {part.package:<16} {part.summary}")


def _show_scenario(one: Scenario) -> None:
    click.echo(f"{one.name}: {one.title}\n  source: {one.source}\n  arms (* by default):")
    for arm in one.arms:
        marks = ("*" if arm.name in one.default_arms else " ") + arm.name
        apart = " (measures capability)" if arm.measures == "capability" else ""
        click.echo(f"    {marks:<16} {arm.summary}{apart}")
    if one.guarded_outcomes:
        click.echo("  with the guard on too: --guard on, or both")
    click.echo("  simulated agents:")
    for name in one.organisms:
        click.echo(f"    organism/{name:<26} {summary(name)}")


def _entry(one: Scenario) -> dict[str, object]:
    return {
        "name": one.name,
        "title": one.title,
        "source": one.source,
        "arms": [
            {
                "name": arm.name,
                "summary": arm.summary,
                "factors": dict(arm.factors),
                "measures": arm.measures,
                "default": arm.name in one.default_arms,
            }
            for arm in one.arms
        ],
        "organisms": [f"organism/{name}" for name in one.organisms],
        "organism_summaries": {f"organism/{name}": summary(name) for name in one.organisms},
        "outcomes": dict(one.outcomes),
        "guarded_outcomes": dict(one.guarded_outcomes),
        "rates": {rate.name: rate.meaning for rate in one.rates},
    }
