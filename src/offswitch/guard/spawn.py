"""Starts the small processes of a guard: our own interpreter, our own code, nothing of the environment."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from offswitch.errors import CellError
from offswitch.guard.cell import frames

_START_SECONDS = 20.0
_CODE = "import sys; sys.path.insert(0, {root!r}); from {module} import main; main()"


class Spawned(NamedTuple):
    """A process that has been started, and waits for its settings.

    Attributes:
        process: the process.
        line: our end of the socket that is its standard input.
    """

    process: subprocess.Popen[bytes]
    line: socket.socket

    def answer(self, name: str) -> dict[str, Any]:
        """Wait until it says that it does its work, and return what it says.

        Args:
            name: what it is, for the error.

        Raises:
            CellError: if it does not start.
        """
        self.line.settimeout(_START_SECONDS)
        try:
            received = frames.receive(self.line)
        except OSError as failure:
            raise CellError(f"the {name} did not start: {failure}") from failure
        if received is None:
            raise CellError(f"the {name} did not start")
        self.line.settimeout(None)
        return received[0]

    def end(self) -> None:
        """End it, whatever it does."""
        self.process.kill()
        self.process.wait()
        self.line.close()


def spawn(module: str) -> Spawned:
    """Start a module's `main` in a process of its own session; this does not wait until it runs.

    Args:
        module: its full name; what it imports must be of the standard library or below `offswitch`.
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
    return Spawned(process, ours)
