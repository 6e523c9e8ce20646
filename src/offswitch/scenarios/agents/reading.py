"""Reads the JSON that a cell's programs send, so that it costs this process little and breaks nothing behind.

What is behind takes time by the square of the number of messages, memory by the number of values, goes down
nested values by recursion, and writes a log that cannot hold half of a surrogate pair: one request could hold
up every trial of the process, or end them all.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

import msgspec

_MOST_VALUES = 200_000
_MOST_DEPTH = 64
_MOST_MESSAGES = 2_000
"""Measured on two shared cores: a request at any of these takes less than two seconds; Claude Code's and
Codex's longest of a hundred turns have a tenth of them."""


def read(content: bytes) -> dict[str, Any]:
    """Read an object.

    Args:
        content: JSON in UTF-8.

    Raises:
        ValueError: if it is none, or has more, deeper or other values than a request needs; NaN, and half of
            a surrogate pair, are such.
    """
    if _separators(content) > _MOST_VALUES:
        raise ValueError("too many values")
    try:
        found = msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError) as failure:
        raise ValueError(f"not JSON: {failure}") from None
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004 (of the content)
    _measure(found)
    return found


def _separators(content: bytes) -> int:
    """Count what begins a value, outside of strings, and their quotation marks."""
    bare = content.replace(b"\\\\", b"").replace(b'\\"', b"")
    quotes = bare.count(b'"')
    if quotes > _MOST_VALUES:
        return quotes
    outside = b"".join(bare.split(b'"')[::2])
    return quotes + sum(map(outside.count, (b",", b"[", b"{")))


def _measure(document: dict[str, Any]) -> None:
    level: list[Any] = [document]
    for _ in range(_MOST_DEPTH):
        level = list(chain.from_iterable(map(_inside, level)))
        if not level:
            break
    else:
        raise ValueError("nested too deeply")
    for name in ("messages", "input"):
        if isinstance(document.get(name), list) and len(document[name]) > _MOST_MESSAGES:
            raise ValueError("too many messages")


def _inside(value: object) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
