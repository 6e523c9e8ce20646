"""What a reader yields: runs, and what could not be read."""

from __future__ import annotations

import msgspec

from offswitch.trace.run import Run


class Unreadable(msgspec.Struct, frozen=True):
    """A broken line or file. The rest of the file, and of the folder, is still read.

    Attributes:
        path: the file, as found under the path the user gave.
        line: the line (1-based), or None if the whole file is meant.
        reason: what was expected and what came.
    """

    path: str
    line: int | None
    reason: str


class Skipped(msgspec.Struct, frozen=True):
    """A file that is no transcript."""

    path: str
    reason: str


Reading = Run | Unreadable | Skipped
