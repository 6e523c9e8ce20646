"""The journal of what left a cell and what was refused: written before it happens."""

from __future__ import annotations

import contextlib
import json
import os
import time
from pathlib import Path
from typing import Any

_MOST_BYTES = 256 * 1024 * 1024
_SHARE = 4
"""A journal gets a fourth of what is free on its disk, if that is less: an agent that fills it must not keep
its stop from being recorded, or the machine from its own."""
_REFUSALS = 20
"""Refusals noted in a second; more of them say nothing new, and an agent can have as many as it likes."""


class Refused(Exception):  # noqa: N818 (an answer, not an error)
    """Something that is not let out; the text is what the agent and the journal are told."""


class Journal:
    """One JSON object a line, each with "at" (seconds of the epoch); outlets may share a file.

    Args:
        file: the journal.
        most: its most bytes; None: as much as its disk can spare.
    """

    def __init__(self, file: Path, most: int | None = None) -> None:
        self._fd = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        disk = os.fstatvfs(self._fd)
        free = disk.f_bavail * disk.f_frsize
        self._most = min(_MOST_BYTES, free // _SHARE) if most is None else most
        self._torn = False
        self._second = 0
        self._refusals = 0

    def note(self, **fields: Any) -> None:
        """Append an entry.

        Raises:
            Refused: if it cannot be written: what is not noted must not leave.
        """
        line = b"\n" * self._torn + json.dumps({"at": time.time(), **fields}).encode() + b"\n"
        try:
            if os.fstat(self._fd).st_size + len(line) > self._most:
                raise Refused("the journal of connections is full")
            written = os.write(self._fd, line)
        except OSError as failure:
            raise Refused(f"the journal of connections cannot be written: {failure.strerror}") from failure
        self._torn = written != len(line)  # a full disk takes a part of a line; the next begins on its own
        if self._torn:
            raise Refused("the journal of connections is full")

    def refusal(self, **fields: Any) -> None:
        """Append that something was not let out, if that can be; of many in one second, only the first."""
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._refusals = second, 0
        self._refusals += 1
        if self._refusals == _REFUSALS + 1:
            fields = {"why": f"more than {_REFUSALS} were refused in a second; the rest is not listed"}
        if self._refusals <= _REFUSALS + 1:
            with contextlib.suppress(Refused):
                self.note(verdict="refused", **fields)
