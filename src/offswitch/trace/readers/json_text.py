"""Decodes JSON that others wrote: fast where it is clean, lenient where it is not, bounded always."""

from __future__ import annotations

import json
from typing import Any

import msgspec

VALUE_LIMIT = 512 * 1024 * 1024
"""Bytes of JSON decoded at one time: one document, or one sample of a log."""

MOST_VALUES = 20_000_000
"""Values decoded at one time: a zip of a megabyte can unpack to so many that they fill the memory."""

_LONGEST_INT = 4000
"""Digits of a whole number that is still read as a number."""


class BrokenError(ValueError):
    """Text that should be JSON and is not. The message says what came."""


def decode(data: bytes) -> Any:
    """Decode one JSON value.

    What strict JSON forbids but recorders write is read too: NaN and Infinity become their names as
    text, half of a surrogate pair becomes "?", raw control characters are kept, and a whole number of
    more than 4,000 digits is kept as text.

    Raises:
        BrokenError: the bytes are no JSON, no UTF-8, nested more deeply than can be decoded, or hold
            more than `MOST_VALUES` values.
    """
    if len(data) > MOST_VALUES and sum(map(data.count, (b",", b"[", b"{"))) > MOST_VALUES:
        raise BrokenError(f"expected at most {MOST_VALUES:,} JSON values, found more")
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _decode_leniently(data)


def _decode_leniently(data: bytes) -> Any:
    try:
        text = data.decode("utf-8")
        value = json.loads(text, parse_int=_whole_number, parse_constant=str, strict=False)
        if "\\ud" in text or "\\uD" in text:
            value = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except UnicodeDecodeError as error:
        raise BrokenError(f"expected UTF-8, found the byte 0x{data[error.start]:02x}") from None
    except json.JSONDecodeError as error:
        what = error.msg.removesuffix(" starting at")
        raise BrokenError(f"expected JSON: {what} at character {error.pos + 1}") from None
    except RecursionError:
        raise BrokenError("expected JSON: nested too deeply to be decoded") from None
    return value


def _whole_number(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONGEST_INT else digits
