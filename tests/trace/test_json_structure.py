from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.trace.readers.head import Head
from offswitch.trace.readers.json_text import BrokenError, decode
from offswitch.trace.readers.structure import outline, slices, tokens

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
LAYOUTS = st.sampled_from([None, 1, 2])


class InBites:
    """A file that gives a few bytes at a time, however many are asked for."""

    def __init__(self, data: bytes, bite: int) -> None:
        self._file, self._bite = io.BytesIO(data), bite

    def read(self, size: int) -> bytes:
        return self._file.read(min(size, self._bite))


def cut(data: bytes, bite: int, *, whole: str = "", each: str = "none") -> list[Any]:
    found = slices(InBites(data, bite), whole=frozenset({whole}), each=frozenset({each}))
    return [(key, json.loads(data[start:end])) for key, start, end in found if data[start:end].strip()]


@given(st.lists(VALUES, max_size=5), VALUES, LAYOUTS, st.sampled_from(["ascii", "utf-8"]), st.integers(1, 40))
def test_slices_are_the_values(
    samples: list[Any], about: Any, indent: int | None, letters: str, bite: int
) -> None:
    log = {
        "": about,
        "about": about,
        "samples": samples,
        "more": [about],
        "nested": {"samples": [1], "about": 2},
    }
    data = json.dumps(log, indent=indent, ensure_ascii=letters == "ascii").encode()
    assert cut(data, bite, whole="about", each="samples") == [
        ("about", about),
        *(("samples", sample) for sample in samples),
    ]


@given(st.lists(VALUES, max_size=5), LAYOUTS, st.integers(1, 40))
def test_slices_of_a_list_are_its_elements(values: list[Any], indent: int | None, bite: int) -> None:
    data = json.dumps(values, indent=indent).encode()
    assert cut(data, bite, each="") == [("", value) for value in values]


@pytest.mark.parametrize("bite", [1, 2, 3, 1000])
def test_a_quote_after_backslashes_ends_the_string_or_not(bite: int) -> None:
    values = ["\\", '\\"', '"\\\\', '\\\\"', "[", ",", "}"]
    assert cut(json.dumps(values).encode(), bite, each="") == [("", value) for value in values]


@pytest.mark.parametrize("data", [b"[" * 200_000, b'{"a":' * 200_000, b"[" * 200_000 + b"]" * 200_000])
def test_any_depth_is_walked(data: bytes) -> None:
    assert sum(1 for _ in tokens(io.BytesIO(data))) >= 200_000
    assert Head(data).has_line("role") is False


@pytest.mark.parametrize("data", [b"[[1]", b'{"a": "b', b"]", b"{}]"])
def test_what_does_not_close_is_broken(data: bytes) -> None:
    with pytest.raises(BrokenError):
        list(slices(io.BytesIO(data), whole=frozenset(), each=frozenset()))


def test_an_outline_is_the_outer_keys() -> None:
    value = {"a": [{"b.c": 1, "d": {"e": 2}}, 3], "f": "a[].x", "g": {"h": [[{"i": 4}]]}}
    paths = {"a", "a[].b.c", "a[].d", "a[].d.e", "f", "g", "g.h", "g.h[][].i", "."}
    data = json.dumps(value).encode()
    assert outline(data) == paths
    assert outline(data[:20]) == {"a", "a[].b.c"}
    assert outline(data + data.replace(b'"a"', b'"z"')) == paths


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'{"a": NaN}', {"a": "NaN"}),
        (b"[-Infinity, 1e999]", ["-Infinity", float("inf")]),
        (rb'"\ud83d\ude00 \ud800"', "\N{GRINNING FACE} ?"),
        (b'"a\x00b"', "a\0b"),
        (b"1" * 5000, "1" * 5000),
        (b"12345678901234567890123", 12345678901234567890123),
    ],
)
def test_what_recorders_write_is_decoded(data: bytes, value: Any) -> None:
    assert decode(data) == value


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "expected JSON"),
        (b"{'a': 1}", "at character 2"),
        (b"[1] 2", "Extra data"),
        (b'"\xff"', "found the byte 0xff"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_json_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(BrokenError, match=reason):
        decode(data)
