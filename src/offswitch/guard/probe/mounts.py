"""Notices at once when a mount that seals or hides something is gone from a cell.

A file that somebody outside replaces, as most editors do when they save, takes the mounts over it with it, in
every mount namespace. The kernel says that a table of mounts has changed (proc(5), /proc/PID/mountinfo).
"""

from __future__ import annotations

import contextlib
import os
import select
from collections.abc import Iterable
from pathlib import Path

from offswitch.guard.probe import facts


class Mounts:
    """The mounts of one cell over what its agent is kept from.

    Args:
        init_pid: PID 1 of the cell, as the host counts.
        kept: files and folders that are sealed or hidden, each with a mount of its own.
    """

    def __init__(self, init_pid: int, kept: Iterable[str]) -> None:
        self._proc = Path("/proc", str(init_pid))
        self._kept = tuple(kept)
        self._table = os.open(self._proc / "mountinfo", os.O_RDONLY | os.O_CLOEXEC)
        self._watch = select.poll()
        self._watch.register(self._table, select.POLLPRI)
        self._first = True

    def lost(self) -> list[str]:
        """Return what has no mount of its own any more, one line each; nothing while nothing has changed."""
        if not self._first and not self._watch.poll(0):
            return []
        self._first = False
        try:
            there = {mount.path for mount in facts.mounts(self._proc)}
        except OSError:  # the cell has ended
            return []
        lost = [path for path in self._kept if path not in there]
        return [f"{path} was replaced from outside, and is open to it" for path in lost]

    def close(self) -> None:
        """Look no more."""
        with contextlib.suppress(OSError):
            os.close(self._table)
