"""The process from which every keeper is forked: small, single-threaded, with an empty environment.

Forking it costs a millisecond; forking a program with Inspect in it would cost many, and would put
API keys and threads into the copy. When the program that started it ends, however it ends, the
sockets close: the keepers end their cells, and the launcher clears up behind them and ends too.
"""

from __future__ import annotations

import contextlib
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


def main() -> None:
    """Fork a keeper for every request on standard input's socket; end when it closes and all are gone."""
    for reserved in (keeper.USERS_FD, keeper.READY_FD):
        os.dup2(os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC), reserved, inheritable=False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program that started us
    cgroup.remove_left_over()
    requests = socket.socket(fileno=os.dup(0))
    os.close(0)
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
                    pid, leaf = _fork_keeper(requests, *received)
                    keepers[pid] = leaf
                    watch.register(os.pidfd_open(pid), selectors.EVENT_READ, pid)
                else:
                    watch.unregister(requests)
            emptied = [(since, leaf) for since, leaf in emptied if not _removed(since, leaf)]


def _fork_keeper(
    requests: socket.socket, settings: dict[str, Any], fds: list[int]
) -> tuple[int, cgroup.Leaf]:
    leaf = cgroup.make_leaf(settings["limits"])
    (fd,) = fds
    pid = leaf.fork()
    if pid == 0:
        syscalls.die_with_parent()
        with contextlib.suppress(OSError):  # root only: when memory runs out in a cell, its keeper stays
            Path("/proc/self/oom_score_adj").write_text("-900")
        requests.close()
        keeper.keep(socket.socket(fileno=fd), settings, leaf)
    os.close(fd)
    return pid, leaf


def _bury(fd: int, pid: int, keepers: dict[int, cgroup.Leaf]) -> cgroup.Leaf:
    os.close(fd)
    os.waitpid(pid, 0)
    leaf = keepers.pop(pid)
    leaf.kill()
    return leaf


def _removed(since: float, leaf: cgroup.Leaf) -> bool:
    return leaf.remove() or time.monotonic() - since > _PATIENCE_SECONDS
