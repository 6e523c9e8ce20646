"""Agents at work in the same folders: what one of them is kept from, no other may change.

A file that is removed or replaced outside a cell is no longer sealed inside it: its mount goes with it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import msgspec

from offswitch.errors import UsageError
from offswitch.guard import registries, registry
from offswitch.guard.workplace import Workplace

_FILE = "reach.json"


class Reach(msgspec.Struct, frozen=True):
    """What an agent may change, and what in that it is kept from (sealed or hidden)."""

    writable: tuple[str, ...]
    kept: tuple[str, ...]

    def covers(self, path: str) -> bool:
        """Whether it is kept from a path, or from a folder that this lies in."""
        return any(PurePosixPath(path).is_relative_to(place) for place in self.kept)

    def changes(self, other: Reach) -> Iterator[str]:
        """Yield the paths that the other is kept from and that it could change."""
        for path in other.kept:
            places = [PurePosixPath(place) for place in self.writable]
            if not self.covers(path) and any(PurePosixPath(path).is_relative_to(place) for place in places):
                yield path


def note(folder: Path, place: Workplace) -> None:
    """Write down what an agent will reach.

    Args:
        folder: its folder in the registry.
        place: what it will see.

    Raises:
        UsageError: if it could change what a running agent of this user's is kept from, or that what it is.
    """
    own = Reach(place.writable, (*place.sealed, *place.hidden))
    (folder / _FILE).write_bytes(msgspec.json.encode(own))
    for other, reach in others(folder):
        for one, two in ((own, reach), (reach, own)):
            if path := next(one.changes(two), ""):
                who, whom = (folder.name, other.name) if one is own else (other.name, folder.name)
                raise UsageError(
                    f"{who} could change {path}, which is kept from {whom}: seal it for both (files.sealed), "
                    f"or stop {other.name} first"
                )


def others(folder: Path) -> Iterator[tuple[Path, Reach]]:
    """Yield the folder and the reach of each other agent of this user's that runs, or is being started."""
    for file in sorted(registries.home().glob(f"[!.]*/{_FILE}")):
        if file.parent != folder and registry.is_running(file.parent.name) and (reach := read(file.parent)):
            yield file.parent, reach


def read(folder: Path) -> Reach | None:
    """Return what was noted of an agent, or None if that cannot be read."""
    with contextlib.suppress(OSError, msgspec.DecodeError):
        return msgspec.json.decode((folder / _FILE).read_bytes(), type=Reach)
    return None
