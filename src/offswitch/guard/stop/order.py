"""Gives a stopper its orders."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Any

from offswitch.errors import CellError
from offswitch.guard.stop import records, steps

_ANSWER = 1 << 16
_CROWDED_SECONDS = 0.002
PATIENCE = steps.LONGEST_SECONDS


class NoAnswerError(CellError):
    """A stopper that is there, and does not answer in time."""


class RefusedError(CellError):
    """A stopper that does not obey: not this user, or not such a word."""


def give(order: bytes, place: Path, seconds: float = PATIENCE) -> dict[str, Any]:
    """Give an order and return the answer.

    Args:
        order: one of the words of `stopper`.
        place: the stopper's socket.
        seconds: how long to wait for the answer.

    Raises:
        NoAnswerError: if a stopper is there and does not answer.
        RefusedError: if it does not obey.
        CellError: if there is none, or it ended before it answered.
    """
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
            line.settimeout(seconds)
            _connect(line, str(place), seconds)
            line.send(order)
            answer = line.recv(_ANSWER)
    except TimeoutError as silence:
        raise NoAnswerError(f"the stopper at {place} has not answered for {seconds:g} seconds") from silence
    except OSError as failure:
        raise CellError(f"the stopper at {place} does not answer: {failure.strerror or failure}") from failure
    if not answer:
        raise CellError(f"the stopper at {place} ended before it answered")
    try:
        found = records.parsed(answer)
        if found.get("record") is not None:
            records.checked(found["record"])
    except ValueError as failure:
        raise CellError(f"what listens at {place} does not answer as a stopper does") from failure
    if "error" in found:
        raise RefusedError(f"the stopper at {place} refused: {found['error']}")
    return found


def _connect(line: socket.socket, place: str, seconds: float) -> None:
    """Connect, and wait while others crowd the way: a socket with a time limit is refused at once then.

    Raises:
        TimeoutError: if they go on.
    """
    until = time.monotonic() + seconds
    while True:
        try:
            return line.connect(place)
        except BlockingIOError as crowded:
            if time.monotonic() > until:
                raise TimeoutError from crowded
            time.sleep(_CROWDED_SECONDS)
