"""A cell's user namespace: its user, and a root beside it where the host lets us map a second id.

Three cases. Started by root: two host ids that nobody else has, so that no cell shares an id with the
host or with another cell. Started by another user who has a range in /etc/subuid: that user, and the
first id of the range as the cell's root, mapped by newuidmap (package uidmap). Else: that user alone,
and the cell has no root.
"""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from offswitch.guard import programs
from offswitch.guard.cell.guest import USER_ID
from offswitch.guard.cell.plan import Mapped
from offswitch.guard.kernel import syscalls

_FIRST_OWN_ID = 1_000_000_000


@dataclass(frozen=True)
class Ids:
    """The host ids behind a cell's users: as user and group, its user and, or None, its root."""

    uid: int
    gid: int
    root_uid: int | None = None
    root_gid: int | None = None

    @property
    def has_root(self) -> bool:
        """Whether the cell has a second user."""
        return self.root_uid is not None


def choose_ids() -> Ids:
    """Choose the host ids for a cell that this process keeps."""
    uid, gid = os.getuid(), os.getgid()
    if uid == 0:
        own = _FIRST_OWN_ID + 2 * os.getpid()
        return Ids(own, own, own + 1, own + 1)
    second = _first_subordinate("/etc/subuid"), _first_subordinate("/etc/subgid")
    if None in second or programs.find("newuidmap") is None:
        return Ids(uid, gid)
    return Ids(uid, gid, *second)


def make_namespace(ids: Ids) -> int:
    """Make a user namespace with these ids in it, and return a descriptor of it.

    Raises:
        OSError: if the kernel does not allow it, or newuidmap refuses.
    """
    return _make(lambda holder: _map(holder, ids), ids)


def _make(write_maps: Callable[[int], None], owner: Ids | None = None) -> int:
    (made_read, made_write), (go_read, go_write) = os.pipe(), os.pipe()
    holder = os.fork()
    if holder == 0:
        _hold(owner, made_write, go_read)
    os.close(made_write)
    try:
        if os.read(made_read, 1) != b"+":
            raise PermissionError("the kernel does not let this user make a user namespace")
        write_maps(holder)
        return os.open(f"/proc/{holder}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.write(go_write, b"+")
        os.waitpid(holder, 0)
        for end in (made_read, go_read, go_write):
            os.close(end)


def showing(source: Mapped, ids: Ids) -> int:
    """Return a descriptor of a namespace that shows a host's user as one of the cell's; see `idmap.clone`.

    Raises:
        OSError: if the kernel does not allow it.
    """
    uid, gid = (ids.root_uid, ids.root_gid) if source.to_root else (ids.uid, ids.gid)
    return _make(lambda holder: _write_maps(holder, f"{source.uid} {uid} 1\n", f"{source.gid} {gid} 1\n"))


def become(ids: Ids) -> None:
    """Take on the cell's user; nothing to do unless this process is root."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(ids.gid, ids.gid, ids.gid)
        os.setresuid(ids.uid, ids.uid, ids.uid)


def _hold(owner: Ids | None, made: int, go: int) -> NoReturn:
    try:
        if owner is not None:
            become(owner)
        syscalls.unshare(syscalls.CLONE_NEWUSER)
        syscalls.allow_inspection()
        os.write(made, b"+")
        os.read(go, 1)
    finally:
        os._exit(0)


def _map(holder: int, ids: Ids) -> None:
    proc = Path("/proc", str(holder))
    if not ids.has_root:
        (proc / "setgroups").write_text("deny")
        (proc / "uid_map").write_text(f"{USER_ID} {ids.uid} 1\n")
        (proc / "gid_map").write_text(f"{USER_ID} {ids.gid} 1\n")
    elif os.getuid() == 0:
        both = (
            f"0 {root} 1\n{USER_ID} {user} 1\n"
            for root, user in ((ids.root_uid, ids.uid), (ids.root_gid, ids.gid))
        )
        _write_maps(holder, *both)
    else:
        for tool, root, user in (("newuidmap", ids.root_uid, ids.uid), ("newgidmap", ids.root_gid, ids.gid)):
            _run(tool, holder, root, user)


def _write_maps(holder: int, uids: str, gids: str) -> None:
    for kind, lines in (("uid_map", uids), ("gid_map", gids)):
        Path("/proc", str(holder), kind).write_text(lines)


def _run(tool: str, holder: int, root: int | None, user: int) -> None:
    program = programs.find(tool)
    if program is None:
        raise PermissionError(f"{tool} is not in {programs.PATH}")
    argv = [program, str(holder), "0", str(root), "1", str(USER_ID), str(user), "1"]
    done = subprocess.run(argv, env={}, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise PermissionError(f"{tool}: {done.stderr.strip()}")


def _first_subordinate(file: str) -> int | None:
    """Return the first id that /etc/subuid or /etc/subgid grants to this user, or None."""
    uid = os.getuid()
    try:
        names = {str(uid), pwd.getpwuid(uid).pw_name}
        lines = Path(file).read_text().splitlines()
    except (KeyError, OSError):
        return None
    for line in lines:
        name, _, rest = line.partition(":")
        start = rest.partition(":")[0]
        if name in names and start.isdigit():
            return int(start)
    return None
