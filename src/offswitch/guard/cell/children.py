"""What a keeper forks to have a file read or written, or forbidden acts tried, as the user of the cell.

Every function here runs in a fresh child of the keeper and never returns. The child stands in the
cell's namespaces with all of the cell's capabilities until `become` takes them away; nothing the
agent controls is touched before that.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import resource
import signal
import stat
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple, NoReturn

from offswitch.guard.cell.guest import USER_ID
from offswitch.guard.kernel import seccomp, syscalls
from offswitch.guard.probe import acts

AWAITED = {signal.SIGTERM, signal.SIGCHLD}
"""What a waiting child acts on; blocked from before its birth, so that none is lost."""
CATCHABLE = signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}
_CHUNK = 1024 * 1024
_ROOT_ID = 0
_MOST = {
    resource.RLIMIT_NOFILE: 4096,
    resource.RLIMIT_SIGPENDING: 4096,
    resource.RLIMIT_MSGQUEUE: 65536,
    resource.RLIMIT_CORE: 1,  # for 0 the kernel would still start the host's program for it (fs/coredump.c)
}
_PROBE_ROOM = 16
"""Processes that a probe may have beside those of an agent that has all it may have."""


class Inside(NamedTuple):
    """What a child must know of its cell.

    Attributes:
        init: pidfd of the cell's PID 1.
        processes: descriptor of its process namespace. (Joining that of a pidfd means inspecting the process,
            which Landlock refuses to us too.)
        workdir: what relative paths are relative to.
        most_processes: that the cell's user may have.
        filtered: whether programs get the system call filter.
        hosts: name of a private host to a descriptor of its network namespace.
    """

    init: int
    processes: int
    workdir: str
    most_processes: int
    filtered: bool
    hosts: Mapping[str, int]


def read_file(request: dict[str, Any], fds: list[int], inside: Inside) -> NoReturn:
    """Copy a file of the cell into a pipe, with the rights of the cell's user."""
    out, status = fds
    try:
        become(USER_ID)
        path = os.path.join(inside.workdir, request["path"])  # noqa: PTH118 (a path of the guest)
        fd = syscalls.open_without_magic_links(path, os.O_RDONLY | os.O_NONBLOCK)
        size = _regular(fd, path).st_size
        if size > request["limit"]:
            _report(status, {"too_large": size})
        _copy(fd, out, request["limit"])
    except OSError as refusal:
        _report(status, {"errno": refusal.errno})
    _report(status, {"exit": 0})


def write_file(request: dict[str, Any], fds: list[int], inside: Inside) -> NoReturn:
    """Copy a pipe into a file of the cell, with the rights of the cell's user."""
    source, status = fds
    try:
        become(USER_ID)
        path = os.path.join(inside.workdir, request["path"])  # noqa: PTH118 (a path of the guest)
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NONBLOCK
        fd = syscalls.open_without_magic_links(path, flags, 0o644)
        _regular(fd, path)
        _copy(source, fd, sys.maxsize)
        os.close(fd)
    except OSError as refusal:
        _report(status, {"errno": refusal.errno})
    _report(status, {"exit": 0})


def run_probe(request: dict[str, Any], fds: list[int], inside: Inside) -> NoReturn:
    """Try the forbidden acts with the rights of the agent, in its process namespace; see `probe.acts`.

    No program is started for it: the agent could have none that works, and cannot reach into this one. It
    writes three lines of JSON: its pid for the host, the outcomes, and, once a byte came that says that these
    were read, that it can be looked at. It lives until its input ends.
    """
    go, out, status = fds
    syscalls.setns(inside.processes, syscalls.CLONE_NEWPID)
    syscalls.close_all_but(fds)
    limit(0, inside.most_processes + _PROBE_ROOM)
    become(id_of(request))
    if inside.filtered:
        seccomp.install()
    program = os.fork()
    if program == 0:
        try:
            _probe(request["aim"], go, out)
        finally:
            os._exit(1)
    os.write(out, json.dumps({"pid": program}).encode() + b"\n")
    os.close(out)
    os.close(go)
    os.waitpid(program, 0)
    _report(status, {"exit": 0})


def _probe(aim: dict[str, Any], go: int, out: int) -> NoReturn:
    os.setsid()
    syscalls.die_with_parent()
    reset_signals()
    null = nothing()
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.write(out, json.dumps({"outcomes": acts.outcomes(aim)}).encode() + b"\n")
    os.read(go, 1)
    syscalls.allow_inspection()  # by who started us, and by the agent: of what it may say, all is said
    os.write(out, json.dumps({"inspectable": True}).encode() + b"\n")
    os.read(go, 1)
    os._exit(0)


def reset_signals() -> None:
    """Undo what Python and the launcher have set; a program inherits what is ignored or blocked."""
    for number in CATCHABLE:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def limit(pid: int, most_processes: int) -> None:
    """Set the resource limits of a process of the cell; 0 is this one.

    The processes are counted for each user namespace since Linux 5.14: that holds where no pids
    controller does. The others are counted for the host's user: without them, one cell could use up what
    every cell and the host's own programs need to pass descriptors, signals and messages.
    """
    limits = {resource.RLIMIT_NPROC: most_processes, **_MOST}
    for what, most in limits.items():
        now = resource.prlimit(pid, what)[1]
        value = most if now == resource.RLIM_INFINITY else min(most, now)
        resource.prlimit(pid, what, (value, value))


def nothing() -> int:
    """Return a descriptor that reads the end of file."""
    return os.open("/dev/null", os.O_RDONLY)


def id_of(request: dict[str, Any]) -> int:
    """Return the number of the user that a request names."""
    return _ROOT_ID if request["user"] == "root" else USER_ID


def become(uid: int) -> None:
    """Be this user of the cell, with no capability left, and nothing that the agent could inspect."""
    if os.getuid() != uid:
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        syscalls.forbid_inspection()
        syscalls.die_with_parent()  # the kernel forgets it when the user changes
    syscalls.drop_privileges()


def _regular(fd: int, path: str) -> os.stat_result:
    found = os.fstat(fd)
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", path)
    return found


def _copy(source: int, target: int, limit: int) -> None:
    """Copy to the end; a source that grows past the limit while it is read is cut there."""
    left = limit
    while left > 0 and (chunk := os.read(source, min(_CHUNK, left))):
        left -= len(chunk)
        view = memoryview(chunk)
        while view:
            view = view[os.write(target, view) :]


def report(status: int, result: dict[str, Any]) -> None:
    """Tell the other end how a piece of work ended."""
    with contextlib.suppress(OSError):
        os.write(status, json.dumps(result).encode() + b"\n")


def _report(status: int, result: dict[str, Any], code: int = 0) -> NoReturn:
    try:
        report(status, result)
    finally:
        os._exit(code)
