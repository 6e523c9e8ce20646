"""Finds the socket files in folders, and whether somebody answers at them."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path

from offswitch.errors import UsageError

MOST_ENTRIES = 3_000_000
"""Files and folders that are looked through: some seconds."""
_KINDS = (socket.SOCK_STREAM, socket.SOCK_SEQPACKET, socket.SOCK_DGRAM)


def found_in(places: Iterable[Path], shut: Iterable[Path]) -> Iterator[Path]:
    """Yield every socket file in files and folders; links are not followed.

    Args:
        places: where to look.
        shut: what in them is passed over.

    Raises:
        UsageError: if there is more than can be looked through, or a folder of ours that is shut.
    """
    left, passed, count = list(dict.fromkeys(map(str, places))), set(map(str, shut)), 0
    while left:
        place = left.pop()
        if place in passed:
            continue
        if Path(place).is_socket():
            yield Path(place)
        for entry in _entries(place):
            count += 1
            if entry.is_file(follow_symlinks=False) or entry.is_symlink():  # most are
                continue
            if entry.is_dir(follow_symlinks=False):
                left.append(entry.path)
            elif entry.path not in passed and Path(entry.path).is_socket():
                yield Path(entry.path)
        if count > MOST_ENTRIES:
            raise UsageError(
                f"more than {MOST_ENTRIES:,} files, in {place} among others: whether a service can be called "
                "there cannot be known; name smaller folders in files.writable and files.readable"
            )


def answers(path: Path) -> bool:
    """Whether somebody listens at a socket file, or might; we call, and say nothing."""
    return any(_answers(path, kind) for kind in _KINDS)


def _answers(path: Path, kind: int) -> bool:
    with socket.socket(socket.AF_UNIX, kind | socket.SOCK_NONBLOCK) as line, _at(path) as name:
        try:
            line.connect(name)
        except OSError as refusal:
            return refusal.errno not in {errno.ECONNREFUSED, errno.EPROTOTYPE, errno.ENOENT, errno.EACCES}
    return True


@contextlib.contextmanager
def _at(path: Path) -> Iterator[str]:
    """Yield a name of a file that is short enough for a socket's address, however long its path is."""
    fd = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{fd}"
    finally:
        os.close(fd)


def _entries(place: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(place) as entries:
            return list(entries)
    except PermissionError as refusal:
        if os.lstat(place).st_uid == os.geteuid():  # the agent may go through it, and may have shut it to us
            raise UsageError(
                f"{place} cannot be looked into: chmod u+rx it, or name it in files.hidden"
            ) from refusal
        return []
    except OSError:  # it is no folder, or not there any more
        return []
