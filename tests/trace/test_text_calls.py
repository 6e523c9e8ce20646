from __future__ import annotations

import time

import pytest

from offswitch.trace.readers.text_calls import written_calls


@pytest.mark.parametrize(
    ("said", "tool", "arguments"),
    [
        ('<tool_call>{"name": "f", "arguments": {"a": 1}}</tool_call>', "f", {"a": 1}),
        ('<tool_call>\n{"name": "f", "arguments": {"a": 1}}', "f", {"a": 1}),
        ('<tool_call>{"name": "f", oops}</tool_call>', "unknown", {"_raw": '{"name": "f", oops}'}),
        (
            "<tool_call>\n<function=f>\n<parameter=a>\nx < y</parameter>\n<parameter=b>2</tool_call>",
            "f",
            {"a": "x < y", "b": "2"},
        ),
        (
            "<tool_call>f<arg_key>a</arg_key><arg_value>1</arg_value><arg_key>b</arg_key>\n<arg_value>2</arg_value>",
            "f",
            {"a": "1", "b": "2"},
        ),
        (
            '<tool_use:f>\nto: "a",\nbody: "Dear all,\nNote: this stays.\nBye"\n</tool_use:f>',
            "f",
            {"to": "a", "body": "Dear all,\nNote: this stays.\nBye"},
        ),
        ("<tool_use:f>just words</tool_use:f>", "f", {"_raw": "just words"}),
    ],
)
def test_every_notation(said: str, tool: str, arguments: dict[str, object]) -> None:
    (call,) = written_calls(f"I act. {said}")
    assert (call.tool, call.arguments) == (tool, arguments)


def test_calls_come_in_order() -> None:
    said = "<tool_use:b>x</tool_use:b> then <tool_call>a<arg_key>k</arg_key></tool_call><tool_use:c>"
    assert [call.tool for call in written_calls(said)] == ["b", "a", "c"]


def test_plain_words_hold_no_call() -> None:
    assert not list(written_calls("I would use a <tool_call to do it, or <tool_callx>."))


def test_a_flood_of_tags_does_not_take_long() -> None:
    began = time.monotonic()
    assert len(list(written_calls("<tool_use:x>" * 300_000))) <= 1000
    assert len(list(written_calls("<tool_call>f</tool_call>" * 300_000))) == 1000
    assert time.monotonic() - began < 5
