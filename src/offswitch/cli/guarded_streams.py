"""Connects a guarded agent with who started it: by a terminal of its own, or by pipes."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import sys
import termios
import tty
from collections.abc import Sequence
from types import FrameType, TracebackType
from typing import Self

from offswitch.guard.cell.client import User
from offswitch.guard.pipes import Pipe
from offswitch.guard.supervisor import Guarded


class Streams:
    """An agent's streams.

    On a terminal the agent gets one of its own, inside the cell: it never holds the person's, into whose
    input it could type. Otherwise it gets pipes.

    Attributes:
        work: the agent, started.
        passed_on: what is to be passed on.
    """

    def __init__(self, guarded: Guarded, command: Sequence[str]) -> None:
        cell, environment = guarded.cell, guarded.environment()
        user: User = "root" if guarded.resolved.workplace.root else "user"
        self._own = sys.stdin.isatty() and sys.stdout.isatty()
        self._kept: list[int] = []
        if self._own:
            self._master, path = cell.terminal(user)
            self._kept.append(self._master)
            self._resize()
            self.work = cell.execute_on(path, command, env=environment, user=user)
            self.passed_on = [Pipe(0, self._master), Pipe(self._master, 1)]
        else:
            self.work = cell.execute(command, env=environment, user=user, stdin=True)
            streams = (self.work.stdin, self.work.stdout, self.work.stderr)
            stdin, stdout, stderr = (fd for fd in streams if fd is not None)
            self._kept += [stdout, stderr]
            self.passed_on = [Pipe(0, stdin, closes=True), Pipe(stdout, 1), Pipe(stderr, 2)]

    def __enter__(self) -> Self:
        if self._own:
            self._before = termios.tcgetattr(0)
            tty.setraw(0)
            signal.signal(signal.SIGWINCH, self._resize)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._own:
            termios.tcsetattr(0, termios.TCSADRAIN, self._before)
            signal.signal(signal.SIGWINCH, signal.SIG_DFL)
        for fd in (*self._kept, self.work.status):
            with contextlib.suppress(OSError):
                os.close(fd)

    def _resize(self, *_: int | FrameType | None) -> None:
        with contextlib.suppress(OSError):
            size = fcntl.ioctl(0, termios.TIOCGWINSZ, bytes(8))
            fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)
