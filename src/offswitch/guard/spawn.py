"""Starts the small processes of a guard: our own interpreter, our own code, nothing of the environment."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

_CODE = "import sys; sys.path.insert(0, {root!r}); from {module} import main; main()"


def spawn(module: str) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """Start a module's `main` in a process of its own session.

    Args:
        module: its full name; what it imports must be of the standard library or below `offswitch`.

    Returns:
        The process, and our end of the socket that is its standard input.
    """
    code = _CODE.format(root=str(Path(__file__).parents[2]), module=module)
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(  # noqa: S603 (our own interpreter, our own code)
            [sys.executable, "-I", "-S", "-c", code],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            env={},
            start_new_session=True,
        )
    return process, ours
