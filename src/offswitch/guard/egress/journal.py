"""The journal of what left a cell and what was refused: written before it happens."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

_MOST_BYTES = 256 * 1024 * 1024


class Refused(Exception):  # noqa: N818 (an answer, not an error)
    """Something that is not let out; the text is what the agent and the journal are told."""


class Journal:
    """One JSON object a line, each with "at" (seconds of the epoch); outlets may share a file."""

    def __init__(self, file: Path, most: int = _MOST_BYTES) -> None:
        self._fd = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._most = most
        self._torn = False

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
