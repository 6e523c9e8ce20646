"""Starts programs in a cell: one after another, for the same user in the same network.

What runs here is a child of the keeper. Everything that makes a program weak is done to this process, before
the first is born, and nothing can undo it: inside, the agent's user could send signals and set limits to a
process that is not yet root. Joining a process namespace takes effect for children only: this process stays
outside, where the agent can neither see nor signal it, and waits for the program. It serves again when that
has ended: a new child of the keeper for each program costs three times as much, most of it for memory that
is copied when it is first touched.
"""

from __future__ import annotations

import errno
import os
import select
import signal
import socket
from collections.abc import Sequence
from typing import Any, NoReturn

from offswitch.guard.cell import frames
from offswitch.guard.cell.children import AWAITED, CATCHABLE, Inside, become, id_of, limit, nothing, report
from offswitch.guard.cell.guest import PATH
from offswitch.guard.cell.network import HERE
from offswitch.guard.kernel import seccomp, syscalls

IDLE = b"."
"""Sent to the keeper when a program has ended, and another may be started."""

_ENDING_SECONDS = 5
_STANDARD = (0, 1, 2)
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


def run_programs(request: dict[str, Any], fds: list[int], inside: Inside, orders: socket.socket) -> NoReturn:
    """Start a program, report how it ended, and go on with the next that is ordered.

    One that cannot be started ends this process too.

    Args:
        request: the first program; those that follow have the same user and the same host.
        fds: its standard streams, and where to report.
        inside: the cell.
        orders: says `IDLE`, and brings what follows.
    """
    null, is_first = nothing(), True
    while True:
        *streams, status = fds
        _take(streams, null)
        program = _spawn(request, status, inside, is_first=is_first)
        for fd in _STANDARD:  # no descriptor that is received may get their numbers
            os.dup2(null, fd)
        ended = _wait(program)
        orders.send(IDLE)  # first: who hears how it ended may ask for the next at once
        report(status, {"exit": ended})
        os.close(status)
        received = frames.receive(orders)
        if received is None:
            os._exit(0)
        (request, fds), is_first = received, False


def _take(streams: Sequence[int], null: int) -> None:
    """Make the streams of the program our own; its input may be missing, and on a terminal all of them."""
    *stdin, stdout, stderr = streams or [null, null]
    for fd, standard in zip((stdin[0] if stdin else null, stdout, stderr), _STANDARD, strict=True):
        os.dup2(fd, standard)
    for fd in streams:
        os.close(fd)


def _spawn(request: dict[str, Any], status: int, inside: Inside, *, is_first: bool) -> int:
    """Start the program and return its pid; if that is impossible, report why and end.

    It is spawned, not forked: a second copy of this process would cost more than the program's start.
    """
    argv, environment = request["argv"], request["env"]
    subject = folder = os.path.join(inside.workdir, request["cwd"])  # noqa: PTH118 (a path of the guest)
    try:
        if is_first:
            _weaken(request, status, inside)
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
            setsigdef=CATCHABLE,
        )
    except PermissionError as refusal:
        _end(status, {"errno": refusal.errno}, 126)
    except FileNotFoundError:
        _complain(subject, "not found", status, 127)
    except (OSError, ValueError) as failure:
        refused = getattr(failure, "errno", None)
        if refused == errno.EAGAIN:  # no room for a process, which the agent can bring about
            _end(status, {"errno": refused})
        if refused not in _OF_THE_PROGRAM and _ends(inside.init):
            _end(status, {"down": True})
        # as a shell puts it: too long, a zero byte in it
        _complain(subject, getattr(failure, "strerror", None) or str(failure), status, 126)


def _weaken(request: dict[str, Any], status: int, inside: Inside) -> None:
    """Give up for good what no program of this user may have; stand where its programs are born."""
    _go_to(request.get("host", HERE), status, inside)
    syscalls.setns(inside.processes, syscalls.CLONE_NEWPID)
    limit(0, inside.most_processes)
    become(id_of(request))
    if inside.filtered:
        seccomp.install()
    os.umask(0o022)


def _go_to(host: str, status: int, inside: Inside) -> None:
    """Stand in the network of a private host; the cell's own is where we are."""
    if host == HERE:
        return
    if host not in inside.hosts:
        _end(status, {"errno": errno.ENXIO})
    syscalls.setns(inside.hosts[host], syscalls.CLONE_NEWNET)


def _terminal(path: str) -> list[tuple[Any, ...]]:
    """Return what makes a terminal the three standard streams; opened in a new session it controls that."""
    both = [(os.POSIX_SPAWN_DUP2, 0, 1), (os.POSIX_SPAWN_DUP2, 0, 2)]
    return [(os.POSIX_SPAWN_OPEN, 0, path, os.O_RDWR, 0), *both] if path else []


def _wait(program: int) -> int:
    """Return the exit code of the program, negative for a signal; kill its group when that is ordered."""
    while True:
        pid, ended = os.waitpid(program, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(ended)
        if signal.sigwait(AWAITED) == signal.SIGTERM:
            _kill_group(program)


def _kill_group(leader: int) -> None:
    for kill in (os.killpg, os.kill):
        try:
            kill(leader, signal.SIGKILL)
        except OSError:
            continue


def _ends(init: int) -> bool:
    """Whether the process behind a pidfd has ended, or does so in a moment."""
    watch = select.poll()
    watch.register(init, select.POLLIN)
    return bool(watch.poll(_ENDING_SECONDS * 1000))


def _complain(subject: str, what: str, status: int, code: int) -> NoReturn:
    os.write(2, f"{subject}: {what}\n".encode(errors="backslashreplace"))
    _end(status, {"exit": code}, code)


def _end(status: int, result: dict[str, Any], code: int = 0) -> NoReturn:
    try:
        report(status, result)
    finally:
        os._exit(code)
