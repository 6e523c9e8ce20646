"""Feeds and drains the descriptors of work started in a cell, on Inspect's event loop."""

from __future__ import annotations

import contextlib
import fcntl
import os
import resource
import selectors
import threading
import time
from collections import deque
from collections.abc import Iterator
from functools import cache

import anyio

from offswitch.guard.cell.client import Started

_CHUNK = 256 * 1024
_PIPE = 1024 * 1024
_PAUSE_SECONDS = 0.05


class Tail:
    """The last bytes of a stream, up to a limit; at most twice as many are held."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept = bytearray()

    def add(self, chunk: bytes) -> None:
        """Append a chunk; what is over the limit is forgotten from the front."""
        self._kept += chunk
        excess = len(self._kept) - self._limit
        if excess > self._limit:
            del self._kept[:excess]

    def content(self) -> bytes:
        """Return what is kept."""
        return bytes(self._kept[max(0, len(self._kept) - self._limit) :])


async def converse(work: Started, content: bytes | None, limit: int) -> tuple[bytes, bytes]:
    """Write the input, read both outputs, and return them when the work has ended.

    A program that the work has left in the background may still hold the outputs open: what it writes
    later is read and thrown away, so that it never blocks and never dies of a closed pipe.

    Args:
        work: what was started.
        content: its input, or None.
        limit: most bytes kept of each output; the last ones are.
    """
    tails = {fd: Tail(limit) for fd in (work.stdout, work.stderr) if fd is not None}
    async with anyio.create_task_group() as tasks:
        for fd, tail in tails.items():
            _enlarge(fd)
            tasks.start_soon(_drain, fd, tail)
        if work.stdin is not None:
            tasks.start_soon(_feed, work, content or b"")
        await anyio.wait_readable(work.status)
        tasks.cancel_scope.cancel()
    for fd, tail in tails.items():
        _drain_now(fd, tail)
    kept = [tails[fd].content() if fd is not None else b"" for fd in (work.stdout, work.stderr)]
    return kept[0], kept[1]


@contextlib.contextmanager
def closing(work: Started) -> Iterator[None]:
    """Close the descriptors of the work; outputs still held open go to the background reader."""
    try:
        yield
    finally:
        for fd in (work.stdin, work.status):
            if fd is not None:
                os.close(fd)
        for fd in (work.stdout, work.stderr):
            if fd is not None:
                _background().take(fd)


async def _drain(fd: int, tail: Tail) -> None:
    while True:
        await anyio.wait_readable(fd)
        if not _drain_now(fd, tail):
            return


def _drain_now(fd: int, tail: Tail) -> bool:
    """Read what is there, at most a pipe full: its writer may be faster than we are. False at the end."""
    left = _PIPE
    try:
        while left > 0:
            chunk = os.read(fd, _CHUNK)
            if not chunk:
                return False
            tail.add(chunk)
            left -= len(chunk)
    except BlockingIOError:
        pass
    return True


async def _feed(work: Started, content: bytes) -> None:
    fd = work.stdin
    if fd is None:
        return
    _enlarge(fd)
    view = memoryview(content)
    try:
        while view:
            await anyio.wait_writable(fd)
            with contextlib.suppress(BlockingIOError):
                view = view[os.write(fd, view[:_CHUNK]) :]
    except BrokenPipeError:
        return  # it does not read to the end: its right
    work.stdin = None
    os.close(fd)


def _enlarge(fd: int) -> None:
    os.set_blocking(fd, False)
    with contextlib.suppress(OSError):
        fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, _PIPE)


class _Background:
    """One thread that reads and forgets what programs in the background still write.

    It reads in turns, with a pause: a program that writes without end must not keep ours busy. It holds
    a limited number of outputs; the oldest is closed for a new one.
    """

    def __init__(self) -> None:
        self._watch = selectors.DefaultSelector()
        self._wake_read, self._wake_write = os.pipe()
        self._watch.register(self._wake_read, selectors.EVENT_READ)
        self._taken: deque[int] = deque()
        self._held: dict[int, None] = {}  # oldest first
        self._most = resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2
        threading.Thread(target=self._run, name="cell-outputs", daemon=True).start()

    def take(self, fd: int) -> None:
        """Close a stream that has ended; own and empty one that has not."""
        if _at_end(fd):
            os.close(fd)
            return
        self._taken.append(fd)
        os.write(self._wake_write, b"+")

    def _run(self) -> None:
        while True:
            for key, _ in self._watch.select():
                if key.fd == self._wake_read:
                    os.read(self._wake_read, 4096)
                elif _at_end(key.fd):
                    self._drop(key.fd)
            while self._taken:
                self._hold(self._taken.popleft())
            time.sleep(_PAUSE_SECONDS)

    def _hold(self, fd: int) -> None:
        if len(self._held) >= self._most:
            self._drop(next(iter(self._held)))
        self._held[fd] = None
        self._watch.register(fd, selectors.EVENT_READ)

    def _drop(self, fd: int) -> None:
        del self._held[fd]
        self._watch.unregister(fd)
        os.close(fd)


def _at_end(fd: int) -> bool:
    """Read a chunk and forget it; whether the stream has ended. Its writer can read from it too."""
    try:
        return not os.read(fd, _CHUNK)
    except BlockingIOError:
        return False


@cache
def _background() -> _Background:
    return _Background()
