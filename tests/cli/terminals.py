"""A real terminal for a program under test, held as a terminal emulator holds it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from types import TracebackType
from typing import Any, Self

from guarding import Desk


class Terminal:
    """Runs a program on a terminal of its own.

    Args:
        desk: where it runs.
        command: the program and its arguments.
        shows: what it shows once it is ready.
    """

    def __init__(self, desk: Desk, *command: str, shows: str = "$ ") -> None:
        self._shows = shows
        self.ours, theirs = pty.openpty()
        self.modes = termios.tcgetattr(theirs)
        self._theirs = theirs
        self._said = b""
        self.process = subprocess.Popen(
            ["setsid", "--ctty", "--wait", *command],
            cwd=desk.work,
            env=desk.environment | {"TERM": "xterm"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )

    def __enter__(self) -> Self:
        self.await_text(self._shows)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        for fd in (self.ours, self._theirs):
            with contextlib.suppress(OSError):
                os.close(fd)

    def resize(self, rows: int, columns: int) -> None:
        """Change its size, of which the kernel tells the program."""
        fcntl.ioctl(self.ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self.ours, keys.encode())

    def hang_up(self) -> None:
        """Close the window."""
        os.close(self._theirs)
        os.close(self.ours)

    def text(self) -> str:
        """Return all that was shown."""
        while select.select([self.ours], [], [], 0)[0]:
            try:
                self._said += os.read(self.ours, 65_536)
            except OSError:
                break
        return self._said.decode(errors="replace")

    def await_text(self, wanted: str, seconds: float = 15.0) -> None:
        """Wait until something is shown.

        Raises:
            AssertionError: with what is shown instead.
        """
        end = time.monotonic() + seconds
        while wanted not in self.text():
            assert time.monotonic() < end, self.text()[-2_000:]
            assert self.process.poll() is None, self.text()[-2_000:]
            time.sleep(0.02)

    def now(self) -> list[Any]:
        """Return the terminal's modes."""
        return termios.tcgetattr(self._theirs)

    def wait(self) -> int:
        """Wait for the program's end and return its exit code."""
        end = time.monotonic() + 15
        while self.process.poll() is None:
            self.text()
            assert time.monotonic() < end, self.text()[-2_000:]
            time.sleep(0.02)
        return self.process.returncode
