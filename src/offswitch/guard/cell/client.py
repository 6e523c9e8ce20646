"""A cell: a contained machine of its own in which programs are started and files read and written.

This side talks to the cell's keeper. Nothing here blocks for long: a started program is a set of
file descriptors, which the caller waits on as it likes (threads, asyncio, trio).
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Literal

from offswitch.errors import CellDownError, CellError
from offswitch.guard.cell import frames
from offswitch.guard.cell.network import HERE
from offswitch.guard.cell.plan import World
from offswitch.guard.cell.requirements import SECOND_USER

User = Literal["user", "root"]


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


@dataclass
class Cell:
    """One running cell.

    Attributes:
        world: what its inside looks like.
        limits: "memory" and "pids" to "in force", or to why not.
        barriers: "seccomp" and "landlock" to "in force", or to why not.
        has_root: whether it has a second user, "root", whose files the agent's user cannot touch.
        init: pidfd of its PID 1: readable once the machine has shut down.
    """

    world: World
    limits: dict[str, str]
    barriers: dict[str, str]
    has_root: bool
    init: int
    _control: socket.socket
    _launcher: socket.socket  # with the end of whose line every cell ends
    _ids: count[int] = field(default_factory=count)

    def execute(  # noqa: PLR0913 (what a program is started with)
        self,
        argv: Sequence[str],
        *,
        cwd: str = "",
        env: Mapping[str, str] | None = None,
        user: User = "user",
        stdin: bool = False,
        host: str = HERE,
    ) -> Started:
        """Start a program. What it leaves running in the background goes on after it has ended.

        Args:
            argv: the program, looked up in the cell's PATH, and its arguments.
            cwd: where it starts; relative to the cell's working directory.
            env: added to the cell's environment.
            user: whose rights it has. "root" owns its own files in the cell, and nothing more: it has
                no capabilities.
            stdin: whether the caller will write to it; else it reads the end of file.
            host: in whose network it runs, of the cell's private ones; files and users are the same for all.

        Raises:
            CellError: if the keeper is gone, or "root" is asked of a cell that has none.
        """
        streams = ["stdin", "stdout", "stderr"] if stdin else ["stdout", "stderr"]
        return self._request("exec", self._program(argv, cwd, env, user) | {"host": host}, streams)

    def execute_on(
        self,
        terminal: str,
        argv: Sequence[str],
        *,
        cwd: str = "",
        env: Mapping[str, str] | None = None,
        user: User = "user",
    ) -> Started:
        """Start a program on a terminal, which is then all three of its streams.

        Args:
            terminal: path of one from `terminal`; the program's session is controlled by it.
            argv: as for `execute`.
            cwd: as for `execute`.
            env: as for `execute`.
            user: as for `execute`.

        Raises:
            CellError: as `execute`.
        """
        return self._request("exec", self._program(argv, cwd, env, user) | {"terminal": terminal}, [])

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

    def probe(self, aim: dict[str, Any], user: User = "user") -> Started:
        """Start to try the forbidden acts inside; what is found comes from `stdout`, until `stdin` closes.

        Args:
            aim: see `probe.acts.outcomes`.
            user: with whose rights.

        Raises:
            CellError: as `execute`.
        """
        self._require(user)
        return self._request("probe", {"aim": aim, "user": user}, ["stdin", "stdout"])

    def listen(self, port: int = 0) -> tuple[int, int]:
        """Make a socket that listens on 127.0.0.1 inside, and return its descriptor and its port.

        Raises:
            CellError: if that is refused, or the keeper is gone.
        """
        about, fd = self._handed("listen", {"port": port})
        return fd, about["port"]

    def terminal(self, user: User = "user") -> tuple[int, str]:
        """Make a terminal inside; return a descriptor of the side that is ours, and the other one's path.

        Args:
            user: whose it is to be.

        Raises:
            CellError: if that is refused, or the keeper is gone.
        """
        about, fd = self._handed("terminal", {"user": user})
        return fd, about["path"]

    @property
    def init_pid(self) -> int:
        """The host's number of its PID 1; -1 once that is gone."""
        for line in Path(f"/proc/self/fdinfo/{self.init}").read_text().splitlines():
            if line.startswith("Pid:"):
                return int(line.split()[1])
        return -1

    def lifelines(self) -> list[int]:
        """Return the descriptors that keep it alive: who holds copies keeps it from ending with us."""
        return [self._control.fileno(), self._launcher.fileno()]

    def kill(self, work: Started) -> None:
        """Kill a started program with its process group; what has left the group goes on."""
        frames.send(self._control, {"op": "kill", "id": work.id})

    def close(self) -> None:
        """End the cell and everything in it."""
        self._control.close()
        os.close(self.init)

    def _program(
        self, argv: Sequence[str], cwd: str, env: Mapping[str, str] | None, user: User
    ) -> dict[str, Any]:
        self._require(user)
        environment = self.world.environment(user) | dict(env or {})
        return {"argv": list(argv), "cwd": cwd, "env": environment, "user": user}

    def _require(self, user: User) -> None:
        if user == "root" and not self.has_root:
            raise CellError("this cell has no second user: " + SECOND_USER)

    def _handed(self, op: str, request: dict[str, Any]) -> tuple[dict[str, Any], int]:
        ours, theirs = socket.socketpair()
        with ours:
            try:
                with theirs:
                    asked = {"op": op, "id": next(self._ids), **request}
                    frames.send(self._control, asked, [theirs.fileno()])
                received = frames.receive(ours)
            except OSError as failure:
                raise CellError(f"the cell's keeper cannot be reached: {failure.strerror}") from failure
        if received is None or not received[1]:
            why = os.strerror(received[0]["errno"]) if received else "the cell's keeper is gone"
            raise CellError(f"the cell cannot make a {op}: {why}")
        about, (fd,) = received
        return about, fd

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
