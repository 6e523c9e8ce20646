"""What is left of the file systems an agent works in: a full one is full for everybody.

An agent's memory and processes are limited by the kernel; the size of a work folder is not, unless it is a
file system of its own. So its free space is looked at, and the agent stopped before it is used up.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable
from typing import Self

_SECONDS = 0.05
"""Between two looks, of some microseconds each: a fast disk takes 2 GB a second."""
_MOST_MB = 512
_SHARE = 50
"""By default an agent must leave 512 MB, or a 50th (2 %) of the file system where that is less: several times
what a fast disk takes between two looks, and what a small file system can spare."""
_MOST_FILES = 10_000
_MEGABYTE = 1024 * 1024


def least(least_mb: int | None) -> str:
    """Return what must be left free, for a person."""
    return f"{_MOST_MB} MB (2 % of a smaller disk)" if least_mb is None else f"{least_mb} MB"


def shortage(folders: Iterable[str], least_mb: int | None) -> str:
    """Return which file system has too little left, in one line, or "".

    Args:
        folders: in which the agent may write.
        least_mb: megabytes that must be free for others than root, in each; None: as by default. 0: any
            number will do, of files too.

    Raises:
        OSError: if one does not say.
    """
    if least_mb == 0:
        return ""
    for folder in folders:
        found = os.statvfs(folder)
        size, free = found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize
        needed = least_mb * _MEGABYTE if least_mb else min(_MOST_MB * _MEGABYTE, size // _SHARE)
        if free < needed:
            return f"less than {needed / _MEGABYTE:.3g} MB are free where {folder} lies"
        if found.f_favail < min(_MOST_FILES, found.f_files // _SHARE):
            return f"hardly a file more can be made where {folder} lies"
    return ""


class Watch:
    """Looks at what is left, in a thread of its own, from entering to leaving.

    Args:
        folders: as for `shortage`.
        least_mb: as for `shortage`.
        act: called with one line, in that thread, at each look that finds too little, or fails; it says
            whether to go on.
    """

    def __init__(self, folders: Iterable[str], least_mb: int | None, act: Callable[[str], bool]) -> None:
        self._folders = tuple(folders)
        self._least = least_mb
        self._act = act
        self._over = threading.Event()
        self._looked = time.monotonic()
        self._thread = threading.Thread(target=self._go_on, daemon=True)

    def __enter__(self) -> Self:
        self._looked = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()

    def silence(self) -> float:
        """Return for how many seconds no look has come to its end: a disk over a network may hang."""
        return time.monotonic() - self._looked

    def _go_on(self) -> None:
        while not self._over.wait(_SECONDS):
            try:
                wrong = shortage(self._folders, self._least)
            except OSError as failure:
                wrong = f"how much is left on its disk is not known: {failure}"
            if wrong and not self._act(wrong):
                return
            self._looked = time.monotonic()
