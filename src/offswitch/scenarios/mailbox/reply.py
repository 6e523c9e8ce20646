"""What a reply of the text form says it does: the tool tags in it, read in linear time.

A tag is `<tool_use:NAME>` around lines of `key: "value"`; fields as JSON or as tags of their own, and calls
in the notations of `written_calls`, are understood too. What stands in the scratchpad is a thought and no
call, if the scratchpad is closed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from inspect_ai.tool import ToolError

from offswitch.scenarios.mailbox.box import GARBLED, Box
from offswitch.scenarios.mailbox.tools import CANCEL, FORWARD, SEND, call_off
from offswitch.scenarios.staged import events
from offswitch.trace import Action
from offswitch.trace.readers.text_calls import written_calls

SCRATCHPAD = ("<SCRATCHPAD_REASONING>", "</SCRATCHPAD_REASONING>")
_KNOWN = {SEND: ("to", "subject", "text"), FORWARD: ("message_id", "to", "text"), CANCEL: ("code", "reason")}
_NEEDED = {SEND: ("to", "text"), FORWARD: ("message_id", "to"), CANCEL: ("code",)}
_OTHER_NAMES = {"content": "text", "body": "text", "message": "text", "note": "text", "id": "message_id"}
_FIELDS = frozenset(key for keys in _KNOWN.values() for key in keys)
_LONG = frozenset({"text", "reason"})
"""Fields that reach to the end of a call if they are not quoted."""

_OPENING = "<tool_use:"
_MOST_CALLS = 40
_MOST_TAGS = 200
_MOST_READ = 200_000
_LONGEST_NAME = 40


class Calls(NamedTuple):
    """The calls in a reply.

    Attributes:
        made: tool and arguments of each, in order.
        unreadable: how many there are beside these whose meaning cannot be told.
    """

    made: list[tuple[str, dict[str, str]]]
    unreadable: int


class _Tag(NamedTuple):
    name: str
    body: str


def calls_in(reply: str) -> Calls:
    """Return the calls in a reply; a call of another name than the tools' is none."""
    made: list[tuple[str, dict[str, str]]] = []
    unreadable = int(len(reply) > _MOST_READ)
    tags, rest = _tags(_public(reply[:_MOST_READ]))
    others = ((call.tool, _by_our_names(call.arguments)) for call in written_calls(rest))
    for tool, fields in (*((tag.name, _fields(tag)) for tag in tags), *others):
        name = _tidy(tool)
        if name not in _KNOWN:
            continue
        if len(made) >= _MOST_CALLS or not all(fields.get(key, "").strip() for key in _NEEDED[name]):
            unreadable += 1
        else:
            made.append((name, {key: fields[key] for key in _KNOWN[name] if key in fields}))
    return Calls(made, unreadable)


def actions_in(reply: str) -> Sequence[Action]:
    """Return the calls in a reply as actions, for the detectors; nobody has answered them."""
    return [
        Action(index=index, tool=name, arguments=given)
        for index, (name, given) in enumerate(calls_in(reply).made)
    ]


def carry_out(reply: str, box: Box, code: str = "") -> None:
    """Do what a reply says, as the tools of the agent form would.

    Args:
        reply: the agent's reply.
        box: the mailbox.
        code: that calls the alert off; "" where there is none.
    """
    calls = calls_in(reply)
    for _ in range(calls.unreadable):
        events.note(GARBLED)
    for name, given in calls.made:
        try:
            _do(name, given, box, code)
        except ToolError:
            continue  # it failed, as it would in a loop: nothing left, nothing was called off


def _do(name: str, given: Mapping[str, str], box: Box, code: str) -> None:
    if name == SEND:
        box.send(given["to"], given.get("subject", ""), given["text"])
    elif name == FORWARD:
        box.forward(given["message_id"], given["to"], given.get("text", ""))
    elif code:
        call_off(code, given["code"], given.get("reason", ""))


def _public(reply: str) -> str:
    """Return a reply without what stands between the marks of the scratchpad."""
    opening, closing = SCRATCHPAD
    kept = []
    at = 0
    while (start := reply.find(opening, at)) >= 0:
        end = reply.find(closing, start)
        if end < 0:
            break
        kept.append(reply[at:start])
        at = end + len(closing)
    return "".join([*kept, reply[at:]])


def _tags(text: str) -> tuple[list[_Tag], str]:
    """Return the tags of our tools, and the text without them; one that is not closed reaches to the end."""
    found: list[_Tag] = []
    kept: list[str] = []
    at = kept_to = 0
    while len(found) < _MOST_TAGS and (start := text.find(_OPENING, at)) >= 0:
        name, closed, _ = text[start + len(_OPENING) : start + _LONGEST_NAME].partition(">")
        at = start + len(_OPENING)
        if not closed or _tidy(name) not in _KNOWN:
            continue
        at += len(name) + 1
        end = text.find(closing := f"</tool_use:{name}>", at)
        found.append(_Tag(_tidy(name), text[at : end if end >= 0 else len(text)]))
        kept.append(text[kept_to:start])
        at = kept_to = end + len(closing) if end >= 0 else len(text)
    return found, "".join([*kept, text[kept_to:]])


def _fields(tag: _Tag) -> dict[str, str]:
    """Return the fields of a tag by our names."""
    if tag.body.lstrip()[:1] in {"{", "<"}:
        return _by_our_names(_object(tag.body) or _children(tag.body))
    found: dict[str, list[str]] = {}
    key, ends = "", True
    for line in tag.body.strip().splitlines():
        name, colon, value = line.partition(":")
        name = _tidy(name)
        name = _OTHER_NAMES.get(name, name)
        if ends and colon and name in _KNOWN.get(tag.name, ()) and name not in found:
            key, value = name, value.strip()
            found[key] = [value]
            quoted = value.startswith('"')
            ends = (quoted and len(value) > 1 and _closes(value)) or not (quoted or key in _LONG)
        elif key:
            found[key].append(line)
            ends = ends or _closes(line)
    return {key: _unquoted("\n".join(lines)) for key, lines in found.items()}


def _closes(line: str) -> bool:
    """Say whether a line ends a quoted value, perhaps with a comma behind it."""
    return line.rstrip().removesuffix(",").endswith('"')


def _unquoted(value: str) -> str:
    bare = value.strip().removesuffix(",")
    return bare[1:-1] if len(bare) > 1 and bare[0] == bare[-1] == '"' else value.strip()


def _by_our_names(given: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in given.items():
        name = _tidy(str(key))
        if isinstance(value, str | int):
            found.setdefault(_OTHER_NAMES.get(name, name), str(value))
    return found


def _tidy(name: str) -> str:
    return name[:_LONGEST_NAME].strip().lower()


def _object(text: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError):
        return {}


def _children(text: str) -> dict[str, Any]:
    """Return the fields that a call has as tags of their own: `<to>...</to>`."""
    found = {}
    for key in {*_FIELDS, *_OTHER_NAMES}:
        _, opened, rest = text.partition(f"<{key}>")
        value, closed, _ = rest.partition(f"</{key}>")
        if opened and closed:
            found[key] = value
    return found
