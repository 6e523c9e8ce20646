"""What lets a stopper come before other programs: asked of the kernel, and told what was granted."""

from __future__ import annotations

import ctypes
import os
import socket
from collections.abc import Callable
from pathlib import Path

from offswitch.guard.cell import frames
from offswitch.guard.kernel import barriers

_PRIORITY = 50
_NICE = -20
_LOCK_ALL = 1 | 2
_NEVER = "-1000"


def take() -> dict[str, str]:
    """Ask for the processor before others, memory that stays, and to be spared when memory runs out.

    Returns:
        "real-time priority", "locked memory" and "spared when memory runs out", each to "in force" or to why
        not.
    """
    real_time = _tried(lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(_PRIORITY)))
    if real_time != barriers.IN_FORCE:
        _tried(lambda: os.setpriority(os.PRIO_PROCESS, 0, _NICE))
    return {
        "real-time priority": real_time,
        "locked memory": _tried(_lock_memory),
        "spared when memory runs out": _tried(lambda: Path("/proc/self/oom_score_adj").write_text(_NEVER)),
    }


def main() -> None:
    """Take it, say on standard input's socket what was granted, and end: for who wants to know beforehand."""
    with socket.socket(fileno=os.dup(0)) as line:
        frames.send(line, take())


def _lock_memory() -> None:
    if ctypes.CDLL(None, use_errno=True).mlockall(_LOCK_ALL) < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _tried(act: Callable[[], object]) -> str:
    try:
        act()
    except OSError as refusal:
        return f"refused: {refusal.strerror}"
    return barriers.IN_FORCE
