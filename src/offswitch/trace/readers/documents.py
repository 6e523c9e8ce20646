"""Reads a file that is one JSON document, and pieces of a file too large for that."""

from __future__ import annotations

import os
from typing import Any, BinaryIO

from offswitch.trace.readers.json_text import VALUE_LIMIT, BrokenError, decode


def document(file: BinaryIO) -> Any:
    """Decode the whole file.

    Raises:
        BrokenError: it is no JSON, or larger than `VALUE_LIMIT`.
    """
    data = file.read(VALUE_LIMIT + 1)
    if len(data) > VALUE_LIMIT:
        raise BrokenError(f"expected one JSON value of at most {VALUE_LIMIT} bytes, found a larger one")
    return decode(data.removeprefix(b"\xef\xbb\xbf"))


def piece(file: BinaryIO, start: int, end: int) -> Any:
    """Decode the JSON value between two offsets; leaves the file where it stands.

    Raises:
        BrokenError: it is no JSON, or larger than `VALUE_LIMIT`.
    """
    if end - start > VALUE_LIMIT:
        raise BrokenError(f"expected a JSON value of at most {VALUE_LIMIT} bytes, found {end - start}")
    parts: list[bytes] = []
    while start < end and (part := os.pread(file.fileno(), end - start, start)):
        parts.append(part)
        start += len(part)
    return decode(b"".join(parts))
