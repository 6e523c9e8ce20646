from __future__ import annotations

import io

from offswitch.trace import Unreadable
from offswitch.trace.readers.lines import Record, records


def test_a_line_beyond_the_limit_is_passed_over() -> None:
    data = b'{"a": 1}\n' + b'{"b": "' + b"x" * 500 + b'"}\n\n' + b'{"c": 2}\r\n' + b'{"d": "' + b"y" * 500
    assert list(records(io.BytesIO(data), "f", limit=64)) == [
        Record(1, {"a": 1}),
        Unreadable("f", 2, "expected a line of at most 64 bytes, found a longer one"),
        Record(4, {"c": 2}),
        Unreadable("f", 5, "expected a line of at most 64 bytes, found a longer one"),
    ]


def test_a_line_of_exactly_the_limit_is_read() -> None:
    line = b'{"a": 1}'
    assert list(records(io.BytesIO(line + b"\n" + line), "f", limit=8)) == [
        Record(1, {"a": 1}),
        Record(2, {"a": 1}),
    ]
