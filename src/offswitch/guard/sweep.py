"""What would bring an agent back after it was stopped: found by comparing with how it was at the start.

Looked at are the places from which this machine starts programs by itself: cron, at, systemd's units, the
shells' start-up files, authorized keys, autostart entries; and what runs: containers, and processes and
listening sockets of the users that only the agent's cell has. A place is compared file by file; nothing is
removed unless that is asked for.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from offswitch.guard import programs, registry, seal, startup_places
from offswitch.guard.folders import opened
from offswitch.guard.kernel import cgroup

_TOOLS = ("docker", "podman")
_SECONDS = 10
_SOCKET_TABLES = ("tcp", "tcp6", "udp", "udp6")
_LISTENS = {"0A", "07"}
"""States of a socket that waits for others: LISTEN of TCP, and unconnected UDP (include/net/tcp_states.h)."""
_OVERFLOW = 65_534


class Left(NamedTuple):
    """Something that would bring the agent back, or may.

    Attributes:
        what: the file, "container ID", "process PID NAME" or "socket PROTOCOL PORT".
        change: "made", "changed", "removed" or "running".
    """

    what: str
    change: str


class Snapshot(NamedTuple):
    """How it was.

    Attributes:
        files: the manifest of the places.
        containers: ids of the containers that ran, or None where that cannot be asked.
        users: ranges of user numbers of the host that only the agent's cell has: first and how many.
        homes: the home folders looked at.
    """

    files: dict[str, str]
    containers: tuple[str, ...] | None
    users: tuple[tuple[int, int], ...] = ()
    homes: tuple[str, ...] = ()


def take(homes: Iterable[Path], init_pid: int = 0) -> Snapshot:
    """Look at every place.

    Args:
        homes: the home folders of those the agent works for, or might have reached.
        init_pid: PID 1 of its cell, as the host counts; 0 if it has none (any more).
    """
    users = tuple(_users_of(init_pid)) if init_pid > 0 else ()
    looked_at = tuple(dict.fromkeys(map(str, homes)))
    return Snapshot(seal.take(places(map(Path, looked_at)), whole=False), _containers(), users, looked_at)


def write(snapshot: Snapshot, file: Path) -> None:
    """Keep a snapshot for the time of the stop."""
    file.write_text(json.dumps(snapshot._asdict()))


def read(file: Path) -> Snapshot | None:
    """Read a snapshot, or None if there is none that can be read."""
    try:
        kept = json.loads(file.read_text())
        containers = None if kept["containers"] is None else tuple(kept["containers"])
        users = tuple((int(first), int(count)) for first, count in kept["users"])
        return Snapshot(dict(kept["files"]), containers, users, tuple(kept["homes"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def compare(before: Snapshot, after: Snapshot) -> list[Left]:
    """Return what is there now and was not, or has changed; and what still runs of the agent's users."""
    left = [Left(change.path, change.what) for change in seal.compare(before.files, after.files)]
    new = set(after.containers or ()) - set(before.containers or ())
    left += [Left(f"container {one}", "made") for one in sorted(new)]
    return [*left, *_processes(before.users), *_sockets(before.users)]


def not_looked_at(before: Snapshot) -> list[str]:
    """Return what this sweep cannot see, in words."""
    unseen = []
    if before.containers is None:
        unseen.append("containers: neither docker nor podman answers here")
    if not before.users:
        unseen.append("processes outside the cell: it runs as a user that has others too")
    unseen += [f"{path}: {what}" for path, what in before.files.items() if what.startswith("unreadable")]
    return unseen


def remove(left: Iterable[Left]) -> list[Left]:
    """Remove what was made since the start, and return what remains; what was changed is for a person."""
    remaining = []
    for item in sorted(left, key=lambda item: item.what, reverse=True):  # what lies in a folder before it
        if item.change == "made":
            _remove(item.what)
        path = Path(item.what)
        if item.change != "made" or not path.is_absolute() or os.path.lexists(path):
            remaining.append(item)
    return sorted(remaining)


