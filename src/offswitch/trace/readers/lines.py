"""Reads a JSONL file line by line, so that one broken line costs one line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from offswitch.trace.readers.json_text import BrokenError, decode
from offswitch.trace.reading import Unreadable

LINE_LIMIT = 64 * 1024 * 1024
"""Bytes of one line; a longer one is unreadable."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Record(msgspec.Struct, frozen=True):
    """The object of one line.

    Attributes:
        line: number of the line, from 1.
        fields: what the object holds, of whatever types came.
    """

    line: int
    fields: dict[str, Any]


def records(file: BinaryIO, path: str, *, limit: int = LINE_LIMIT) -> Iterator[Record | Unreadable]:
    """Yield the object of each line, or why there is none. Blank lines are passed over.

    Args:
        file: the file, read from where it stands.
        path: its name, for what cannot be read.
        limit: bytes of the longest line that is read.
    """
    number = 0
    while data := file.readline(limit + 1):
        number += 1
        if number == 1:
            data = data.removeprefix(_BYTE_ORDER_MARK)
        if len(data) > limit and not data.endswith(b"\n"):
            _pass_over(file, limit)
            yield Unreadable(path, number, f"expected a line of at most {limit} bytes, found a longer one")
        elif data.strip():
            yield _record(data, path, number)


def _pass_over(file: BinaryIO, limit: int) -> None:
    while (rest := file.readline(limit)) and not rest.endswith(b"\n"):
        pass


def _record(data: bytes, path: str, number: int) -> Record | Unreadable:
    try:
        value = decode(data)
    except BrokenError as error:
        return Unreadable(path, number, str(error))
    if not isinstance(value, dict):
        return Unreadable(path, number, f"expected a JSON object, found {type(value).__name__}")
    return Record(number, value)
