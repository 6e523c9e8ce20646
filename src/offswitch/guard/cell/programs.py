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


def run_programs(
    request: dict[str, Any], fds: list[int], inside: Inside, orders: socket.socket | None
) -> NoReturn:
    """Start a program, report how it ended, and go on with the next that is ordered.

    One that cannot be started ends this process too, and so does one that leaves us another child.

    Args:
        request: the first program; those that follow have the same user and the same host.
        fds: its standard streams, and where to report.
        inside: the cell.
        orders: says `IDLE`, and brings what follows; None: nothing follows.
    """
    null, is_first = nothing(), True
    while True:
        *streams, status = fds
        _take(streams)
        try:
            program = _spawn(request, status, inside, is_first=is_first)
            for fd in _STANDARD:  # no descriptor that is received may get their numbers
                os.dup2(null, fd)
            ended = _wait(program)
        except Exception:  # noqa: BLE001 (to whom this is told, changes from one program to the next)
            _end(status, {"errno": errno.EINVAL}, 1)
        if orders is None or _has_children():
            _end(status, {"exit": ended})
        orders.send(IDLE)  # first: who hears how it ended may ask for the next at once
        report(status, {"exit": ended})
        os.close(status)
        received = _next(orders)
        if received is None:
            os._exit(0)
        (request, fds), is_first = received, False


def _next(orders: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """Wait for an order; None if none comes, or a part of one: the keeper gives that to another."""
    try:
        return frames.receive(orders)
    except OSError:
        return None


def _take(streams: Sequence[int]) -> None:
    """Make the streams of the program our own; its input may be missing, and on a terminal all of them.

    What takes the place of one is opened anew: programs with copies of one descriptor would share its flags.
    """
    missing = [nothing() for _ in _STANDARD[len(streams) :]]
    for fd, standard in zip((*missing, *streams), _STANDARD, strict=True):
        os.dup2(fd, standard)
    for fd in (*missing, *streams):
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


def _has_children() -> bool:
    """Whether there is any child, dead or alive, when our own program is no more.

    A program can have us for the parent of others too (CLONE_PARENT of clone(2)). As long as one of these is
    not buried, its process namespace does not end: nobody would see the machine shut down, or the stop of a
    cell done. With our death, they go to who buries them.
    """
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return False
    return True


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
