"""The process from which every keeper is forked: small, single-threaded, with an empty environment.

Forking it costs a millisecond; forking a program with Inspect in it would cost many, and would put
API keys and threads into the copy. When the program that started it ends, however it ends, the
sockets close: the keepers end their cells, and the launcher clears up behind them and ends too. The cell of a
guard ends with its stopper as well: the launcher waits for that, and has the kernel watch over itself.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import os
import selectors
import signal
import socket
import time
from pathlib import Path
from typing import Any

from offswitch.guard.cell import frames, keeper
from offswitch.guard.kernel import cgroup, syscalls
from offswitch.guard.kernel.deadman import DeadMan

_SWEEP_SECONDS = 0.02
_MANY = 65536
_TURNS = 4
"""In which a launcher that must not hang shows that it does not."""
_PATIENCE_SECONDS = 10.0
_GOES_EARLY = "200"  # what systemd gives a user's programs: inside, it tells nothing


def main() -> None:
    """Fork a keeper for every request on standard input's socket; end when it closes and all are gone."""
    requests = socket.socket(fileno=fcntl.fcntl(0, fcntl.F_DUPFD_CLOEXEC, keeper.READY_FD + 1))
    null = os.open("/dev/null", os.O_RDWR)
    for taken in (0, 1, 2, keeper.USERS_FD, keeper.READY_FD):  # so that no later descriptor gets the number
        if taken != 2 or not _is_open(2):
            os.dup2(null, taken, inheritable=False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program that started us
    with contextlib.suppress(OSError):  # when memory runs out on the host, a cell goes before other programs
        Path("/proc/self/oom_score_adj").write_text(_GOES_EARLY)
    syscalls.adopt_orphans()
    cgroup.remove_left_over()
    gc.disable()  # a collection touches every object, and a forked copy would pay for each page
    _Launcher(requests).serve()


class _Launcher:
    """Forks keepers, and buries every process of a cell whose parent has died before it.

    That must not be left to the host's init: until a dead process is buried, its process namespace does not
    end, and some machines' init takes its time.
    """

    def __init__(self, requests: socket.socket) -> None:
        self._requests = requests
        self._keepers: dict[int, cgroup.Leaf] = {}
        self._emptied: list[tuple[float, cgroup.Leaf]] = []
        self._wanted = True
        self._dead_man: DeadMan | None = None
        self._deaths, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> None:
        """Work until nobody can ask for a cell any more and every cell is gone."""
        with selectors.DefaultSelector() as self._watch:
            self._watch.register(self._deaths, selectors.EVENT_READ, self._bury)
            self._watch.register(self._requests, selectors.EVENT_READ, self._answer)
            while self._wanted or self._keepers or self._emptied:
                for key, _ in self._watch.select(self._pause()):
                    if self._wanted or key.fd == self._deaths:
                        key.data()
                self._bury()
                self._emptied = [(since, leaf) for since, leaf in self._emptied if not _removed(since, leaf)]
                if self._dead_man is not None:
                    self._dead_man.renew()

    def _pause(self) -> float | None:
        if self._emptied:
            return _SWEEP_SECONDS
        return None if self._dead_man is None else self._dead_man.seconds / _TURNS

    def _answer(self) -> None:
        """Do what is asked: start a cell, or end them all with a process; or end, once nobody can ask."""
        received = frames.receive(self._requests)
        if received is None:
            self._end()
        elif "keep" in received[0]:
            self._start(received[0]["keep"], received[1])
        else:
            self._watch.register(received[1][0], selectors.EVENT_READ, self._end)
            self._dead_man = DeadMan(received[0]["end_with"])

    def _start(self, settings: dict[str, Any], fds: list[int]) -> None:
        """Fork a keeper; where the host refuses, say so to who asked: the other cells go on."""
        (end,) = [socket.socket(fileno=fd) for fd in fds]
        with end:
            leaf = cgroup.make_leaf(settings["limits"])
            try:
                pid = leaf.fork()
            except OSError as refusal:
                leaf.remove()
                with contextlib.suppress(OSError):
                    frames.send(end, {"error": f"{type(refusal).__name__}: {refusal}"})
                return
            if pid == 0:
                syscalls.die_with_parent()
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                self._requests.close()
                keeper.keep(end, settings, leaf)
        self._keepers[pid] = leaf

    def _bury(self) -> None:
        """Take note of every process that has died; with its keeper, a cell ends."""
        with contextlib.suppress(BlockingIOError):
            os.read(self._deaths, _MANY)
        with contextlib.suppress(ChildProcessError):
            while (pid := os.waitpid(-1, os.WNOHANG)[0]) != 0:
                leaf = self._keepers.pop(pid, None)
                if leaf is not None:
                    _kill(leaf)
                    self._emptied.append((time.monotonic(), leaf))

    def _end(self) -> None:
        """Start no more cells, and end those there are: one that is frozen could not end itself."""
        self._wanted = False
        for key in list(self._watch.get_map().values()):
            if key.fd != self._deaths:
                self._watch.unregister(key.fd)
        for keeper_pid, leaf in self._keepers.items():
            _kill(leaf)
            os.kill(keeper_pid, signal.SIGKILL)  # a child that is not buried yet: nobody else has its number


def _kill(leaf: cgroup.Leaf) -> None:
    with contextlib.suppress(OSError):  # somebody else has removed the group
        leaf.kill()


def _is_open(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


def _removed(since: float, leaf: cgroup.Leaf) -> bool:
    return leaf.remove() or time.monotonic() - since > _PATIENCE_SECONDS
