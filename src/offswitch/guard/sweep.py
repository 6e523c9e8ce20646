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
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from offswitch.guard import seal
from offswitch.guard.kernel import cgroup

_SYSTEM = (
    "/etc/crontab",
    "/etc/anacrontab",
    "/etc/cron.d",
    "/etc/cron.hourly",
    "/etc/cron.daily",
    "/etc/cron.weekly",
    "/etc/cron.monthly",
    "/var/spool/cron",
    "/var/spool/at",
    "/etc/systemd/system",
    "/etc/systemd/user",
    "/run/systemd/system",
    "/usr/local/lib/systemd",
    "/usr/lib/systemd/system-generators",
    "/etc/systemd/system-generators",
    "/var/lib/systemd/linger",
    "/etc/init.d",
    "/etc/rc.local",
    "/etc/profile",
    "/etc/profile.d",
    "/etc/bash.bashrc",
    "/etc/zsh",
    "/etc/environment",
    "/etc/ld.so.preload",
    "/etc/udev/rules.d",
    "/etc/xdg/autostart",
    "/etc/sudoers.d",
    "/etc/modules-load.d",
)
_HOME = (
    ".bashrc",
    ".bash_profile",
    ".bash_login",
    ".bash_logout",
    ".profile",
    ".zshrc",
    ".zshenv",
    ".zprofile",
    ".zlogin",
    ".zlogout",
    ".config/fish",
    ".config/systemd/user",
    ".local/share/systemd/user",
    ".config/autostart",
    ".config/environment.d",
    ".ssh/authorized_keys",
    ".ssh/authorized_keys2",
    ".ssh/rc",
    ".ssh/config",
    ".pam_environment",
    ".xprofile",
    ".xsession",
    ".gitconfig",
    ".config/git/config",
)
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
        home: the home folder looked at.
    """

    files: dict[str, str]
    containers: tuple[str, ...] | None
    users: tuple[tuple[int, int], ...] = ()
    home: str = ""


def take(home: Path, init_pid: int = 0) -> Snapshot:
    """Look at every place.

    Args:
        home: the home folder of who the agent works for.
        init_pid: PID 1 of its cell, as the host counts; 0 if it has none (any more).
    """
    users = tuple(_users_of(init_pid)) if init_pid > 0 else ()
    return Snapshot(seal.take(_places(home)), _containers(), users, str(home))


def write(snapshot: Snapshot, file: Path) -> None:
    """Keep a snapshot for the time of the stop."""
    file.write_text(json.dumps(snapshot._asdict()))


def read(file: Path) -> Snapshot | None:
    """Read a snapshot, or None if there is none that can be read."""
    try:
        kept = json.loads(file.read_text())
        containers = None if kept["containers"] is None else tuple(kept["containers"])
        users = tuple((int(first), int(count)) for first, count in kept["users"])
        return Snapshot(dict(kept["files"]), containers, users, str(kept["home"]))
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
    with contextlib.suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            path.rmdir()  # an empty one: what lies in it was listed too
        else:
            path.unlink()


def _places(home: Path) -> list[Path]:
    return [*map(Path, _SYSTEM), *(home / name for name in _HOME)]


def _containers() -> tuple[str, ...] | None:
    """Ask Docker and Podman for what runs; None if neither answers."""
    answers = [_asked(tool, "ps", "--all", "--quiet", "--no-trunc") for tool in _TOOLS]
    if all(answer is None for answer in answers):
        return None
    return tuple(sorted(one for answer in answers for one in answer or ()))


def _asked(tool: str, *arguments: str) -> list[str] | None:
    program = shutil.which(tool)
    if program is None:
        return None
    try:
        return subprocess.check_output(  # noqa: S603 (a program of the system, and ids that it gave)
            [program, *arguments], stderr=subprocess.DEVNULL, text=True, timeout=_SECONDS
        ).split()
    except (OSError, subprocess.SubprocessError):
        return None


def _users_of(init_pid: int) -> Iterator[tuple[int, int]]:
    """Yield the ranges of the host's users that a cell has, but for those that accounts or we have."""
    try:
        lines = Path(f"/proc/{init_pid}/uid_map").read_text().splitlines()
        accounts = {int(line.split(":")[2]) for line in Path("/etc/passwd").read_text().splitlines()}
    except (OSError, ValueError, IndexError):
        return
    taken = accounts | {os.getuid(), 0, _OVERFLOW}
    for line in lines:
        _, first, count = map(int, line.split())
        if not any(first <= user < first + count for user in taken):
            yield first, count


def _is_of(user: int, users: Iterable[tuple[int, int]]) -> bool:
    return any(first <= user < first + count for first, count in users)


def _processes(users: tuple[tuple[int, int], ...]) -> Iterator[Left]:
    """Yield the processes of the agent's users, but for those of other cells, which have the same users."""
    for name in sorted(filter(str.isdigit, os.listdir("/proc")), key=int):  # noqa: PTH208 (names only)
        with contextlib.suppress(OSError):
            folder = Path("/proc", name)
            if _is_of(folder.stat().st_uid, users) and not _is_in_a_cell(folder):
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
