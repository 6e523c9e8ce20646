"""What stoppers say and write down, read with care: root reads those of users, who can put anything there."""

from __future__ import annotations

import json
import math
import os
import stat
from pathlib import Path
from typing import Any

_STEP = {"step": str, "done": bool, "ms": (int, float)}
_RECORD = {"why": str, "at": (int, float), "steps": list, "empty": bool}


def content(file: Path, most: int) -> bytes:
    """Return the first bytes of a file, never waiting for a pipe, never following a link.

    Raises:
        OSError: if it cannot be read, or is no plain file.
    """
    fd = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise OSError(f"{file}: expected a file")
        return os.read(fd, most)
    finally:
        os.close(fd)


def parsed(text: bytes) -> dict[str, Any]:
    """Return the JSON object that a text is, read so that nobody can read it in another way.

    Raises:
        ValueError: if it is none, or an object in it has a key twice, or a number is none of JSON.
    """
    try:
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse)
    except RecursionError as failure:
        raise ValueError("too deep") from failure
    if not isinstance(found, dict):
        raise ValueError("expected an object")  # noqa: TRY004 (the text is wrong, not the call)
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands there twice")
    return found


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


def checked(record: Any) -> dict[str, Any]:
    """Return the record of a stop, if it is in the form that `steps.stop` gives it.

    Raises:
        ValueError: if it is not.
    """
    if not _is(record, _RECORD) or not all(_is(step, _STEP) for step in record["steps"]):
        raise ValueError("expected the record of a stop")
    found: dict[str, Any] = record
    return found


def _is(found: Any, fields: dict[str, Any]) -> bool:
    if not isinstance(found, dict) or not all(isinstance(found.get(one), fields[one]) for one in fields):
        return False
    return all(math.isfinite(one) for one in found.values() if isinstance(one, float))