def _remove(what: str) -> None:
    kind, _, name = what.partition(" ")
    if kind == "container":
        for tool in _TOOLS:
            _asked(tool, "rm", "--force", name)
        return
    path = Path(what)
    with contextlib.suppress(OSError), opened(path.parent) as folder:  # who has the home may put links there
        try:
            os.unlink(path.name, dir_fd=folder)
        except (IsADirectoryError, PermissionError):
            os.rmdir(path.name, dir_fd=folder)  # an empty one: what lies in it was listed too


def places(homes: Iterable[Path]) -> list[Path]:
    """Return the files and folders that are looked at: of the system, and in home folders."""
    found = [Path(place) for place in startup_places.SYSTEM]
    for home in homes:
        found += [home / name for name in startup_places.HOME]
        found += [path for pattern in startup_places.HOME_PATTERNS for path in sorted(home.glob(pattern))]
    return found


def _containers() -> tuple[str, ...] | None:
    """Ask Docker and Podman for what runs; None if neither answers."""
    answers = [_asked(tool, "ps", "--all", "--quiet", "--no-trunc") for tool in _TOOLS]
    if all(answer is None for answer in answers):
        return None
    return tuple(sorted(one for answer in answers for one in answer or ()))


def _asked(tool: str, *arguments: str) -> list[str] | None:
    program = programs.find(tool)
    if program is None:
        return None
    try:
        return subprocess.check_output(  # noqa: S603 (a program of the system, and ids that it gave)
            [program, *arguments],
            cwd="/",
            env=programs.environment(),
            stderr=subprocess.DEVNULL,
            text=True,
            timeout=_SECONDS,
        ).split()
    except (OSError, subprocess.SubprocessError):
        return None


def _users_of(init_pid: int) -> Iterator[tuple[int, int]]:
    """Yield the ranges of the host's users that a cell has; none if accounts or we have one of them.

    What such a user runs elsewhere cannot be told from what the agent has left.
    """
    try:
        lines = Path(f"/proc/{init_pid}/uid_map").read_text().splitlines()
        accounts = {int(line.split(":")[2]) for line in Path("/etc/passwd").read_text().splitlines()}
    except (OSError, ValueError, IndexError):
        return
    taken = accounts | {os.getuid(), 0, _OVERFLOW}
    ranges = [(int(first), int(count)) for _, first, count in map(str.split, lines)]
    if not any(first <= user < first + count for first, count in ranges for user in taken):
        yield from ranges


def _is_of(user: int, users: Iterable[tuple[int, int]]) -> bool:
    return any(first <= user < first + count for first, count in users)


def _processes(users: tuple[tuple[int, int], ...]) -> Iterator[Left]:
    """Yield the processes of the agent's users, but for those of other cells, which have the same users."""
    for name in sorted(filter(str.isdigit, os.listdir("/proc")), key=int):  # noqa: PTH208 (names only)
        with contextlib.suppress(OSError):
            folder = Path("/proc", name)
            is_theirs = _is_of(folder.stat().st_uid, users)
            if is_theirs and registry.born(int(name)) >= 0 and not _is_in_a_cell(folder):  # it has not ended
                yield Left(f"process {name} {folder.joinpath('comm').read_text().strip()}", "running")


def _is_in_a_cell(process: Path) -> bool:
    """Whether a process is in the control group of a cell; that of this agent was seen empty."""
    groups = process.joinpath("cgroup").read_text().splitlines()
    return any(cgroup.is_of_a_cell(line.split(":", 2)[2]) for line in groups)


def _sockets(users: tuple[tuple[int, int], ...]) -> Iterator[Left]:
    """Yield the sockets of the host's own network that listen and belong to the agent's users."""
    for table in _SOCKET_TABLES:
        with contextlib.suppress(OSError):
            for line in Path("/proc/net", table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] in _LISTENS and _is_of(int(fields[7]), users):
                    yield Left(f"socket {table} {int(fields[1].rpartition(':')[2], 16)}", "running")
