"""Looks through the folders an agent gets, by name first: most files of most work are of no interest."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from offswitch.errors import UsageError

MOST_ENTRIES = 1_000_000
"""Files and folders looked at in all, which takes some ten seconds. Work with more is refused: an agent could
make as many, so that the next search does not come to what it is to be kept from."""

_PASSED_OVER = frozenset({"node_modules", "__pycache__", ".venv", "venv", ".tox", ".mypy_cache", "objects"})
"""Folders of what others have written, and of Git's packed objects: many files, no settings of the agent."""


def below(
    folders: Iterable[Path], left_out: Iterable[Path], is_of_interest: Callable[[str], bool], whole: set[str]
) -> Iterator[Path]:
    """Yield what lies below folders and has a name of interest, breadth first.

    A link to a folder that lies in them too is followed once: what lies there has another name by it.

    Args:
        folders: where to look.
        left_out: files and folders that are passed over.
        is_of_interest: whether a name is.
        whole: what was yielded and need not be looked into; the caller adds to it meanwhile.

    Raises:
        UsageError: if there is too much.
    """
    places = list(dict.fromkeys(map(os.path.realpath, folders)))
    passed, count = set(map(str, left_out)), 0
    todo = deque((place, False) for place in places)
    while todo:
        folder, by_link = todo.popleft()
        entries = _entries(folder)
        count += len(entries)
        if count > MOST_ENTRIES:
            raise UsageError(
                f"there are more than {MOST_ENTRIES:,} files among which something could be to be sealed, as "
                f"in {folder}: expected a smaller folder of work; or name folders in files.open"
            )
        for entry in entries:
            if entry.path in passed:
                continue
            if is_of_interest(entry.name):
                yield Path(entry.path)
            if entry.path not in whole and _goes_on(entry, places, by_link=by_link):
                todo.append((entry.path, by_link or entry.is_symlink()))


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        return sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return []


def _goes_on(entry: os.DirEntry[str], places: Iterable[str], *, by_link: bool) -> bool:
    """Whether to look into a folder, or a link to one that is, or lies in, one of the places."""
    if entry.is_dir(follow_symlinks=False):
        return entry.name not in _PASSED_OVER
    if by_link or not entry.is_symlink():
        return False
    target = os.path.realpath(entry.path)
    return os.path.isdir(target) and any(  # noqa: PTH112 (text)
        target == place or target.startswith(f"{place.rstrip('/')}/") for place in places
    )
