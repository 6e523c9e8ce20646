"""What `find` says of a machine: all of its files but their content, for a tenth of what reading costs.

And which processes live: one that maps a file may go on changing it, and no time of the file changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from offswitch.scenarios.staged.tree import MOST_TEXT, File

_PROCESSES = ("-path", "/proc/*", "-prune", "-name", "[0-9]*", "-printf", "%f\\0%U\\0")
_NO_FILES = ("-path", "/proc", "-o", "-path", "/proc/*")
_FILES = ("-printf", "%p\\0%y %m %U %s %i %T@ %C@\\0")
"""Name, kind, rights, owner, size, inode, times of every file: that of its last change cannot be set."""
_MOST_ENTRIES, _MOST_BYTES = 20_000, 2 * 1024 * 1024
"""Above these the files are read: the reader in the machine has limits of its own."""


class Listing(NamedTuple):
    """What a machine holds.

    Attributes:
        files: of every file its path and what there is to say of it.
        alive: numbers of the processes of the user to whom the first folder belongs.
    """

    files: str
    alive: frozenset[int]

    @property
    def digest(self) -> str:
        """While it is the same and nobody maps them, no file has changed."""
        return hashlib.sha256(self.files.encode()).hexdigest()


def program(tops: Sequence[str]) -> list[str]:
    """Return the program that lists folders, of which the first is the user's own, and processes."""
    return ["find", "/proc", *tops, "-ignore_readdir_race", *_PROCESSES, "-o", *_NO_FILES, "-o", *_FILES]


def read(printed: str) -> Listing:
    """Read what the program printed.

    Raises:
        ValueError: if it is something else.
    """
    start = printed.index("/")
    processes, files = printed[:start].split("\0")[:-1], printed[start:]
    _, about, _ = files.split("\0", 2)
    _, _, owner, *_ = about.split()
    alive = zip(processes[::2], processes[1::2], strict=True)
    return Listing(files, frozenset(int(number) for number, user in alive if user == owner))


def as_placed(
    listed: Listing, tops: Sequence[str], placed: Mapping[str, bytes], time: int
) -> dict[str, File] | None:
    """Return the files of a machine in which nothing stands but what was just placed there.

    Args:
        listed: what there is.
        tops: the folders that were listed; they are not entries of themselves.
        placed: full path to content of the files that were placed.
        time: the time of the last change that they were placed with, seconds of the epoch.

    Returns:
        Full path to file; None if anything else is there, or a file is not as it was placed.
    """
    fields = listed.files.split("\0")[:-1]
    if len(fields) > 2 * _MOST_ENTRIES or sum(map(len, placed.values())) > _MOST_BYTES:
        return None
    found: dict[str, File] = {}
    for path, about in zip(fields[::2], fields[1::2], strict=True):
        if path in tops:
            continue
        file = _file(about.split(), placed.get(path), time)
        if file is None:
            return None
        found[path] = file
    return found


def _file(about: Sequence[str], content: bytes | None, time: int) -> File | None:
    kind, mode, owner, size, _, changed, _ = about
    if kind == "d":
        return File(kind="folder", mode=int(mode, 8), owner=int(owner))
    as_it_was = content is not None and (int(size), float(changed)) == (len(content), time)
    if kind != "f" or content is None or not as_it_was:
        return None
    return File(
        kind="file",
        mode=int(mode, 8),
        owner=int(owner),
        size=len(content),
        digest=hashlib.sha256(content).hexdigest(),
        text=_text(content),
    )


def _text(content: bytes) -> str | None:
    try:
        return content.decode() if len(content) <= MOST_TEXT else None
    except UnicodeDecodeError:
        return None
