"""Starts a guarded agent's parts in their order; what fails ends them all: nothing runs half guarded.

In that order: the registry's folder, the cell, the outlets, the seal, the stopper, the probe, and only then
the agent.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from offswitch.errors import MachineError
from offswitch.guard import authority, disk, placeholders, records, registry, sharing
from offswitch.guard.cell.client import Cell
from offswitch.guard.cell.starting import Launcher, start
from offswitch.guard.kernel import barriers, cgroup
from offswitch.guard.outlets import Outlets, spawn_outlets, start_outlets
from offswitch.guard.policy import dangers
from offswitch.guard.policy.model import Policy
from offswitch.guard.policy.resolve import Resolved
from offswitch.guard.probe.mounts import Mounts
from offswitch.guard.seal import Seal
from offswitch.guard.sockets.visible import Visible
from offswitch.guard.standing import spawn_stopper, start_stopper
from offswitch.guard.stop import stopper
from offswitch.guard.supervisor import Guarded


def start_guarded(
    name: str, command: Sequence[str], policy: Policy, resolved: Resolved, allow_missing: frozenset[str]
) -> Guarded:
    """Start everything but the agent itself.

    Args:
        name: by which it is stopped.
        command: what will be run in the cell.
        policy: the policy.
        resolved: the same, on this machine.
        allow_missing: names of barriers and limits without which it may run.

    Raises:
        MachineError: if this machine does not hold a barrier; the message names it.
        UsageError: if the name is taken.
        CellError: if a part does not start.
    """
    folder = registry.make(name)
    with contextlib.ExitStack() as undo:
        launcher = Launcher()
        undo.callback(launcher.close)
        ways, stopping = spawn_outlets(resolved), spawn_stopper()  # they start while the cell does
        for one in (*ways.values(), stopping):
            undo.callback(one.end)
        undo.callback(placeholders.unmake, folder)
        _prepare(folder, policy, resolved)
        cell = start(launcher, resolved.workplace, resolved.limits)
        undo.callback(cell.close)
        held = cell.barriers | cell.limits | _group(cell)
        _require(held, allow_missing)
        outlets = start_outlets(ways, cell, resolved, folder)
        undo.callback(outlets.close)
        seal = _sealed(folder, resolved)
        agent = _agent(name, command, cell, held | {"gate": outlets.standing}, outlets, resolved)
        registry.note(agent)
        stands = start_stopper(stopping, cell, agent, outlets, policy, folder)
        launcher.end_with(stands.process.pid, stopper.hang_seconds(policy.stop.lease_seconds))
        agent = msgspec.structs.replace(agent, stopper=stands.granted)
        registry.note(agent)
        mounts = Mounts(cell.init_pid, (*resolved.workplace.sealed, *resolved.workplace.hidden))
        undo.callback(mounts.close)
        sockets = _sockets(resolved)
        guarded = Guarded(agent, cell, folder, seal, resolved, outlets, stands, mounts, sockets, launcher)
        _probe(guarded)
        if policy.stop.authority:
            undo.callback(authority.withdraw, name)
            authority.publish(name, folder / registry.SOCKET, msgspec.json.encode(agent.public))
        undo.pop_all()
    return guarded


def _prepare(folder: Path, policy: Policy, resolved: Resolved) -> None:
    """Make on the host what the cell needs there."""
    sharing.note(folder, resolved.workplace)
    placeholders.make(folder, resolved.made)
    for path in resolved.workplace.records.values():
        records.make(Path(path), resolved.workplace.owner)
    if low := disk.shortage(resolved.workplace.work, policy.limits.free_disk_mb):
        raise MachineError(f"the agent was not started: {low} (the policy's limits.free_disk_mb)")


def _sealed(folder: Path, resolved: Resolved) -> Seal:
    """Take the manifest of what must not change, and keep it, signed."""
    seal = Seal(Path(path) for path in resolved.watched)
    signed = seal.signed((str(made.path) for made in resolved.made), resolved.roles)
    (folder / "seal.json").write_bytes(msgspec.json.encode(signed))
    return seal


def _sockets(resolved: Resolved) -> Visible:
    place = resolved.workplace
    shown = (*place.readable, *place.shown.values(), *place.work, *dangers.SHOWN_TO_ALL)
    return Visible(shown, (*place.hidden, *resolved.opened))


def _probe(guarded: Guarded) -> None:
    """Have every barrier tried before anything runs behind it."""
    with guarded.starting():
        wrong = guarded.breach(starting=True) or guarded.services()
    if wrong:
        raise MachineError(f"the agent was not started: {wrong}")


def _agent(  # noqa: PLR0913, PLR0917 (each of them is one of its fields)
    name: str,
    command: Sequence[str],
    cell: Cell,
    held: dict[str, str],
    outlets: Outlets,
    resolved: Resolved,
) -> registry.Agent:
    group = cgroup.folder_of(cell.init_pid)
    return registry.Agent(
        name=name,
        command=list(command),
        workdir=resolved.workplace.workdir,
        started=time.time(),
        supervisor=os.getpid(),
        init_pid=cell.init_pid,
        init_born=registry.born(cell.init_pid),
        group=str(group or ""),
        barriers=held,
        hosts=[f"{host.name}:{host.port}" for host in resolved.hosts],
        model=resolved.provider.url if resolved.provider else "",
        sealed=list(resolved.workplace.steering),
        outlets=outlets.numbers(),
    )


def _group(cell: Cell) -> dict[str, str]:
    has_one = cgroup.folder_of(cell.init_pid) is not None
    return {"group": barriers.IN_FORCE if has_one else "it has no cgroup v2 group of its own"}


def _require(held: dict[str, str], allow_missing: frozenset[str]) -> None:
    """Refuse to start without a barrier or a limit, unless it is named."""
    missing = {
        name: state
        for name, state in held.items()
        if state != barriers.IN_FORCE and name not in allow_missing
    }
    if missing:
        seen = "; ".join(f"{name}: {state}" for name, state in missing.items())
        named = " ".join(f"--allow-missing {name}" for name in missing)
        raise MachineError(
            f"not in force here: {seen}; offswitch doctor says what to do; to run without: {named}"
        )
