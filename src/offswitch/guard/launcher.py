"""The process from which every keeper is forked: small, single-threaded, with an empty environment.

Forking it costs a millisecond; forking a program with Inspect in it would cost many, and would put
API keys and threads into the copy. When the program that started it ends, however it ends, the
sockets close: the keepers end their cells, and the launcher clears up behind them and ends too.
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

from offswitch.guard import cgroup, frames, keeper, syscalls

_SWEEP_SECONDS = 0.02
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
    cgroup.remove_left_over()
    gc.disable()  # a collection touches every object, and a forked copy would pay for each page
    keepers: dict[int, cgroup.Leaf] = {}
    emptied: list[tuple[float, cgroup.Leaf]] = []
    with selectors.DefaultSelector() as watch:
        watch.register(requests, selectors.EVENT_READ)
        while watch.get_map() or emptied:
            for key, _ in watch.select(_SWEEP_SECONDS if emptied else None):
                if key.fileobj is not requests:
                    watch.unregister(key.fileobj)
                    emptied.append((time.monotonic(), _bury(key.fd, key.data, keepers)))
                elif (received := frames.receive(requests)) is not None:
                    pid = _start(requests, *received, keepers)
                    if pid is not None:
                        watch.register(os.pidfd_open(pid), selectors.EVENT_READ, pid)
                else:
                    watch.unregister(requests)
            emptied = [(since, leaf) for since, leaf in emptied if not _removed(since, leaf)]


def _start(
    requests: socket.socket, settings: dict[str, Any], fds: list[int], keepers: dict[int, cgroup.Leaf]
) -> int | None:
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
            return None
        if pid == 0:
            syscalls.die_with_parent()
            requests.close()
            keeper.keep(end, settings, leaf)
    keepers[pid] = leaf
    return pid


def _bury(fd: int, pid: int, keepers: dict[int, cgroup.Leaf]) -> cgroup.Leaf:
    os.close(fd)
    os.waitpid(pid, 0)
    leaf = keepers.pop(pid)
    with contextlib.suppress(OSError):  # somebody else has removed the group
        leaf.kill()
    return leaf


def _is_open(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


def _removed(since: float, leaf: cgroup.Leaf) -> bool:
    return leaf.remove() or time.monotonic() - since > _PATIENCE_SECONDS
