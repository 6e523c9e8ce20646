"""Why a cell cannot be started on this machine, and what to do about it."""

from __future__ import annotations

from pathlib import Path

_APPARMOR = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
_CLONE = Path("/proc/sys/kernel/unprivileged_userns_clone")
_MOST = Path("/proc/sys/user/max_user_namespaces")

SECOND_USER = (
    "run as root, or install uidmap (sudo apt-get install uidmap) and give this user a range: "
    "sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $USER"
)
"""How to give cells a root of their own, whose files the agent's user cannot touch."""

_REFUSALS = ("user namespace", "uid map", "PermissionError", "Operation not permitted", "No permissions")


def explain(failure: str) -> str:
    """Turn what the keeper or bubblewrap said into one line with the remedy."""
    reason = failure.replace("\n", "; ")
    if any(sign in failure for sign in _REFUSALS):
        return f"this kernel does not let us make a cell ({reason}); {_remedy()}"
    return f"the cell did not start: {reason}"


def _remedy() -> str:
    if _value(_APPARMOR) == "1":
        return (
            "AppArmor forbids user namespaces (the default of Ubuntu 24.04): "
            "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
        )
    if _value(_CLONE) == "0":
        return "allow user namespaces: sudo sysctl -w kernel.unprivileged_userns_clone=1"
    if _value(_MOST) == "0":
        return "allow user namespaces: sudo sysctl -w user.max_user_namespaces=10000"
    return (
        "in a container, allow user namespaces (docker run --security-opt seccomp=unconfined), "
        "or choose Docker as the sandbox"
    )


def _value(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return ""
