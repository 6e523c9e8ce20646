"""Other names (hard links) of what is sealed or hidden, by which an agent could reach it all the same.

A mount over one name does nothing to another. The file says how many names it has, and not where they are:
they are looked for in what the agent gets, since a name elsewhere is of no use to it. It can make none
itself, as no link leads from one mount into another.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from offswitch.errors import UsageError

MOST_ENTRIES = 1_000_000
"""Files and folders looked at in search of a second name, which takes some seconds; only if there is one."""

_Key = tuple[int, int]


class Reach(NamedTuple):
    """What the agent gets, and what in it is kept from it.

    Attributes:
        sealed: files and folders that it must not change, wherever they lie.
        hidden: files and folders that it must not read.
        writable: folders it works in.
        readable: files and folders it may read, beside those.
    """

    sealed: list[Path]
    hidden: list[Path]
    writable: list[Path]
    readable: list[Path]


def check(reach: Reach) -> None:
    """Refuse a file that is sealed or hidden and has a second name where the agent can use it.

    Raises:
        UsageError: one line that names both, and what to do.
    """
    visible = [*reach.writable, *reach.readable]
    _refuse(reach.hidden, visible, "read", "files.hidden")
    _refuse([*reach.sealed, *reach.hidden], reach.writable, "changed", "files.sealed")


def _refuse(kept: list[Path], folders: list[Path], harm: str, setting: str) -> None:
    loose = {key: names for key, (most, names) in _linked(kept).items() if len(names) < most}
    if not loose:
        return
    for other in _elsewhere(folders, kept, loose):
        path = min(loose[_key(other.lstat())])
        raise UsageError(
            f"{path} has a second name, {other} (a hard link), by which it could be {harm}: expected one "
            f"name only; or {other} in {setting} too"
        )


def _linked(places: Iterable[Path]) -> dict[_Key, tuple[int, set[Path]]]:
    """Return the files below places that have more than one name: how many, and those that were seen."""
    found: dict[_Key, tuple[int, set[Path]]] = {}
    for path in _files(places):
        try:
            about = path.lstat()
        except OSError:  # it is not there yet, or not for us
            continue
        if stat.S_ISREG(about.st_mode) and about.st_nlink > 1:
            found.setdefault(_key(about), (about.st_nlink, set()))[1].add(path)
    return found


def _files(places: Iterable[Path]) -> Iterator[Path]:
    for place in places:
        if place.is_symlink() or not place.is_dir():
            yield place
            continue
        for folder, _, names in os.walk(place):
            yield from (Path(folder, name) for name in names)


def _elsewhere(folders: Iterable[Path], kept: Iterable[Path], wanted: Iterable[_Key]) -> Iterator[Path]:
    """Yield other names of files, outside of what is kept from the agent.

    Raises:
        UsageError: if there is too much to be searched.
    """
    keys, left_out, todo, count = set(wanted), set(map(str, kept)), [str(one) for one in folders], 0
    numbers = {number for _, number in keys}
    while todo:
        try:
            entries = list(os.scandir(todo.pop()))
        except OSError:  # a file; or a folder that we may not enter, and then the agent may not either
            continue
        count += len(entries)
        if count > MOST_ENTRIES:
            raise UsageError(
                "something that is sealed or hidden has a second name (a hard link), and there are more than "
                f"{MOST_ENTRIES:,} files among which it could be: expected a smaller folder of work"
            )
        for entry in entries:
            if entry.path in left_out:
                continue
            if entry.is_dir(follow_symlinks=False):
                todo.append(entry.path)
            elif entry.inode() in numbers and _key(entry.stat(follow_symlinks=False)) in keys:
                yield Path(entry.path)


def _key(about: os.stat_result) -> _Key:
    return about.st_dev, about.st_ino
