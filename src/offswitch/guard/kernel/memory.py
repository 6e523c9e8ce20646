"""Whether a cell's memory limit has ended processes of it."""

from __future__ import annotations

import contextlib

from offswitch.guard.kernel import cgroup

_FILES = ("memory.events", "memory.oom_control")
"""Of cgroup v2 and v1; each has a line "oom_kill N"."""


def kills(pid: int) -> int:
    """Return how many processes of a cell the kernel has killed because its memory limit was reached.

    Args:
        pid: a process of the cell; 0 is returned once it is gone.
    """
    with contextlib.suppress(OSError):
        for folder in cgroup.folders_of(pid, "memory"):
            for file in (folder / name for name in _FILES):
                if file.exists():
                    counts = dict(line.split() for line in file.read_text().splitlines())
                    return int(counts.get("oom_kill", 0))
    return 0
