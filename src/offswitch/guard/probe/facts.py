"""What the kernel tells the host about the process that probes: its rights, where it is, and what it sees."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

_NAMESPACES = ("user", "mnt", "pid", "net", "ipc", "uts")
_CAPABILITIES = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
_FILTERED = "2"
_OWN = ("/proc", "/dev")


def faults(
    pid: int, group: str, barriers: Mapping[str, str], writable: Iterable[str], scratch: Iterable[str] = ()
) -> list[str]:
    """Return what is not as it must be for a program of a cell, one line each.

    Args:
        pid: the program's process, as the host counts; it must be there.
        group: the cell's cgroup v2 folder, or "" where it has none.
        barriers: of the cell, each to "in force" or why not.
        writable: the only folders below which a mount of the host's files may be writable.
        scratch: folders below which mounts that are the cell's own may be, too.

    Raises:
        OSError: if the process is gone, or does not let itself be looked at.
    """
    proc = Path("/proc", str(pid))
    status = dict(
        line.split(":\t", 1) for line in (proc / "status").read_text().splitlines() if ":\t" in line
    )
    found = [f"it has capabilities ({name})" for name in _CAPABILITIES if int(status[name], 16)]
    if status["NoNewPrivs"] != "1":
        found.append("it can gain rights by running a program")
    if barriers["seccomp"] == "in force" and status["Seccomp"] != _FILTERED:
        found.append("it has no filter of system calls")
    if 0 in map(int, status["Uid"].split()):
        found.append("it is the host's root")
    shared = [kind for kind in _NAMESPACES if _namespace(proc, kind) == _namespace(Path("/proc/self"), kind)]
    found += [f"it is in the host's {kind} namespace" for kind in shared]
    if group and not _in_group(proc, group):
        found.append("it is not in its group")
    return [*found, *_open_mounts(proc, (*writable, *_OWN), tuple(scratch))]


def _namespace(proc: Path, kind: str) -> Path:
    return (proc / "ns" / kind).readlink()


def _in_group(proc: Path, group: str) -> bool:
    """Whether a process is in the cgroup v2 group whose folder this is."""
    lines = (proc / "cgroup").read_text().splitlines()
    place = next((line[3:] for line in lines if line.startswith("0::")), "")
    return PurePosixPath(place).name == PurePosixPath(group).name


def _open_mounts(proc: Path, writable: tuple[str, ...], scratch: tuple[str, ...]) -> list[str]:
    return [
        f"it can write to {mount.path}"
        for mount in mounts(proc)
        if not mount.read_only
        and not lies_in(mount.path, writable)
        and not (mount.own and lies_in(mount.path, scratch))
    ]


class Mount(NamedTuple):
    """A mount: where, whether it is read-only, and whether it is a whole file system in memory."""

    path: str
    read_only: bool
    own: bool


def mounts(proc: Path) -> list[Mount]:
    """Return the mounts a process sees, in their order."""
    found = []
    for line in os.fsencode((proc / "mountinfo").read_text()).splitlines():
        fields, _, about = line.partition(b" - ")
        _, _, _, root, place, options, *_ = fields.split()
        own = root == b"/" and about.startswith(b"tmpfs ")
        found.append(Mount(_unescaped(place), b"ro" in options.split(b","), own))
    return found


def _unescaped(place: bytes) -> str:
    """Undo what proc(5) does to blanks and backslashes: three octal digits."""
    first, *rest = place.split(b"\\")
    return os.fsdecode(first + b"".join(bytes([int(part[:3], 8)]) + part[3:] for part in rest))


def exposed(pid: int, sealed: Iterable[str], writable: Iterable[str] = ()) -> list[str]:
    """Return, of what is sealed, what is not a read-only mount to a process, or in one; one line each.

    So is every mount in a sealed folder that is not read-only, unless it is a folder the agent works in.

    Args:
        pid: as for `faults`.
        sealed: files and folders that the agent sees and must not change.
        writable: folders it works in.

    Raises:
        OSError: as `faults`.
    """
    found = mounts(Path("/proc", str(pid)))
    read_only = {mount.path: mount.read_only for mount in found}  # the last one counts
    kept, folders = tuple(sealed), tuple(writable)
    wrong = [path for path in kept if not _read_only(PurePosixPath(path), read_only)]
    wrong += [
        path
        for path, is_shut in read_only.items()
        if not is_shut
        and lies_in(path, kept)
        and not lies_in(path, (one for one in folders if lies_in(one, kept)))
    ]
    return [f"{path} is not sealed" for path in dict.fromkeys(wrong)]


def lies_in(path: str, folders: Iterable[str]) -> bool:
    """Whether a path is one of these folders, or in one."""
    return any(PurePosixPath(path).is_relative_to(folder) for folder in folders)


def _read_only(path: PurePosixPath, mounts: Mapping[str, bool]) -> bool:
    """Whether the mount that a path is in is read-only."""
    return next((mounts[place] for place in map(str, (path, *path.parents)) if place in mounts), False)
