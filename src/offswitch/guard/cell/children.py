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
import select
import signal
import stat
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple, NoReturn

from offswitch.guard.cell.guest import PATH, USER_ID
from offswitch.guard.cell.network import HERE
from offswitch.guard.kernel import seccomp, syscalls
from offswitch.guard.probe import acts

AWAITED = {signal.SIGTERM, signal.SIGCHLD}
"""What a waiting child acts on; blocked from before its birth, so that none is lost."""
_CATCHABLE = signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}
_CHUNK = 1024 * 1024
_ROOT_ID = 0
_MOST = {
    resource.RLIMIT_NOFILE: 4096,
    resource.RLIMIT_SIGPENDING: 4096,
    resource.RLIMIT_MSGQUEUE: 65536,
    resource.RLIMIT_CORE: 1,  # for 0 the kernel would still start the host's program for it (fs/coredump.c)
}
_ENDING_SECONDS = 5
_OF_THE_PROGRAM = frozenset(
    {
        None,
        errno.E2BIG,
        errno.EINVAL,
        errno.EISDIR,
        errno.ELOOP,
        errno.ENAMETOOLONG,
        errno.ENOEXEC,
        errno.ENOTDIR,
    }
)
"""Refusals that are about what was to be started, and not about a machine that is shutting down."""
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


def run_program(request: dict[str, Any], fds: list[int], inside: Inside) -> NoReturn:
    """Start a program in the cell's process namespace and report how it ended.

    Joining a process namespace takes effect for children only: this process stays outside, where the
    agent can neither see nor signal it, and waits for the program. Everything that makes the program
    weak is done before it is born: inside, the agent's user could send signals and set limits to a
    process that is not yet root.
    """
    *streams, status = fds
    *stdin, stdout, stderr = streams or [_nothing(), _nothing()]  # without any, it has a terminal
    for fd, standard in ((stdin[0] if stdin else _nothing(), 0), (stdout, 1), (stderr, 2)):
        os.dup2(fd, standard)
    program = _spawn(request, status, inside)
    for fd in (0, 1, 2, *stdin, stdout, stderr):
        os.close(fd)
    while (ended := _ended(program)) is None:
        if signal.sigwait(AWAITED) == signal.SIGTERM:
            _kill_group(program)
    _report(status, {"exit": ended})


def read_file(request: dict[str, Any], fds: list[int], inside: Inside) -> NoReturn:
    """Copy a file of the cell into a pipe, with the rights of the cell's user."""
    out, status = fds
    try:
        _become(USER_ID)
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
        _become(USER_ID)
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
    _become(_id_of(request))
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
    null = _nothing()
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.write(out, json.dumps({"outcomes": acts.outcomes(aim)}).encode() + b"\n")
    os.read(go, 1)
    syscalls.allow_inspection()  # by who started us, and by the agent: of what it may say, all is said
    os.write(out, json.dumps({"inspectable": True}).encode() + b"\n")
    os.read(go, 1)
    os._exit(0)


def _spawn(request: dict[str, Any], status: int, inside: Inside) -> int:
    """Start the program and return its pid; if that is impossible, report why and end.

    It is spawned, not forked: a second copy of this process would cost more than the program's start.
    """
    argv, environment = request["argv"], request["env"]
    subject = folder = os.path.join(inside.workdir, request["cwd"])  # noqa: PTH118 (a path of the guest)
    try:
        _go_to(request.get("host", HERE), status, inside)
        syscalls.setns(inside.processes, syscalls.CLONE_NEWPID)
        limit(0, inside.most_processes)
        _become(_id_of(request))
        if inside.filtered:
            seccomp.install()
        os.umask(0o022)
        os.chdir(folder)
        subject = argv[0]
        os.environ["PATH"] = environment.get("PATH", PATH)  # where posix_spawnp looks
        return os.posix_spawnp(
            subject,
            argv,
            environment,
            file_actions=_terminal(request.get("terminal", "")),
            setsid=True,
            setsigmask=[],
            setsigdef=_CATCHABLE,
        )
    except PermissionError as refusal:
        _report(status, {"errno": refusal.errno}, 126)
    except FileNotFoundError:
        _complain(subject, "not found", status, 127)
    except (OSError, ValueError) as failure:
        refused = getattr(failure, "errno", None)
        if refused == errno.EAGAIN:  # no room for a process, which the agent can bring about
            _report(status, {"errno": refused})
        if refused not in _OF_THE_PROGRAM and _ends(inside.init):
            _report(status, {"down": True})
        # as a shell puts it: too long, a zero byte in it
        _complain(subject, getattr(failure, "strerror", None) or str(failure), status, 126)


def _go_to(host: str, status: int, inside: Inside) -> None:
    """Stand in the network of a private host; the cell's own is where we are."""
    if host == HERE:
        return
    if host not in inside.hosts:
        _report(status, {"errno": errno.ENXIO})
    syscalls.setns(inside.hosts[host], syscalls.CLONE_NEWNET)


def _terminal(path: str) -> list[tuple[Any, ...]]:
    """Return what makes a terminal the three standard streams; opened in a new session it controls that."""
    both = [(os.POSIX_SPAWN_DUP2, 0, 1), (os.POSIX_SPAWN_DUP2, 0, 2)]
    return [(os.POSIX_SPAWN_OPEN, 0, path, os.O_RDWR, 0), *both] if path else []


def reset_signals() -> None:
    """Undo what Python and the launcher have set; a program inherits what is ignored or blocked."""
    for number in _CATCHABLE:
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


def _ended(program: int) -> int | None:
    """Return the exit code of the program, negative for a signal, or None while it runs."""
    pid, ended = os.waitpid(program, os.WNOHANG)
    return os.waitstatus_to_exitcode(ended) if pid else None


def _ends(init: int) -> bool:
    """Whether the process behind a pidfd has ended, or does so in a moment."""
    watch = select.poll()
    watch.register(init, select.POLLIN)
    return bool(watch.poll(_ENDING_SECONDS * 1000))


def _nothing() -> int:
    return os.open("/dev/null", os.O_RDONLY)


def _complain(subject: str, what: str, status: int, code: int) -> NoReturn:
    os.write(2, f"{subject}: {what}\n".encode(errors="backslashreplace"))
    _report(status, {"exit": code}, code)


def _id_of(request: dict[str, Any]) -> int:
    return _ROOT_ID if request["user"] == "root" else USER_ID


def _become(uid: int) -> None:
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


def _kill_group(leader: int) -> None:
    for kill in (os.killpg, os.kill):
        try:
            kill(leader, signal.SIGKILL)
        except OSError:
            continue


def report(status: int, result: dict[str, Any]) -> None:
    """Tell the other end how a piece of work ended."""
    with contextlib.suppress(OSError):
        os.write(status, json.dumps(result).encode() + b"\n")


def _report(status: int, result: dict[str, Any], code: int = 0) -> NoReturn:
    try:
        report(status, result)
    finally:
        os._exit(code)
