"""Starts cells: the process that forks their keepers, and what it is asked for."""

from __future__ import annotations

import contextlib
import os
import resource
import socket
import subprocess
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from offswitch.errors import CellError, MachineError
from offswitch.guard import programs
from offswitch.guard.cell import frames
from offswitch.guard.cell.client import Cell
from offswitch.guard.cell.plan import World
from offswitch.guard.cell.requirements import explain
from offswitch.guard.kernel import barriers
from offswitch.guard.spawn import spawn

_ENDING_SECONDS = 15.0


@dataclass(frozen=True)
class Limits:
    """Limits of a cell: bytes of memory, and number of processes and threads."""

    memory: int = 2 * 1024**3
    pids: int = 512


class Launcher:
    """The process that keepers are forked from; one serves every cell of a program.

    Attributes:
        line: what it lives as long as.
    """

    def __init__(self) -> None:
        _raise_descriptor_limit()
        self._process, self.line = spawn("offswitch.guard.cell.launcher")
        self._lock = threading.Lock()

    def keeper(self, settings: dict[str, Any]) -> socket.socket:
        """Have a keeper forked and return the socket to it.

        Raises:
            CellError: if the launcher is gone.
        """
        ours, theirs = socket.socketpair()
        with theirs, self._lock:
            try:
                frames.send(self.line, {"keep": settings}, [theirs.fileno()])
            except OSError as failure:
                ours.close()
                raise CellError("the process that starts cells is gone; start the program again") from failure
        return ours

    def end_with(self, process: int, seconds: float) -> None:
        """Have it end every cell as soon as a process ends; and have the kernel end it and them if it hangs.

        Args:
            process: a child of this one.
            seconds: after which the kernel kills a launcher that does not run any more.

        Raises:
            CellError: if the launcher is gone.
        """
        fd = os.pidfd_open(process)
        try:
            with self._lock:
                frames.send(self.line, {"end_with": seconds}, [fd])
        except OSError as failure:
            raise CellError("the process that starts cells is gone") from failure
        finally:
            os.close(fd)

    def close(self) -> None:
        """End the launcher, and with it every cell."""
        self.line.close()
        try:
            self._process.wait(_ENDING_SECONDS)
        except subprocess.TimeoutExpired:  # a signal has stopped it, say: with its death, its keepers die
            self._process.kill()
            self._process.wait()


def start(launcher: Launcher, world: World, limits: Limits, asked: Iterable[str] = barriers.NAMES) -> Cell:
    """Start a cell and wait until its machine is up.

    Args:
        launcher: what forks its keeper.
        world: what its inside looks like.
        limits: its limits.
        asked: the barriers it gets where this kernel has them; `Cell.barriers` says which it got.

    Raises:
        MachineError: if this machine cannot hold one; the message says what to do.
    """
    return ready(begin(launcher, world, limits, asked), world, launcher)


def begin(
    launcher: Launcher, world: World, limits: Limits, asked: Iterable[str] = barriers.NAMES
) -> socket.socket:
    """Ask for a cell; the socket becomes readable when it is up, or has failed. See `ready`.

    Raises:
        MachineError: if bubblewrap is not installed.
    """
    bwrap = programs.find("bwrap")
    if bwrap is None:
        raise MachineError(f"bubblewrap is not installed in {programs.PATH}: sudo apt-get install bubblewrap")
    settings = {
        "bwrap": bwrap,
        "plan": asdict(world.plan()),
        "limits": asdict(limits),
        "barriers": list(asked),
    }
    return launcher.keeper(settings)


def ready(control: socket.socket, world: World, launcher: Launcher) -> Cell:
    """Receive a cell from the socket `begin` returned.

    Raises:
        MachineError: if this machine cannot hold one; the message says what to do.
    """
    with contextlib.ExitStack() as unless_up:
        unless_up.enter_context(control)
        received = frames.receive(control)
        if received is None:
            raise CellError("the cell's keeper ended before the cell was up")
        message, fds = received
        if "error" in message:
            raise MachineError(explain(message["error"]))
        unless_up.pop_all()
    limits, held, root = message["limits"], message["barriers"], message["root"]
    return Cell(world, limits, held, root, fds[0], control, launcher.line)


def _raise_descriptor_limit() -> None:
    """Let this program hold as many descriptors as the host allows it.

    Outputs that an agent leaves open are held by us, and the kernel lets a user pass no descriptors
    while more than this are under way between all programs of the same user, those in cells included.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
