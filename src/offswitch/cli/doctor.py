"""`offswitch doctor`: which barriers this machine can hold."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from offswitch.cli.terminal import document, plain
from offswitch.errors import OffswitchError
from offswitch.guard import doctor as examination
from offswitch.guard.policy import load
from offswitch.guard.policy.resolve import resolve

SCHEMA = "offswitch.doctor/1"
_WORDS = {
    "strong": "strong: the kernel holds every barrier, and ends an agent in one write",
    "weaker": "weaker: what is missing is marked; offswitch guard does not start without it, unless it is "
    "named in --allow-missing",
    "none": "none: no cell can be started here",
}
_EXAMPLES = """
\b
Examples:
  offswitch doctor
  offswitch doctor --policy claude_code --json

\b
Exit codes: 0 strong, and the policy can be held; 1 weaker or not at all.
"""


@click.command("doctor", epilog=_EXAMPLES, short_help="Say which barriers this machine can hold.")
@click.option(
    "--policy", "policy_name", metavar="FILE|NAME", help="Look whether this policy can be held here, too."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def doctor(*, policy_name: str | None, as_json: bool) -> int:
    """Try every barrier in a real cell, in this folder, and say what to do for what is missing."""
    click.echo("offswitch: trying the barriers in a cell", err=True)
    found = examination.examine()
    problem = _of_policy(policy_name) if policy_name is not None else ""
    if as_json:
        described: dict[str, Any] = {
            "schema": SCHEMA,
            "strength": found.strength,
            "lines": [line._asdict() for line in found.lines],
        }
        click.echo(document(described | ({"policy": problem or "can be held"} if policy_name else {})))
    else:
        for line in found.lines:
            mark = "yes" if line.holds else "no " if line.optional else "NO "
            remedy = f" -> {line.remedy}" if line.remedy and not line.holds else ""
            click.echo(plain(f"{mark}  {line.name}: {line.seen}{remedy}"))
        click.echo(_WORDS[found.strength])
        if policy_name is not None:
            click.echo(plain(f"policy {policy_name}: {problem or 'can be held'}"))
    return 0 if found.strength == "strong" and not problem else 1


def _of_policy(named: str) -> str:
    """Return what keeps a policy from being held here, or ""."""
    try:
        policy, source = load.find(named)
        resolve(policy, Path.cwd(), Path.home(), os.environ, source)
    except OffswitchError as failure:
        return str(failure)
    return ""
