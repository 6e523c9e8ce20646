"""`offswitch approve`: settles what a policy's condition holds until a person says so."""

from __future__ import annotations

import time
from pathlib import Path

import click

from offswitch.cli.terminal import document, plain
from offswitch.errors import UsageError
from offswitch.guard import held, registry

SCHEMA = "offswitch.held/1"
_EXAMPLES = """
\b
Examples:
  offswitch approve helper            # lists what is held
  offswitch approve helper 1 2        # lets 1 and 2 out
  offswitch approve helper --all --deny
"""


@click.command("approve", epilog=_EXAMPLES, short_help="Settle what a condition of the policy holds.")
@click.argument("name")
@click.argument("numbers", nargs=-1, type=int)
@click.option("--all", "every", is_flag=True, help="All that is held.")
@click.option("--deny", is_flag=True, help="Refuse it instead.")
@click.option("--json", "as_json", is_flag=True, help="Print what is held as JSON.")
def approve(*, name: str, numbers: tuple[int, ...], every: bool, deny: bool, as_json: bool) -> int:
    """List what is held of the agent NAME, or let NUMBERS of it out.

    An approval holds for that condition and the same host, method and path until the agent ends.

    Exit codes: 0 done, 1 none of these is held (any more), 2 there is no such agent.
    """
    if every and numbers:
        raise UsageError("expected numbers, or --all")
    agent = registry.find(name)
    if not registry.is_own(agent):
        raise UsageError(f"{name} is another user's agent: only they can settle what it has held")
    folder = Path(agent.folder)
    if not every and not numbers:
        waiting = held.held(folder)
        if as_json:
            click.echo(document({"schema": SCHEMA, "held": waiting}))
        else:
            if not waiting:
                click.echo("offswitch: nothing is held", err=True)
            for one in waiting:
                left = max(one["until"] - time.time(), 0)
                what = " ".join(str(one[key]) for key in ("method", "host", "port", "path") if one.get(key))
                click.echo(plain(f"{one['number']}  {what}  because {one['why']}; refused in {left:.0f} s"))
        return 0
    settled = held.settle(folder, allow=not deny, numbers=None if every else list(numbers))
    done = "refused" if deny else "let out"
    click.echo(f"offswitch: {settled} {done}", err=True)
    return 0 if settled else 1
