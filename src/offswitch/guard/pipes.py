"""Passes on what comes from one descriptor to another, without ever waiting for either of them.

Who passes on an agent's output also sends the heartbeats: a reader that takes its time must hold up the
agent, and not the watch over it.
"""

from __future__ import annotations

import contextlib
import os
import select
import stat
from collections.abc import Sequence
from typing import NamedTuple

_CHUNK = 65_536
_PIECE = select.PIPE_BUF
"""A pipe that can be written to takes so many bytes at once (POSIX), though its flags, which other programs
share, let a write wait."""
_LAST_BYTES = 1 << 20
"""Most bytes read from each source after the agent has ended: as much as a pipe can hold for an ordinary user
(pipe(7)). What it left running may go on to write without end."""


class Pipe(NamedTuple):
    """A stream to pass on.

    Attributes:
        source: the descriptor that is read.
        target: the one that is written to.
        closes: whether that is closed when the first ends.
        outward: whether it is what the agent says: what of that is there at its end is passed on.
    """

    source: int
    target: int
    closes: bool = False
    outward: bool = False


class Pipes:
    """The streams of one agent."""

    def __init__(self, pipes: Sequence[Pipe]) -> None:
        self._flows = [_Flow(pipe) for pipe in pipes]

    def turn(self, seconds: float, also: int | None = None) -> bool:
        """Pass on what can be passed on now, after at most a time of waiting.

        Args:
            seconds: most time to wait.
            also: a descriptor to wait for that is not passed on.

        Returns:
            Whether that is readable.
        """
        wanted = {} if also is None else {also: int(select.POLLIN)}
        for flow in self._flows:
            wanted[flow.awaited] = wanted.get(flow.awaited, 0) | flow.event
        watch = select.poll()
        for fd, events in wanted.items():
            watch.register(fd, events)
        ready = dict(watch.poll(seconds * 1000))
        for flow in self._flows:
            if ready.get(flow.awaited, 0) & (flow.event | select.POLLHUP | select.POLLERR):
                flow.move()
        self._flows = [flow for flow in self._flows if flow.lasts]
        return also in ready

    def finish(self) -> None:
        """Read no more than what the agent has written already."""
        for flow in self._flows:
            flow.left = min(flow.left, _LAST_BYTES if flow.pipe.outward else 0)
            if not flow.left:
                flow.end()
        self._flows = [flow for flow in self._flows if flow.lasts]

    def is_idle(self) -> bool:
        """Whether there is nothing to read, and nothing left to write."""
        watch = select.poll()
        for flow in self._flows:
            watch.register(flow.pipe.source, select.POLLIN)
        return not any(flow.pending for flow in self._flows) and not watch.poll(0)


class _Flow:
    """One stream: it waits for its source, or for its target while something is pending."""

    def __init__(self, pipe: Pipe) -> None:
        self.pipe = pipe
        self.pending = memoryview(b"")
        self.left = 1 << 62
        self.lasts = True

    @property
    def awaited(self) -> int:
        return self.pipe.target if self.pending else self.pipe.source

    @property
    def event(self) -> int:
        return select.POLLOUT if self.pending else select.POLLIN

    def move(self) -> None:
        """Read once, or write once."""
        if self.pending:
            self._write()
        else:
            self._read()

    def _read(self) -> None:
        try:
            chunk = os.read(self.pipe.source, min(_CHUNK, self.left))
        except OSError:  # a terminal whose other side is closed
            chunk = b""
        self.left -= len(chunk)
        self.pending = memoryview(chunk)
        if not chunk:
            self.end()

    def _write(self) -> None:
        try:
            self.pending = self.pending[os.write(self.pipe.target, self.pending[:_PIECE]) :]
        except BlockingIOError:
            return
        except OSError:  # nobody reads any more: whoever writes is to learn of it
            self.pending = memoryview(b"")
            if stat.S_ISFIFO(os.fstat(self.pipe.source).st_mode):
                _replace(self.pipe.source)
            self.end()

    def end(self) -> None:
        """Pass nothing on any more."""
        self.lasts = False
        if self.pipe.closes:
            with contextlib.suppress(OSError):
                os.close(self.pipe.target)


def _replace(fd: int) -> None:
    """Close what a descriptor stands for; its number stays taken until its owner closes it."""
    null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    os.dup2(null, fd, inheritable=False)
    os.close(null)
