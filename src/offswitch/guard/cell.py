"""A cell: a contained machine of its own in which programs are started and files read and written.

This side talks to the cell's keeper. Nothing here blocks for long: a started program is a set of
file descriptors, which the caller waits on as it likes (threads, asyncio, trio).
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Literal

from offswitch.errors import CellDownError, CellError, MachineError
from offswitch.guard import frames
from offswitch.guard.guest import Guest
from offswitch.guard.requirements import SECOND_USER, explain

User = Literal["user", "root"]


@dataclass(frozen=True)
class Limits:
    """Limits of a cell: bytes of memory, and number of processes and threads."""

    memory: int = 2 * 1024**3
    pids: int = 512


@dataclass
class Started:
    """Work under way in a cell.

    The caller owns the descriptors and closes them.

    Attributes:
        id: for `Cell.kill`.
        status: becomes readable when the work has ended; see `result`.
        stdin: write end, or None.
        stdout: read end, or None.
        stderr: read end, or None.
    """

    id: int
    status: int
    stdin: int | None = None
    stdout: int | None = None
    stderr: int | None = None

    def result(self) -> dict[str, Any]:
        """Read how the work ended; call it when `status` is readable.

        Returns:
            "exit": the exit code, negative for a signal; or "errno": why it could not start; or
            "too_large": bytes of a file over the limit.

        Raises:
            CellDownError: the machine inside has shut down.
            CellError: the cell was closed, or its keeper is gone.
        """
        lines = b""
        while chunk := os.read(self.status, 65536):
            lines += chunk
            if lines.endswith(b"\n"):
                break
        if not lines:
            raise CellError("the cell was closed, or its keeper is gone")
        found: dict[str, Any] = json.loads(lines.splitlines()[0])
        if found.get("down"):
            raise CellDownError("the machine in the cell has shut down")
        return found


class Launcher:
    """The process that keepers are forked from; one serves every cell of a program."""

    def __init__(self) -> None:
        _raise_descriptor_limit()
        root = str(Path(__file__).parents[2])
        ours, theirs = socket.socketpair()
        code = f"import sys; sys.path.insert(0, {root!r}); from offswitch.guard.launcher import main; main()"
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 (our own interpreter, our own code)
                [sys.executable, "-I", "-S", "-c", code],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env={},
                start_new_session=True,
            )
        self._socket = ours
        self._lock = threading.Lock()

    def keeper(self, settings: dict[str, Any]) -> socket.socket:
        """Have a keeper forked and return the socket to it.

        Raises:
            CellError: if the launcher is gone.
        """
        ours, theirs = socket.socketpair()
        with theirs, self._lock:
            try:
                frames.send(self._socket, settings, [theirs.fileno()])
            except OSError as failure:
                ours.close()
                raise CellError("the process that starts cells is gone; start the program again") from failure
        return ours

    def close(self) -> None:
        """End the launcher, and with it every cell."""
        self._socket.close()
        self._process.wait()


@dataclass
class Cell:
    """One running cell.

    Attributes:
        guest: what its inside looks like.
        limits: "memory" and "pids" to "in force", or to why not.
        has_root: whether it has a second user, "root", whose files the agent's user cannot touch.
        init: pidfd of its PID 1: readable once the machine has shut down.
    """

    guest: Guest
    limits: dict[str, str]
    has_root: bool
    init: int
    _control: socket.socket
    _ids: count[int] = field(default_factory=count)

    def execute(
        self,
        argv: Sequence[str],
        *,
        cwd: str = "",
        env: Mapping[str, str] | None = None,
        user: User = "user",
        stdin: bool = False,
    ) -> Started:
        """Start a program. What it leaves running in the background goes on after it has ended.

        Args:
            argv: the program, looked up in the cell's PATH, and its arguments.
            cwd: where it starts; relative to the cell's working directory.
            env: added to the cell's environment.
            user: whose rights it has. "root" owns its own files in the cell, and nothing more: it has
                no capabilities.
            stdin: whether the caller will write to it; else it reads the end of file.

        Raises:
            CellError: if the keeper is gone, or "root" is asked of a cell that has none.
        """
        if user == "root" and not self.has_root:
            raise CellError("this cell has no second user: " + SECOND_USER)
        request = {
            "argv": list(argv),
            "cwd": cwd,
            "env": self.guest.environment(user) | dict(env or {}),
            "user": user,
        }
        streams = ["stdin", "stdout", "stderr"] if stdin else ["stdout", "stderr"]
        return self._request("exec", request, streams)

    def read(self, path: str, limit: int) -> Started:
        """Start to read a file with the rights of the cell's user; its bytes come from `stdout`.

        Args:
            path: relative to the cell's working directory. Links are followed inside the cell only.
            limit: most bytes; a larger file is not read at all.
        """
        return self._request("read", {"path": path, "limit": limit}, ["stdout"])

    def write(self, path: str) -> Started:
        """Start to write a file with the rights of the cell's user; its bytes go to `stdin`."""
        return self._request("write", {"path": path}, ["stdin"])

    def kill(self, work: Started) -> None:
        """Kill a started program with its process group; what has left the group goes on."""
        frames.send(self._control, {"op": "kill", "id": work.id})

    def close(self) -> None:
        """End the cell and everything in it."""
        self._control.close()
        os.close(self.init)

    def _request(self, op: str, request: dict[str, Any], streams: list[str]) -> Started:
        number = next(self._ids)
        ours, theirs = {}, []
        with contextlib.ExitStack() as unless_sent, contextlib.ExitStack() as sent:
            for stream in (*streams, "status"):
                read_end, write_end = os.pipe()
                keep, give = (write_end, read_end) if stream == "stdin" else (read_end, write_end)
                unless_sent.callback(os.close, keep)
                sent.callback(os.close, give)
                ours[stream] = keep
                theirs.append(give)
            try:
                frames.send(self._control, {"op": op, "id": number, **request}, theirs)
            except OSError as failure:
                raise CellError(f"the cell's keeper cannot be reached: {failure.strerror}") from failure
            unless_sent.pop_all()
        return Started(number, **ours)


def _raise_descriptor_limit() -> None:
    """Let this program hold as many descriptors as the host allows it.

    Outputs that an agent leaves open are held by us, and the kernel lets a user pass no descriptors
    while more than this are under way between all programs of the same user, those in cells included.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def start(launcher: Launcher, guest: Guest, limits: Limits) -> Cell:
    """Start a cell and wait until its machine is up.

    Raises:
        MachineError: if this machine cannot hold one; the message says what to do.
    """
    return ready(begin(launcher, guest, limits), guest)


def begin(launcher: Launcher, guest: Guest, limits: Limits) -> socket.socket:
    """Ask for a cell; the socket becomes readable when it is up, or has failed. See `ready`.

    Raises:
        MachineError: if bubblewrap is not installed.
    """
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise MachineError("bubblewrap is not installed: sudo apt-get install bubblewrap")
    settings = {
        "bwrap": bwrap,
        "guest": asdict(guest),
        "limits": asdict(limits),
    }
    return launcher.keeper(settings)


def ready(control: socket.socket, guest: Guest) -> Cell:
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
    return Cell(guest, message["limits"], message["root"], fds[0], control)
