"""Opens and lists folders that others may write to, or near to, whatever they put in the way meanwhile."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

_STEP = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[int]:
    """Open a folder by its way from the root, no part of which may be a link; for calls relative to it.

    Args:
        folder: an absolute path, without ".." in it.

    Raises:
        NotADirectoryError: if a part is a link, or no folder.
    """
    here = os.open("/", _STEP)
    try:
        for name in folder.parts[1:]:
            below = os.open(name, _STEP, dir_fd=here)
            os.close(here)
            here = below
        yield here
    finally:
        os.close(here)


def entries(folder: str) -> list[os.DirEntry[str]]:
    """Return what is in a folder; nothing of one that has just gone, is no folder, or is shut to us."""
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError:
        return []
