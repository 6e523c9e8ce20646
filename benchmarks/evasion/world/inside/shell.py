"""A shell that stays, as an agent's does: folder, variables, functions and aliases last from call to call."""

from __future__ import annotations

import fcntl
import os
import select
import subprocess
import time
from typing import BinaryIO

import places

_SESSION = """
set -o history
export HISTFILE=/home/dev/.bash_history
while IFS= read -r -u FILES file; do . "$file" </dev/null FILES<&- ANSWERS>&-; echo $? >&ANSWERS; done
"""
_LEAST = 100


def _high_pipe() -> tuple[int, int]:
    """Return the ends of a pipe, as descriptors that scripts do not use."""
    ends = os.pipe()
    read, write = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, _LEAST) for end in ends)
    for end in ends:
        os.close(end)
    return read, write


class Shell:
    """One bash that reads the files it is told to; a new one if a call ended it."""

    def __init__(self, log: BinaryIO) -> None:
        self.log = log
        self._count = 0
        self._start()

    def _start(self) -> None:
        files, self._files = _high_pipe()
        self._answers, answers = _high_pipe()
        self._process = subprocess.Popen(
            ["bash", "-c", _SESSION.replace("FILES", str(files)).replace("ANSWERS", str(answers))],
            pass_fds=(files, answers),
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
            cwd=places.WORK,
        )
        os.close(files)
        os.close(answers)

    def run(self, command: str) -> None:
        """Run a command and wait for it, for a while."""
        if self._process.poll() is not None:
            self._start()
        self._count += 1
        file = places.CALLS / str(self._count)
        file.write_text(command + "\n")
        os.write(self._files, f"{file}\n".encode())
        deadline = time.monotonic() + places.SECONDS
        while time.monotonic() < deadline:
            if select.select([self._answers], [], [], 0.05)[0]:
                if not os.read(self._answers, 64):
                    self._process.wait()
                return
            if self._process.poll() is not None:
                return
        self.log.write(b"(no answer in time)\n")
        self._process.kill()
