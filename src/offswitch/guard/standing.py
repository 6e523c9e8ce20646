"""Starts the stopper of an agent: the process that outlives its supervisor by the lease."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from offswitch.guard import authority, registry
from offswitch.guard.cell import frames
from offswitch.guard.cell.client import Cell
from offswitch.guard.kernel import cgroup
from offswitch.guard.outlets import Outlets
from offswitch.guard.policy.model import Policy
from offswitch.guard.spawn import Spawned, spawn
from offswitch.guard.stop import steps, stopper

_LONGEST_BEAT = stopper.SILENCE / 2
"""Most seconds between two heartbeats that count as the stopper's silence: this process may stand still."""


@dataclass
class Standing:
    """A running stopper.

    Attributes:
        process: its process.
        line: heartbeats and their answers.
        place: device and inode of its socket's file.
        granted: what it asked the kernel for; see `precedence.take`.
        stopping: why it stops the agent, once it is at it.
    """

    process: subprocess.Popen[bytes]
    line: socket.socket
    place: tuple[int, int]
    granted: dict[str, str]
    stopping: str = ""
    _beaten: float = field(default_factory=time.monotonic)
    _silent: float = 0.0

    def beat(self) -> bool:
        """Send a heartbeat; False when it has not answered for too long, or is gone.

        One that stops the agent gives no answers: it has as long as a stop may take. While this process stood
        still itself, it asked nothing: that is not the other's silence.
        """
        now = time.monotonic()
        self._silent += min(now - self._beaten, _LONGEST_BEAT)
        self._beaten = now
        with contextlib.suppress(BlockingIOError):
            try:
                self.line.send(stopper.HEARTBEAT)
                if not (said := self.line.recv(4096)):
                    return False
                self._silent = 0.0
                self.stopping = self.stopping or said.partition(stopper.STOPPING)[2].decode()
            except (BrokenPipeError, ConnectionResetError):
                return False
        patience = steps.LONGEST_SECONDS if self.stopping else stopper.SILENCE
        return self._silent < patience

    def demand(self, reason: bytes) -> None:
        """Have it stop the agent, without waiting for that; any thread may.

        Args:
            reason: one of the stopper's `REASONS`.
        """
        with contextlib.suppress(OSError):
            self.line.send(reason)

    def await_end(self) -> None:
        """Wait until it has ended, as it does after a stop: for as long as a stop may take if it is at it."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(stopper.SILENCE)
            return
        if self.beat() and self.stopping:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(steps.LONGEST_SECONDS)

    def end(self) -> None:
        """End it, whatever it does."""
        self.process.kill()
        self.process.wait()
        self.line.close()


def spawn_stopper() -> Spawned:
    """Spawn the process of a stopper; an interpreter takes as long to start as a cell."""
    return spawn("offswitch.guard.stop.stopper")


def start_stopper(  # noqa: PLR0913, PLR0917 (each of them is its business)
    spawned: Spawned,
    cell: Cell,
    agent: registry.Agent,
    outlets: Outlets,
    policy: Policy,
    folder: Path,
) -> Standing:
    """Tell a stopper what it stops, and wait until it stands.

    Args:
        spawned: its process, from `spawn_stopper`.
        cell: the agent's.
        agent: the agent.
        outlets: what anything leaves through.
        policy: what it is stopped by.
        folder: the agent's, in the registry.

    Raises:
        CellError: if it does not start.
    """
    place = folder / registry.SOCKET
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener, contextlib.ExitStack() as sent:
        listener.bind(str(place))
        listener.listen()
        settings = {
            "group": agent.group,
            "init_pid": agent.init_pid,
            "share": cgroup.share_of(agent.init_pid),
            "outlets": [outlet.name for outlet in outlets.running],
            "gate": outlets.gate is not None,
            "lease": policy.stop.lease_seconds,
            "without_supervisor": policy.stop.without_supervisor,
            "journal": str(folder / registry.JOURNAL),
            "authority": authority.named(policy.stop.authority)._asdict(),
        }
        processes = [os.pidfd_open(outlet.process.pid) for outlet in outlets.running]
        for fd in processes:
            sent.callback(os.close, fd)
        gate = [] if outlets.gate is None else [outlets.gate]
        kept = cell.lifelines()
        if policy.stop.without_supervisor == "continue":  # an outlet lives as long as its line
            kept += [outlet.line.fileno() for outlet in outlets.running]
        line = spawned.line
        frames.send(line, settings, [listener.fileno(), cell.init, *processes, *gate, *kept])
        granted: dict[str, str] = spawned.answer("stopper")["granted"]
    line.setblocking(False)  # noqa: FBT003 (its only parameter)
    return Standing(spawned.process, line, identity(place), granted)


def identity(file: Path) -> tuple[int, int]:
    """Return the device and inode of a file."""
    found = file.stat()
    return found.st_dev, found.st_ino
