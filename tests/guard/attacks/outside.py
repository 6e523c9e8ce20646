"""What /proc says to the host about any process."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from offswitch.guard.kernel import syscalls

NAMESPACES = ("user", "mnt", "pid", "net", "ipc", "uts", "cgroup")
NO_ROOT = (0, 0)
"""Stands for the root of a process that is gone."""
_PIDFD_GETFD = 438


def below(pid: int, *, whole_space: bool) -> list[int]:
    """Return a process's descendants, or (of PID 1 of a cell) all processes of its process namespace."""
    if not whole_space:
        return _descendants(pid)
    inside = namespace(pid, "pid")
    names = [entry.name for entry in Path("/proc").iterdir()]
    return [int(name) for name in names if name.isdigit() and namespace(name, "pid") == inside]


def _descendants(pid: int) -> list[int]:
    children: list[int] = []
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        children += [int(number) for number in text(str(thread)).split()]
    return [found for child in children for found in (child, *_descendants(child))]


def namespace(pid: int | str, kind: str) -> str:
    return link(f"/proc/{pid}/ns/{kind}")


def status(pid: int) -> dict[str, str]:
    lines = text(f"/proc/{pid}/status").splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def fields(pid: int) -> list[str]:
    """Return the fields of a process's stat from its state on (number 3 of proc(5)); zeros for one gone."""
    return text(f"/proc/{pid}/stat").rpartition(")")[2].split() or ["0"] * 50


def descriptors(pid: int) -> list[tuple[int, str]]:
    """Return a process's descriptors, and what they lead to."""
    try:
        names = [entry.name for entry in Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:
        return []
    return [(int(name), link(f"/proc/{pid}/fd/{name}")) for name in names]


def flags(pid: int, fd: int) -> int:
    """Return the flags a descriptor was opened with."""
    lines = text(f"/proc/{pid}/fdinfo/{fd}").splitlines()
    return next((int(line.split()[1], 8) for line in lines if line.startswith("flags:")), 0)


def root_of(pid: int) -> tuple[int, int]:
    try:
        found = Path(f"/proc/{pid}/root/").stat()
    except OSError:
        return NO_ROOT
    return found.st_dev, found.st_ino


@contextlib.contextmanager
def taken(pid: int, fd: int) -> Iterator[int]:
    """Have a copy of a descriptor of another process."""
    process = os.pidfd_open(pid)
    try:
        ours = syscalls.call(_PIDFD_GETFD, process, fd, 0)
        try:
            yield ours
        finally:
            os.close(ours)
    finally:
        os.close(process)


def link(path: str) -> str:
    try:
        return str(Path(path).readlink())
    except OSError:
        return ""


def text(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""
