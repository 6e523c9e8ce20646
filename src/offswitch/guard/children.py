"""What a keeper forks: a program, or a file read or written as the user of the cell.

Every function here runs in a fresh child of the keeper and never returns. The child stands in the
cell's namespaces with all of the cell's capabilities until `_become` takes them away; nothing the
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
from pathlib import Path
from typing import Any, NoReturn

from offswitch.guard import syscalls
from offswitch.guard.guest import PATH, USER_ID

_CHUNK = 1024 * 1024
_ROOT_ID = 0


def run_program(
    request: dict[str, Any], fds: list[int], init: int, workdir: str, most_processes: int
) -> NoReturn:
    """Start a program in the cell's process namespace and report how it ended.

    Two forks: joining a process namespace takes effect for children only, and the first child stays
    outside, where the agent can neither see nor signal it, to wait for the second.
    """
    stdin, stdout, stderr, status = fds
    for fd, standard in ((stdin, 0), (stdout, 1), (stderr, 2)):
        os.dup2(fd, standard)
    try:
        syscalls.setns(init, syscalls.CLONE_NEWPID)
        program = os.fork()
    except OSError:
        _report(status, {"down": True})
    if program == 0:
        _exec(request, status, workdir, most_processes)
    signal.signal(signal.SIGTERM, lambda *_: _kill_session(program))
    for fd in (0, 1, 2, stdin, stdout, stderr):
        os.close(fd)
    _, ended = os.waitpid(program, 0)
    _report(status, {"exit": os.waitstatus_to_exitcode(ended)})


def read_file(request: dict[str, Any], fds: list[int], workdir: str) -> NoReturn:
    """Copy a file of the cell into a pipe, with the rights of the cell's user."""
    out, status = fds
    try:
        _become(USER_ID)
        path = os.path.join(workdir, request["path"])  # noqa: PTH118 (a path of the guest)
        fd = syscalls.open_without_magic_links(path, os.O_RDONLY | os.O_NONBLOCK)
        size = _regular(fd, path).st_size
        if size > request["limit"]:
            _report(status, {"too_large": size})
        _copy(fd, out, request["limit"])
    except OSError as refusal:
        _report(status, {"errno": refusal.errno})
    _report(status, {"exit": 0})


def write_file(request: dict[str, Any], fds: list[int], workdir: str) -> NoReturn:
    """Copy a pipe into a file of the cell, with the rights of the cell's user."""
    source, status = fds
    try:
        _become(USER_ID)
        path = os.path.join(workdir, request["path"])  # noqa: PTH118 (a path of the guest)
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NONBLOCK
        fd = syscalls.open_without_magic_links(path, flags, 0o644)
        _regular(fd, path)
        _copy(source, fd, sys.maxsize)
        os.close(fd)
    except OSError as refusal:
        _report(status, {"errno": refusal.errno})
    _report(status, {"exit": 0})


def _exec(request: dict[str, Any], status: int, workdir: str, most_processes: int) -> NoReturn:
    try:
        os.setsid()
        be_killed_first()
        for caught in (signal.SIGPIPE, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(caught, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        _become(_ROOT_ID if request["user"] == "root" else USER_ID)
        # Counted for each user namespace since Linux 5.14: holds where no pids controller does.
        resource.setrlimit(resource.RLIMIT_NPROC, (most_processes, most_processes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.umask(0o022)
        os.chdir(os.path.join(workdir, request["cwd"]))  # noqa: PTH118 (a path of the guest)
        environment = request["env"]
        os.environ["PATH"] = environment.get("PATH", PATH)  # where execvpe looks
        os.execvpe(request["argv"][0], request["argv"], environment)  # noqa: S606
    except FileNotFoundError:
        _complain(request["argv"][0], "not found", status, 127)
    except OSError as refusal:
        _report(status, {"errno": refusal.errno}, 126)


def _complain(name: str, what: str, status: int, code: int) -> NoReturn:
    os.write(2, f"{name}: {what}\n".encode("utf-8", "surrogateescape"))
    _report(status, {"exit": code}, code)


def _become(uid: int) -> None:
    if os.getuid() != uid:
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
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


def _kill_session(leader: int) -> None:
    for kill in (os.killpg, os.kill):
        try:
            kill(leader, signal.SIGKILL)
        except OSError:
            continue


def report(status: int, result: dict[str, Any]) -> None:
    """Tell the other end how a piece of work ended."""
    with contextlib.suppress(OSError):
        os.write(status, json.dumps(result).encode() + b"\n")


def be_killed_first() -> None:
    """Undo what protects a keeper from the out-of-memory killer; what runs in the cell has no such right."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("0")


def _report(status: int, result: dict[str, Any], code: int = 0) -> NoReturn:
    try:
        report(status, result)
    finally:
        os._exit(code)
