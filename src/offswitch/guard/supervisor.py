"""Holds the parts of one agent's guard together, from its start to its end, and keeps the lease meanwhile."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from offswitch.errors import CellError
from offswitch.guard import authority, placeholders, registry, standing
from offswitch.guard.cell.client import Cell
from offswitch.guard.cell.starting import Launcher
from offswitch.guard.egress.gate import Gate
from offswitch.guard.outlets import Outlets
from offswitch.guard.policy.resolve import Resolved
from offswitch.guard.probe import facts, judge
from offswitch.guard.probe.mounts import Mounts
from offswitch.guard.seal import Seal
from offswitch.guard.sockets.visible import Visible
from offswitch.guard.standing import Standing
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
        mounts: what seals and hides.
    """

    agent: registry.Agent
    cell: Cell
    folder: Path
    seal: Seal
    resolved: Resolved
    outlets: Outlets
    stopper: Standing
    mounts: Mounts
    _sockets: Visible
    _launcher: Launcher

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
        return self.stopper.beat()

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
        its_own = (*place.writable, *place.scratch)  # where another file of that name may be its own
        unwritten = [
            path
            for path in self.resolved.watched
            if facts.lies_in(path, place.readable) or not facts.lies_in(path, its_own)
        ]
        running = [self.stopper.process, *(one.process for one in self.outlets.running)]
        aim = judge.Aim(
            sealed=place.steering,
            beyond=(*unwritten, folder, str(Path(__file__).parent)),
            hidden=place.hidden,
            writable=(*place.writable, *place.records),
            scratch=place.scratch,
            unseen=(folder,),
            sockets=(f"{folder}/{registry.SOCKET}",),
            processes=(os.getpid(), *(process.pid for process in running)),
            group=self.agent.group,
            user=place.user,
        )
        found = judge.breaches(self.cell, aim)
        end = time.monotonic() + _START_SECONDS
        while found is None and starting and time.monotonic() < end:  # a busy machine may hold up a heartbeat
            time.sleep(BEAT_SECONDS)
            found = judge.breaches(self.cell, aim)
        if found is None:
            found = ["it was frozen"] if starting else []
        return f"a barrier does not hold: {'; '.join(found[:5])}" if found else ""

    def services(self) -> str:
        """Return which services outside it can call by a file it sees, in one line, or ""."""
        found = self._sockets.found()
        named = ", ".join(found[:5])
        return f"a program outside listens at {named}; hide it (files.hidden)" if found else ""

    def stop(self, reason: bytes) -> dict[str, Any]:
        """Have the stopper stop it, or stop it from here if that is gone or hangs.

        Args:
            reason: one of the stopper's `REASONS`.

        Returns:
            The record; see `steps.stop`.
        """
        if (record := self.stopped()) is not None:
            return record
        self.stopper.demand(reason)
        self.stopper.await_end()
        return self.stopped() or self.stop_from_here(stopper.REASONS[reason])

    def stopped(self) -> dict[str, Any] | None:
        """Return how it was stopped, or None if it was not, as far as is noted."""
        return steps.last_record(self.folder / registry.JOURNAL)

    def stop_from_here(self, why: str) -> dict[str, Any]:
        """Stop it without the stopper, whose end this is too; return the record.

        Args:
            why: the reason, if the stopper has not given one.
        """
        self.stopper.process.kill()
        self.stopper.process.wait()
        running = [one for one in self.outlets.running if one.process.returncode is None]
        outlets = {one.name: os.pidfd_open(one.process.pid) for one in running}
        group = Path(self.agent.group) if self.agent.group else None
        gate = None if self.outlets.gate is None else Gate(self.outlets.gate)
        why = f"{self.stopper.stopping or why}; its stopper did not answer"
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
        self.mounts.close()
        self.stopper.end()  # it holds the cell's lines
        with contextlib.suppress(CellError, OSError):
            self.cell.close()
        self._launcher.close()
        self.outlets.close()
