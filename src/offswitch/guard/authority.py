"""Who may stop an agent beside its owner and root, and where they reach its stopper.

The agent's own folder is for its owner's eyes only. For those whom the policy names, a second name of the
stopper's socket is put where every user can open it; whose order counts is the stopper's to say, which asks
the kernel who has connected.
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from offswitch.errors import UsageError

PUBLIC = Path("/run/offswitch-stop")
"""A folder for each agent that others may stop."""


class Authority(NamedTuple):
    """Numbers of the host's users and groups."""

    users: tuple[int, ...] = ()
    groups: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.users or self.groups)


def named(names: Iterable[str]) -> Authority:
    """Return who is meant.

    Args:
        names: users ("alice") and groups ("@oncall") of this machine.

    Raises:
        UsageError: if there is no such user or group here, or the guard is not root's: nobody else can offer
            a place that every user can trust.
    """
    users, groups = [], []
    for name in names:
        try:
            if name.startswith("@"):
                groups.append(grp.getgrnam(name[1:]).gr_gid)
            else:
                users.append(pwd.getpwnam(name).pw_uid)
        except KeyError as unknown:
            kind = "group" if name.startswith("@") else "user"
            raise UsageError(f"stop.authority: this machine has no {kind} {name.lstrip('@')!r}") from unknown
    if (users or groups) and os.getuid() != 0:
        raise UsageError("stop.authority: only a guard that root runs can let other users stop an agent")
    return Authority(tuple(users), tuple(groups))


def publish(name: str, socket: Path, about: bytes) -> None:
    """Put a stopper's socket where every user can open it.

    Args:
        name: the agent's.
        socket: its file.
        about: what everybody may know of the agent.
    """
    PUBLIC.mkdir(mode=0o755, exist_ok=True)
    withdraw(name)
    folder = PUBLIC / name
    folder.mkdir(mode=0o755)
    socket.chmod(0o666)
    os.link(socket, folder / socket.name)
    (folder / "agent.json").write_bytes(about)
    (folder / "agent.json").chmod(0o644)


def withdraw(name: str) -> None:
    """Take a socket away again, if it is there."""
    with contextlib.suppress(OSError):
        shutil.rmtree(PUBLIC / name)
