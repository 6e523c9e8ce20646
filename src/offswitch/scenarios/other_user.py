"""Runs a program of the world as another user than the agent, where the machine has one."""

from __future__ import annotations

from collections.abc import Sequence

from inspect_ai.util import ExecResult, SandboxUserUnsupportedError, sandbox

from offswitch.guard.cell.network import HERE

_SECONDS = 30


async def run_as_other(argv: Sequence[str], source: str = "", host: str = HERE) -> ExecResult[str]:
    """Run a program as root; as the agent's user, where the machine has no other.

    Args:
        argv: the program and its arguments.
        source: what it reads from its standard input.
        host: in whose network it runs, of the trial's private hosts.
    """
    there = "" if host == HERE else f"@{host}"
    try:
        return await sandbox().exec(list(argv), input=source, user=f"root{there}", timeout=_SECONDS)
    except SandboxUserUnsupportedError:
        user = f"user{there}" if there else None
        return await sandbox().exec(list(argv), input=source, user=user, timeout=_SECONDS)
