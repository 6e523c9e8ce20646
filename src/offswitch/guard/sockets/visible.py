"""Sockets of other programs that an agent could call, wherever and whenever they were bound."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from offswitch.guard.sockets.bound import Bound, bound, device_of
from offswitch.guard.sockets.search import found_in

_MOST_LOOKS = 3
"""After which one that is nowhere to be found counts as found: the agent may be moving it about."""


class Visible:
    """The socket files among what an agent sees.

    Sockets that its own programs make are of another network, and not among them; so are those of containers,
    which only the search at the start finds (`search.found_in`).

    Args:
        shown: files and folders of the host that it sees.
        shut: what in them appears empty, or is what it may call.
    """

    def __init__(self, shown: Iterable[str], shut: Iterable[str]) -> None:
        self._shown = tuple(map(Path, shown))
        self._shut = tuple(map(Path, shut))
        self._devices = {device_of(path.stat()) for path in self._shown if path.exists()}
        self._looks: dict[Bound, int] = {}
        self._elsewhere: set[Bound] = set()
        near = self._near()
        self._elsewhere = set(near) - set(self._here(near))  # before there is an agent

    def found(self) -> list[str]:
        """Return those that are bound now, by their path, or by the name they were bound by.

        Raises:
            OSError: if the kernel does not tell.
            UsageError: if there is too much to look through, or what cannot be looked into.
        """
        near = self._near()
        here = self._here(near)
        for one in near:
            if one not in here and _is_outside(one, self._shown):
                self._elsewhere.add(one)
        lost = [one for one in near if one not in here and one not in self._elsewhere]
        self._looks = {one: self._looks.get(one, 0) + 1 for one in lost}
        moved = [f"{one.name} (it was moved)" for one in lost if self._looks[one] >= _MOST_LOOKS]
        return sorted([*map(str, here.values()), *moved])

    def _near(self) -> list[Bound]:
        """Return the sockets that may be among what is shown."""
        every = bound()
        self._elsewhere &= every
        near = [one for one in every if one.device in self._devices or self._lies_here(Path(one.name))]
        return [one for one in near if one not in self._elsewhere]

    def _here(self, near: Iterable[Bound]) -> dict[Bound, Path]:
        """Return those that are found where they were bound, or by a search, with their paths."""
        found = {
            one: Path(one.name)
            for one in near
            if self._lies_here(Path(one.name)) and _is(Path(one.name), one)
        }
        rest = [one for one in near if one not in found]
        if rest:
            for path in found_in(self._shown, self._shut):
                found |= {one: path for one in rest if _is(path, one)}
        return {one: path for one, path in found.items() if not _lies_in(path, self._shut)}

    def _lies_here(self, path: Path) -> bool:
        return _lies_in(path, self._shown) and not _lies_in(path, self._shut)


def _is_outside(one: Bound, shown: Iterable[Path]) -> bool:
    """Whether a socket was bound outside of what is shown: by its whole path, or by who is still there."""
    if one.name.startswith("/"):
        return not _lies_in(Path(one.name), shown)
    places = [folder / one.name for folder in _folders_of_holders(one.number)]
    return any(_is(place, one) and not _lies_in(place.resolve(), shown) for place in places)


def _folders_of_holders(number: int) -> Iterator[Path]:
    """Yield the current folders of the processes that hold a socket, as far as we may see them."""
    link = f"socket:[{number}]"
    for process in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208 (names only)
        with contextlib.suppress(OSError):
            folder = Path("/proc", process)
            names = os.listdir(folder / "fd")  # noqa: PTH208 (names only)
            if any(os.readlink(folder / "fd" / name) == link for name in names):  # noqa: PTH115
                yield (folder / "cwd").readlink()


def _lies_in(path: Path, places: Iterable[Path]) -> bool:
    return any(path.is_relative_to(place) for place in places)


def _is(path: Path, one: Bound) -> bool:
    """Whether a file is a socket's; where we may not look, the agent may not either."""
    try:
        return path.is_socket() and path.lstat().st_ino & 0xFFFF_FFFF == one.inode
    except OSError:
        return False
