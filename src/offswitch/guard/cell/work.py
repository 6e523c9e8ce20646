"""What is asked of a keeper, and which of its children does it."""

from __future__ import annotations

import contextlib
import errno
import os
import selectors
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple, NoReturn

from offswitch.guard.cell import children, frames, handed, programs
from offswitch.guard.cell.network import HERE
from offswitch.guard.kernel import syscalls

_Request = dict[str, Any]
_Place = tuple[str, str]
"""A user, and in whose network."""

_MOST_LINES = 16
_MOST_IDLE = 8
"""Each takes 2 MB and a process of what is set aside for the keeper: four networks of two users."""
_ONCE: dict[str, Callable[[_Request, list[int], children.Inside], NoReturn]] = {
    "read": children.read_file,
    "write": children.write_file,
    "probe": children.run_probe,
}


class Line(NamedTuple):
    """Two ends of a connection, of the keeper and of what starts programs."""

    ours: socket.socket
    theirs: socket.socket


def lines() -> list[Line]:
    """Return the connections that a keeper will have need of, made before it stands in the cell's network.

    Those made there could be seen inside, in /proc/net/unix.
    """
    return [Line(*socket.socketpair()) for _ in range(_MOST_LINES)]


@dataclass(kw_only=True)
class _Child:
    pid: int
    request: int | None  # the id of what it works on
    was_told_to_kill: bool = False  # whether that came in time for its program, nobody knows


@dataclass(kw_only=True)
class _Starter(_Child):
    place: _Place
    orders: socket.socket


@dataclass
class Work:
    """The work of one keeper, until its socket closes or says stop.

    A program is started by a child that is idle in the same place, or by a new one. For each place one idle
    child is kept, of the few that served last.

    Args:
        control: where requests come from.
        inside: the cell.
        lines: see `lines`; what starts programs without one starts a single one.
    """

    control: socket.socket
    inside: children.Inside
    lines: list[Line]
    _watch: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _children: dict[int, _Child] = field(default_factory=dict)
    _idle: dict[_Place, _Starter] = field(default_factory=dict)

    def serve(self) -> None:
        """Do what is asked until nobody can ask any more."""
        self._watch.register(self.control, selectors.EVENT_READ)
        while True:
            for key, _ in self._watch.select():
                if key.fileobj is not self.control:
                    key.data()
                    continue
                received = frames.receive(self.control)
                if received is None or received[0]["op"] == "stop":
                    return
                self._answer(*received)

    def _answer(self, request: _Request, fds: list[int]) -> None:
        if request["op"] == "kill":
            self._kill(request["id"])
        elif request["op"] in handed.OUT:
            handed.out(request, fds)
        elif request["op"] == "exec":
            self._start(request, fds)
        else:
            self._fork(request, fds, partial(_ONCE[request["op"]], request, fds, self.inside))
            _close(fds)

    def _start(self, request: _Request, fds: list[int]) -> None:
        """Have a program started, by a child that is idle where it is to run, or else by a new one."""
        place = request["user"], request.get("host", HERE)
        idle = self._idle.pop(place, None)
        if idle is None or not _ordered(idle, request, fds):
            line = self.lines.pop() if self.lines else None
            orders = line.theirs if line else None
            pid = self._fork(request, fds, partial(programs.run_programs, request, fds, self.inside, orders))
            if pid is not None and line is not None:
                line.theirs.close()
                starter = _Starter(pid=pid, request=request["id"], place=place, orders=line.ours)
                self._children[pid] = starter
                self._watch.register(line.ours, selectors.EVENT_READ, partial(self._hear, starter))
            elif line is not None:
                self.lines.append(line)
        _close(fds)

    def _hear(self, starter: _Starter) -> None:
        """A program has ended: keep its starter for the next, or let it go; one that is gone says nothing."""
        said = _received(starter.orders)
        if said == programs.IDLE and not starter.was_told_to_kill and starter.place not in self._idle:
            starter.request = None
            self._idle[starter.place] = starter
            if len(self._idle) > _MOST_IDLE:
                _let_go(self._idle.pop(next(iter(self._idle))))
            return
        self._watch.unregister(starter.orders)
        _let_go(starter)
        starter.orders.close()

    def _kill(self, request: int) -> None:
        for child in self._children.values():
            if child.request == request:
                child.was_told_to_kill = True
                os.kill(child.pid, signal.SIGTERM)

    def _fork(self, request: _Request, fds: list[int], work: Callable[[], NoReturn]) -> int | None:
        """Have a piece of work done by a new child; where the host refuses one, say so to who asked."""
        signal.pthread_sigmask(signal.SIG_BLOCK, children.AWAITED)  # a kill may come before it can act on one
        try:
            pid = os.fork()
        except OSError as refusal:
            children.report(fds[-1], {"errno": refusal.errno})
            pid = None
        if pid == 0:
            try:
                syscalls.die_with_parent()
                work()
            except Exception:  # noqa: BLE001 (the boundary of this process: whatever it was, it is no shutdown)
                children.report(fds[-1], {"errno": errno.EINVAL})
            finally:
                os._exit(1)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, children.AWAITED)
        if pid is not None:
            self._children[pid] = _Child(pid=pid, request=request["id"])
            end = os.pidfd_open(pid)
            self._watch.register(end, selectors.EVENT_READ, partial(self._bury, pid, end))
        return pid

    def _bury(self, pid: int, end: int) -> None:
        """A child has ended; until here nobody else has its number."""
        self._watch.unregister(end)
        os.close(end)
        os.waitpid(pid, 0)
        child = self._children.pop(pid)
        self._idle = {place: idle for place, idle in self._idle.items() if idle is not child}


def _ordered(starter: _Starter, request: _Request, fds: list[int]) -> bool:
    """Hand a request to an idle starter; False, and it is let go, if that cannot be done."""
    try:
        frames.send(starter.orders, request, fds)
    except OSError:  # it is gone, or the kernel lets us pass no more descriptors
        _let_go(starter)
        return False
    starter.request = request["id"]
    return True


def _let_go(starter: _Starter) -> None:
    """Have a starter end; to close its socket would not do: children that were born later have copies."""
    with contextlib.suppress(OSError):
        starter.orders.shutdown(socket.SHUT_RDWR)


def _received(orders: socket.socket) -> bytes:
    try:
        return orders.recv(1)
    except OSError:
        return b""


def _close(fds: list[int]) -> None:
    for fd in fds:
        os.close(fd)
