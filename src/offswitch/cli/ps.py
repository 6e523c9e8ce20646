"""`offswitch ps`: the guarded agents of this user."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import click

from offswitch.cli.terminal import document, plain
from offswitch.guard import placeholders, registry, state

SCHEMA = "offswitch.ps/1"
_WIDEST = 80
_AT_ONCE = 32
_EXAMPLES = """
\b
Examples:
  offswitch ps
  offswitch ps --all --json

\b
States: running; paused, by a person; lease, frozen because its supervisor is
lost; no answer, its stopper hangs; unguarded, its stopper is gone (stop it);
stopped; ended, without a stop.
"""


@click.command("ps", epilog=_EXAMPLES, short_help="List the guarded agents.")
@click.option("--all", "every", is_flag=True, help="Those that run no more, too.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def ps(*, every: bool, as_json: bool) -> int:
    """List the guarded agents of this user, and how strong each one's cell is.

    Placeholders that a guard left behind when it crashed are removed.
    """
    placeholders.remove_left_over()
    agents = registry.agents()
    with ThreadPoolExecutor(_AT_ONCE) as pool:  # one that does not answer must not hold up the others
        found = list(pool.map(_described, agents))
    shown = [one for one in found if every or one["state"] not in state.OVER]
    if as_json:
        click.echo(document({"schema": SCHEMA, "agents": shown}))
        return 0
    rows = [("NAME", "STATE", "SINCE", "MISSING", "COMMAND")]
    rows += [
        (
            one["name"] if one["own"] else f"{one['user']}/{one['name']}",
            one["state"],
            _ago(one["started"]),
            ",".join(one["missing"]) or "-",
            " ".join(one["command"]),
        )
        for one in shown
    ]
    shorts = [[plain(cell)[:_WIDEST] for cell in row] for row in rows]
    widths = [*(max(map(len, column)) for column in zip(*shorts, strict=True)), 0]
    for row in shorts:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        click.echo("  ".join(cells).rstrip())
    return 0


def _described(agent: registry.Agent) -> dict[str, Any]:
    return {
        "name": agent.name,
        "user": registry.user_of(agent),
        "own": registry.is_own(agent),
        "state": state.of(agent),
        "command": agent.command,
        "folder": agent.workdir,
        "started": agent.started,
        "supervisor": agent.supervisor,
        "missing": list(agent.missing),
        "stopper_lacks": list(agent.stopper_lacks),
        "hosts": agent.hosts,
        "model": agent.model,
    }


def _ago(moment: float) -> str:
    seconds = max(time.time() - moment, 0)
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f}{unit}"
    return f"{seconds:.0f}s"
