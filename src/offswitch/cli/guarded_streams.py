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

from offswitch.guard.pipes import Pipe
from offswitch.guard.supervisor import Guarded

READABLE = "\x18\x1b\\\x1b[0m\x1b(B\x0f"
"""Has a terminal take what follows as text again, whatever was sent to it before: an unfinished sequence is
cancelled (CAN) and an unfinished string ended (ST), colours and hidden text are off, letters are letters."""
_AS_BEFORE = (
    f"{READABLE}\x1b[?47l\x1b7\x1b[r\x1b8\x1b[?25h\x1b[?7h\x1b[4l\x1b[?1l\x1b>"
    "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1006l\x1b[?2004l"
)
"""The ordinary screen, scrolled whole, with a cursor; keys that send what they say; no reports of the mouse
or of what is pasted (xterm's control sequences). A program that is stopped could not see to that itself."""


class Streams:
    """An agent's streams.

    On a terminal the agent gets one of its own, inside the cell: it never holds the person's, into whose
    input it could type. Otherwise it gets pipes. In the background of a shell it gets no input: who reads
    from a terminal there is stopped by the kernel.

    Attributes:
        work: the agent, started.
        passed_on: what is to be passed on.
    """

    def __init__(self, guarded: Guarded, command: Sequence[str]) -> None:
        cell, environment = guarded.cell, guarded.environment()
        user = guarded.resolved.workplace.user
        reads = not (sys.stdin.isatty() and _is_in_background())
        self._own = sys.stdin.isatty() and sys.stdout.isatty() and reads
        self._kept: list[int] = []
        self.passed_on: list[Pipe] = []
        if self._own:
            self._master, path = cell.terminal(user)
            os.set_blocking(self._master, False)
            self._screen = _screen(1)
            self._kept += [self._master, self._screen]
            self._resize()
            self.work = cell.execute_on(path, command, env=environment, user=user)
            self.passed_on = [Pipe(0, self._master), Pipe(self._master, self._screen, outward=True)]
        else:
            self.work = cell.execute(command, env=environment, user=user, stdin=reads)
            for source, target in ((self.work.stdout, 1), (self.work.stderr, 2)):
                if source is not None:
                    shown = _screen(target) if os.isatty(target) else os.dup(target)
                    self._kept += [source, shown]
                    self.passed_on.append(Pipe(source, shown, outward=True))
            if self.work.stdin is not None:
                self.passed_on.append(Pipe(0, self.work.stdin, closes=True))

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
            signal.signal(signal.SIGWINCH, signal.SIG_DFL)
            with contextlib.suppress(OSError, termios.error):  # the window may be closed
                termios.tcsetattr(0, termios.TCSANOW, self._before)
                os.write(self._screen, _AS_BEFORE.encode())
        for fd in (*self._kept, self.work.status):
            with contextlib.suppress(OSError):
                os.close(fd)

    def _resize(self, *_: int | FrameType | None) -> None:
        with contextlib.suppress(OSError):
            size = fcntl.ioctl(0, termios.TIOCGWINSZ, bytes(8))
            fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)


def _is_in_background() -> bool:
    try:
        return os.tcgetpgrp(0) != os.getpgrp()
    except OSError:  # it does not control us
        return False


def _screen(fd: int) -> int:
    """Open a terminal once more, so that a write never waits for it; other programs share the descriptor."""
    flags = os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        return os.open(os.ttyname(fd), flags)
    except OSError:  # it is another user's, who has become this one
        return os.dup(fd)
