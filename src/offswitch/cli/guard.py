"""`offswitch guard`: runs an agent in a cell, out of reach of what steers it, and stoppable."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import sys
from pathlib import Path
from typing import Any

import click

from offswitch.cli.guarded_streams import READABLE, Streams
from offswitch.cli.interrupts import Interrupts
from offswitch.cli.stopped import summary
from offswitch.cli.terminal import document, plain
from offswitch.errors import CellError, MachineError, UsageError
from offswitch.guard import closing, homes, placeholders, registry, sweep
from offswitch.guard.kernel import barriers
from offswitch.guard.policy import load, trust
from offswitch.guard.policy.explain import explained, in_words
from offswitch.guard.policy.model import Policy
from offswitch.guard.policy.program import Shown, locate
from offswitch.guard.policy.resolve import Resolved, resolve
from offswitch.guard.starting import start_guarded
from offswitch.guard.watch import Watch

_STOPPED = 1
_MAY_BE_MISSING = (*barriers.NAMES, "memory", "pids", "group")

EXAMPLE = """
\b
Examples:
  offswitch guard -- python3 agent.py
  offswitch guard --policy claude_code --name helper -- claude
  offswitch guard --policy claude_code --explain -- claude
  offswitch stop helper

\b
Exit codes: the agent's own; 1 stopped, 2 it could not be started, 128 and
more: ended by a signal.
"""


@click.command(
    "guard",
    epilog=EXAMPLE,
    short_help="Run an agent in a cell, and be able to stop it.",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.option(
    "--policy",
    "policy_name",
    metavar="FILE|NAME",
    help="A policy's file, or the name of a shipped one. Default: offswitch.yaml if it exists and was named "
    "before, else plain.",
)
@click.option("--name", default="", help="Its name, by which it is stopped. Default: the program's.")
@click.option(
    "--allow-missing",
    multiple=True,
    type=click.Choice(_MAY_BE_MISSING),
    help="Run though this barrier is not in force; can be given again.",
)
@click.option("--explain", is_flag=True, help="Start nothing: list what the agent would see and reach.")
@click.option("--json", "as_json", is_flag=True, help="With --explain: print it as JSON.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def guard(  # noqa: PLR0913 (one for each option)
    *,
    policy_name: str | None,
    name: str,
    allow_missing: tuple[str, ...],
    explain: bool,
    as_json: bool,
    command: tuple[str, ...],
) -> int:
    """Run COMMAND in a cell.

    Its work folders are those of the policy; what steers it (settings, hooks, instructions, the policy, the
    guard itself) it can neither see nor change; a key for its model stays with the guard. It is stopped by
    `offswitch stop NAME`, and by the guard itself when the guard breaks.

    Without a terminal Ctrl-C asks it to end and stops it five seconds later, or at the second Ctrl-C; on a
    terminal the key is the agent's own.
    """
    if as_json and not explain:
        raise UsageError("expected --json with --explain only: what the agent says is passed on as it is")
    if command[0].startswith("-"):
        raise UsageError(
            f"there is no option {command[0]}; a program of that name is given as ./{command[0]}"
        )
    if not explain:
        placeholders.remove_left_over()
    policy, source = load.find(policy_name)
    if not explain and source is not None:
        _require_known(source, policy, named=policy_name is not None)
    resolved, argv = _resolved(policy, source, command)
    if explain:
        described = explained(policy, resolved, argv)
        click.echo(document(described) if as_json else in_words(described), nl=as_json)
        return 0
    for note in resolved.notes:
        _tell(note)
    return _run(name or Path(command[0]).name, argv, policy, resolved, frozenset(allow_missing))


def _require_known(source: Path, policy: Policy, *, named: bool) -> None:
    """Refuse a policy that was only found, unless this user has named it before and it says the same."""
    if named:
        trust.remember(source, policy)
    elif not trust.is_known(source, policy):
        raise UsageError(
            f"{source.absolute()} was found here, and you have not named it before, or it has changed since: "
            f"read it, and name it once: --policy {source}"
        )
    else:
        _tell(f"policy: {source.absolute()}")


def _resolved(
    policy: Policy, source: Path | None, command: tuple[str, ...]
) -> tuple[Resolved, tuple[str, ...]]:
    """Resolve a policy for a command: its program is sealed too, and found in the cell as outside."""
    start, home = Path.cwd(), Path.home()
    resolved = resolve(policy, start, home, os.environ, source)
    inside = resolved.workplace
    shown = Shown(tuple(map(Path, inside.writable)), tuple(map(Path, inside.readable)))
    program = locate(command, start, home, os.environ, shown)
    readable = (*inside.readable, *map(str, program.needed))
    return dataclasses.replace(
        resolved,
        workplace=dataclasses.replace(inside, readable=readable, env={"PATH": program.path} | inside.env),
        watched=tuple(dict.fromkeys((*resolved.watched, *map(str, program.files)))),
    ), program.argv


def _run(
    name: str, argv: tuple[str, ...], policy: Policy, resolved: Resolved, allow_missing: frozenset[str]
) -> int:
    try:
        guarded = start_guarded(name, argv, policy, resolved, allow_missing)
    except (MachineError, CellError):
        if not registry.is_running(name):  # nothing of it was started
            registry.forget(name)
        raise
    watch = Watch(guarded, policy, _tell)
    try:
        with guarded.starting():
            writable = map(Path, resolved.workplace.writable)
            concerned = homes.concerned(writable, os.environ)
            snapshot = sweep.take(concerned, guarded.agent.init_pid)
            sweep.write(snapshot, guarded.folder / "snapshot.json")
            passing = Streams(guarded, argv)
        with passing as streams, Interrupts(guarded.folder / registry.SOCKET, _tell):
            code = watch.follow(streams.work, streams.passed_on)
    finally:
        guarded.close()
    if code is None:
        _close(name, watch.stopped or guarded.stopped())
        return _STOPPED
    if closing.is_left_to_us(registry.find(name)):
        registry.forget(name)
    return code if code >= 0 else 128 - code


def _close(name: str, record: dict[str, Any] | None) -> None:
    """Write the receipt of a stop, if nobody else does, and say how it went."""
    agent = registry.find(name)
    if record is None or not closing.is_left_to_us(agent):
        said = f"its cell has ended; for a receipt: offswitch stop {name}"
        _tell(f"{name} was stopped: {said if record is None else record['why']}")
        return
    made = closing.made_receipt(agent, record)
    for line in summary(name, made, closing.keep(agent, made)):
        _tell(line)


def _tell(line: str) -> None:
    """Say something on standard error, whatever the agent did to the terminal; nobody may be there."""
    before = READABLE if sys.stderr.isatty() else ""
    with contextlib.suppress(OSError):
        click.echo(f"{before}offswitch: {plain(line)}\r", err=True)
