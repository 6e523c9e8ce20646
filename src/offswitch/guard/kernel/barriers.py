"""Which of the barriers that are not namespaces this kernel holds."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from offswitch.guard.kernel import landlock

IN_FORCE = "in force"
"""What stands for a barrier that is up; anything else is why it is not."""

NAMES = ("seccomp", "landlock")
"""The system call filter, and the rules on files."""

_ACTIONS = Path("/proc/sys/kernel/seccomp/actions_avail")


def check(asked: Iterable[str]) -> dict[str, str]:
    """Say of each barrier whether this kernel can hold it, and if not, why.

    Args:
        asked: those that are wanted; the others are "not asked for".
    """
    wanted = frozenset(asked)
    lacks = {"seccomp": _lacks_seccomp, "landlock": _lacks_landlock}
    return {name: (lacks[name]() or IN_FORCE) if name in wanted else "not asked for" for name in NAMES}


def _lacks_seccomp() -> str:
    return "" if _ACTIONS.exists() else "this kernel has no seccomp filters"


def _lacks_landlock() -> str:
    found = landlock.version()
    if not found:
        return "this kernel has no Landlock, or it is not among the security modules it was started with"
    if found < landlock.NEEDED:
        return f"this kernel has version {found} of Landlock; {landlock.NEEDED} is needed (Linux 6.2)"
    return ""
