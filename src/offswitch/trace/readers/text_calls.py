"""Tool calls that a model wrote into its text, in the notations open models and simulators use.

Understood are `<tool_call>` around JSON, around `<function=NAME>` with `<parameter=KEY>`, and around
NAME with `<arg_key>` and `<arg_value>`; and `<tool_use:NAME>` around lines of `key: "value"`.
A call whose end is missing reaches to the end of the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from offswitch.trace.readers.fields import mapping, text
from offswitch.trace.readers.history import Call
from offswitch.trace.readers.json_text import BrokenError, decode
from offswitch.trace.readers.messages import RAW

_MOST_CALLS = 1000
_LONGEST_NAME = 80


def written_calls(said: str) -> Iterator[Call]:
    """Yield the calls written in a text, in order; at most 1,000."""
    at, plain, named = 0, -1, -1
    for _ in range(_MOST_CALLS):
        plain = _next(said, "<tool_call>", at, plain)
        named = _next(said, "<tool_use:", at, named)
        if min(plain, named) == len(said):
            return
        if plain < named:
            body, at = _until(said, plain + len("<tool_call>"), "</tool_call>")
            yield from _tool_call(body.strip())
        else:
            name, start = _until(said, named + len("<tool_use:"), ">")
            body, at = _until(said, start, f"</tool_use:{name}>")
            if name and len(name) <= _LONGEST_NAME:
                yield Call(name, _key_lines(body) or {RAW: body.strip()})


def _next(said: str, wanted: str, at: int, known: int) -> int:
    """Where it stands next from `at` on, or the end; not looked for again if that is known."""
    found = known if known >= at else said.find(wanted, at)
    return found if found >= 0 else len(said)


def _until(said: str, start: int, end: str) -> tuple[str, int]:
    """The text from `start` up to `end`, and where to go on after it."""
    at = said.find(end, start)
    return (said[start:], len(said)) if at < 0 else (said[start:at], at + len(end))


def _tool_call(body: str) -> Iterator[Call]:
    if body.startswith("{"):
        yield _json_call(body)
    elif body.startswith("<function="):
        name, start = _until(body, len("<function="), ">")
        yield Call(name, _tagged(body[start:], "<parameter=", ">", "</parameter>"))
    else:
        name = body.partition("<")[0].strip()
        if name and len(name) <= _LONGEST_NAME:
            yield Call(name, _tagged(body, "<arg_key>", "</arg_key>", "</arg_value>"))


def _json_call(body: str) -> Call:
    try:
        fields = mapping(decode(body.encode()))
    except BrokenError:
        fields = {}
    arguments = fields.get("arguments", fields.get("parameters"))
    tool = text(fields.get("name")) or "unknown"
    return Call(tool, arguments if isinstance(arguments, dict) else {RAW: body})


def _tagged(body: str, opening: str, between: str, closing: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    at = 0
    while (start := body.find(opening, at)) >= 0:
        key, value_at = _until(body, start + len(opening), between)
        value, at = _until(body, value_at, closing)
        found[key.strip()] = value.strip().removeprefix("<arg_value>").strip()
    return found


def _key_lines(body: str) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    key, quoted = "", False
    for line in body.strip().splitlines():
        name, colon, rest = line.partition(":")
        if not quoted and colon and name.strip().isidentifier():
            key, rest = name.strip(), rest.strip()
            found[key] = [rest]
            quoted = rest.startswith('"') and not (len(rest) > 1 and _closes(rest))
        elif key:
            found[key].append(line)
            quoted = quoted and not _closes(line)
    return {key: _unquoted("\n".join(lines)) for key, lines in found.items()}


def _closes(line: str) -> bool:
    return line.rstrip().removesuffix(",").endswith('"')


def _unquoted(value: str) -> str:
    bare = value.strip().removesuffix(",")
    return bare[1:-1] if len(bare) > 1 and bare[0] == bare[-1] == '"' else bare
