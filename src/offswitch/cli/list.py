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


@click.command("list", epilog=EXAMPLE, short_help="List the scenarios and the parts installed.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON (offswitch.list/1).")
def list_command(*, as_json: bool) -> None:
    """List the scenarios, and what a scan works with; with --json also arms and simulated agents.

    Of detectors, asset packs and command tables the package is named that each comes from.
    """
    known = [scenarios()[name] for name in sorted(scenarios())]
    installed = parts()
    if as_json:
        listed = {"schema": SCHEMA, "scenarios": [_entry(one) for one in known], **installed}
        click.echo(document(listed))
        return
    click.echo("scenarios (each explained by: offswitch scenarios NAME):")
    for one in known:
        click.echo(f"  {one.name:<32} {one.title}")
    for kind, some in installed.items():
        click.echo(f"{kind.replace('_', ' ')}:")
        for part in some:
            click.echo(f"  {part.name:<24} {part.package:<16} {part.summary}")


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
