"""Runs one agent in its cell from its start to its end, and keeps the lease while it does.

In its order: the registry's folder, the cell, the outlets, the seal, the stopper, the probe, and only then
the agent. Whatever fails before that ends it all: nothing runs half guarded.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from offswitch.errors import CellError, MachineError
from offswitch.guard import authority, placeholders, registry, standing
from offswitch.guard.cell.client import Cell, Launcher, start
from offswitch.guard.egress.gate import Gate
from offswitch.guard.kernel import barriers, cgroup
from offswitch.guard.outlets import Outlets, spawn_outlets, start_outlets
from offswitch.guard.policy.model import Policy
from offswitch.guard.policy.resolve import Resolved
from offswitch.guard.probe import facts, judge
from offswitch.guard.seal import Seal
from offswitch.guard.standing import Standing, spawn_stopper, start_stopper
from offswitch.guard.stop import steps, stopper
from offswitch.guard.stop.tree import Tree

BEAT_SECONDS = 0.15
"""Between two heartbeats: four fit into the silence after which the stopper freezes the agent."""
_START_SECONDS = 20.0


@dataclass
class Guarded:
    """A guarded agent that is up.

    Attributes:
        agent: what the registry knows of it.
        cell: its cell.
        folder: the registry's folder.
        seal: what must not change.
        resolved: its policy, on this machine.
        outlets: what anything leaves through.
        stopper: what stops it.
    """

    agent: registry.Agent
    cell: Cell
    folder: Path
    seal: Seal
    resolved: Resolved
    outlets: Outlets
    stopper: Standing
    _launcher: Launcher
    _answered: float = field(default_factory=time.monotonic)

    def environment(self) -> dict[str, str]:
        """Return what tells the agent where its outlets are."""
        return self.outlets.environment()

    @contextlib.contextmanager
    def starting(self) -> Iterator[None]:
        """Send heartbeats from a thread meanwhile, for the time that a start may take; then `beat` is needed.

        The keeper is frozen with the agent: who waits for its answer and does not beat waits for ever.
        """
        done = threading.Event()
        end = time.monotonic() + _START_SECONDS

        def beat() -> None:
            while not done.wait(BEAT_SECONDS) and time.monotonic() < end:
                self.beat()

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def beat(self) -> bool:
        """Send a heartbeat; False when the stopper has not answered for too long, or is gone."""
        line = self.stopper.line
        with contextlib.suppress(BlockingIOError):
            try:
                line.send(stopper.HEARTBEAT)
                if not line.recv(4096):
                    return False
                self._answered = time.monotonic()
            except (BrokenPipeError, ConnectionResetError):
                return False
        return time.monotonic() - self._answered < stopper.SILENCE

    def lost(self) -> str:
        """Return what of the guard is gone, or ""."""
        if lost := self.outlets.lost():
            return lost
        with contextlib.suppress(ChildProcessError):
            found = os.waitid(os.P_ALL, 0, os.WSTOPPED | os.WNOHANG | os.WNOWAIT)
            if found is not None:
                return f"process {found.si_pid} of its guard was stopped by a signal"
        try:
            there = standing.identity(self.folder / registry.SOCKET) == self.stopper.place
        except OSError:
            there = False
        return "" if there else "the socket by which it is stopped is gone"

    def breach(self, *, starting: bool = False) -> str:
        """Have its barriers probed from inside; return which does not hold, in one line, or "".

        Args:
            starting: that nothing is known, because it is frozen, counts as a barrier that does not hold.
        """
        place, folder = self.resolved.workplace, str(self.folder)
        unwritten = [path for path in self.resolved.watched if not facts.lies_in(path, place.writable)]
        running = [self.stopper.process, *(one.process for one in self.outlets.running)]
        aim = judge.Aim(
            sealed=place.sealed,
            beyond=(*unwritten, folder, str(Path(__file__).parent)),
            hidden=place.hidden,
            writable=place.writable,
            scratch=place.scratch,
            shown=(*place.readable, *place.writable),
            unseen=(folder,),
            sockets=(f"{folder}/{registry.SOCKET}",),
            processes=(os.getpid(), *(process.pid for process in running)),
            group=self.agent.group,
        )
        found = judge.breaches(self.cell, aim)
        if found is None:
            found = ["it was frozen"] if starting else []
        return f"a barrier does not hold: {'; '.join(found[:5])}" if found else ""

    def demand(self, reason: bytes) -> None:
        """Have the stopper stop it, without waiting for that; any thread may.

        Args:
            reason: one of the stopper's `REASONS`.
        """
        with contextlib.suppress(OSError):
            self.stopper.line.send(reason)

    def stop(self, reason: bytes) -> dict[str, Any]:
        """Have the stopper stop it, or stop it from here if that is gone or hangs.

        Args:
            reason: one of the stopper's `REASONS`.

        Returns:
            The record; see `steps.stop`.
        """
        if (record := self.stopped()) is not None:
            return record
        self.demand(reason)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.stopper.process.wait(stopper.SILENCE)
        why = f"{stopper.REASONS[reason]}; its stopper did not answer"
        return self.stopped() or self.stop_from_here(why)

    def stopped(self) -> dict[str, Any] | None:
        """Return how it was stopped, or None if it was not, as far as is noted."""
        return steps.last_record(self.folder / registry.JOURNAL)

    def stop_from_here(self, why: str) -> dict[str, Any]:
        """Stop it without the stopper, whose end this is too; return the record."""
        self.stopper.process.kill()
        self.stopper.process.wait()
        running = [one for one in self.outlets.running if one.process.returncode is None]
        outlets = {one.name: os.pidfd_open(one.process.pid) for one in running}
        group = Path(self.agent.group) if self.agent.group else None
        gate = None if self.outlets.gate is None else Gate(self.outlets.gate)
        record = steps.stop(Tree(group, self.cell.init, self.agent.init_pid), outlets, why, gate)
        for fd in outlets.values():
            os.close(fd)
        with contextlib.suppress(OSError):
            steps.Journal(self.folder / registry.JOURNAL).note(record)
        return record

    def close(self) -> None:
        """End what is left of it; if it was not stopped, it is stopped now."""
        self.stop(b"e")
        placeholders.unmake(self.folder)
        authority.withdraw(self.agent.name)
        self.stopper.end()  # it holds the cell's lines
        with contextlib.suppress(CellError, OSError):
            self.cell.close()
        self._launcher.close()
        self.outlets.close()


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
        placeholders.make(folder, resolved.made)
        cell = start(launcher, resolved.workplace, resolved.limits)
        undo.callback(cell.close)
        held = cell.barriers | cell.limits | _group(cell)
        _require(held, allow_missing)
        outlets = start_outlets(ways, cell, resolved, folder)
        undo.callback(outlets.close)
        seal = Seal(Path(path) for path in resolved.watched)
        signed = seal.signed((str(made.path) for made in resolved.made), resolved.roles)
        (folder / "seal.json").write_bytes(msgspec.json.encode(signed))
        agent = _agent(name, command, cell, held | {"gate": outlets.standing}, resolved)
        registry.note(agent)
        stands = start_stopper(stopping, cell, agent, outlets, policy, folder)
        guarded = Guarded(agent, cell, folder, seal, resolved, outlets, stands, launcher)
        with guarded.starting():
            wrong = guarded.breach(starting=True)
        if wrong:
            raise MachineError(f"the agent was not started: {wrong}")
        if policy.stop.authority:
            undo.callback(authority.withdraw, name)
            authority.publish(name, folder / registry.SOCKET, msgspec.json.encode(agent.public))
        undo.pop_all()
    return guarded


def _agent(
    name: str, command: Sequence[str], cell: Cell, held: dict[str, str], resolved: Resolved
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
        sealed=list(resolved.workplace.sealed),
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
