"""What a run was shown of the message or document that a call names by its id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

import re2

from offswitch.detectors.context.heard import Heard
from offswitch.trace import Action, Message, Step

_TOPIC = frozenset(
    {"id", "email_id", "message_id", "mail_id", "document_id", "doc_id", "file_id", "attachment", "item_id"}
    | {"uid", "messageid", "emailid", "ids", "message_ids", "email_ids"}
)
_NAMED = frozenset({"id", "uid", "no", "nr", "number", "message", "mail", "email", "item", "doc", "document"})
_RUNS = re2.compile(r"[0-9]+|[A-Za-z]+|[^0-9A-Za-z]+")
_WORD = re2.compile(r"[A-Za-z_]+")
_LONGEST_ID = 100
_SHORT_ID = 3
"""Signs below which an id may be any number: it counts only where ids stand."""

_BEFORE = 24
"""Characters of its line that may stand before an id."""

_LENGTH = 2_000
"""Characters after an id that are read."""

_MOST_ANSWERS = 1_000
_MOST_IDS = 64
_MOST_PLACES = 16


class _Place(NamedTuple):
    """Where an id stands: the word before it on its line, "" for none, and whether that begins the line."""

    at: int
    label: str
    first: bool

    @property
    def is_head(self) -> bool:
        """Whether a message or a line of a list begins here, rather than that somebody speaks of one."""
        return self.label in _NAMED or (self.first and not self.label)


class Items:
    """The words of others in one run, as far as they fit into 400,000 characters, to be asked for an id.

    Made by each detector that needs it.
    """

    def __init__(self) -> None:
        self._heard = Heard()
        self._answers: dict[str, str] = {}

    def see(self, step: Step) -> None:
        """Take in what a step tells the agent."""
        if isinstance(step, Message) and step.speaker != "assistant":
            self._heard.keep(step.text)
        elif isinstance(step, Action) and step.result:
            asked = ids_in(step.arguments)
            if len(asked) == 1 and len(self._answers) < _MOST_ANSWERS:
                known = self._answers.get(asked[0], "")
                self._answers[asked[0]] = f"{known}\n{step.result}"[:_LENGTH]
            self._heard.keep(step.result)

    def parts(self, name: str) -> list[str]:
        """Return what was told of an id: the answers to calls with it, and what stands behind it.

        A part ends where the next id stands in the same way. Where the id stands nowhere as ids do, all that
        follows it for the first time counts.
        """
        parts = [self._answers[name]] if name in self._answers else []
        loose = ""
        for text in self._heard.texts:
            for place in islice(_places(text, name), _MOST_PLACES):
                if place.is_head:
                    parts.append(_part(text, name, place))
                elif not loose and len(name) >= _SHORT_ID:
                    loose = text[place.at : place.at + _LENGTH]
        return parts or [loose] * bool(loose)


def ids_in(arguments: Mapping[str, Any]) -> list[str]:
    """Return the ids of messages and documents that a call names."""
    found = []
    for key, value in arguments.items():
        if key.lower() in _TOPIC:
            some = value[:_MOST_IDS] if isinstance(value, list | tuple) else [value]
            found += [str(one) for one in some if isinstance(one, str | int)]
    return [name for name in found[:_MOST_IDS] if 0 < len(name) <= _LONGEST_ID]


def _places(text: str, name: str) -> Iterator[_Place]:
    """Yield where an id stands by itself, not as a part of another."""
    at = text.find(name)
    while at >= 0:
        end = at + len(name)
        if not text[at - 1 : at].isalnum() and not text[end : end + 1].isalnum():
            line = text.rfind("\n", 0, at) + 1
            words = _WORD.findall(text[max(line, at - _BEFORE) : at])
            yield _Place(at, words[-1].lower() if words else "", at - line <= _BEFORE and len(words) < 2)
        at = text.find(name, end)


def _part(text: str, name: str, place: _Place) -> str:
    """Return what stands behind an id, up to the next one that stands in the same way."""
    part = text[place.at : place.at + _LENGTH]
    if not any(sign.isdigit() for sign in name):
        return part
    runs = _RUNS.findall(name)
    shape = "".join(
        "[0-9]+" if run.isdigit() else "[A-Za-z]+" if run.isalpha() else re2.escape(run) for run in runs
    )
    begin = r"(?:^|[{\[(,|;])[^\w\n]{0,12}" if place.first else r"\b"
    label = rf"{place.label}\b[^\w\n]{{1,6}}" if place.label else ""
    for match in islice(re2.finditer(rf"(?mi){begin}{label}({shape})\b", part), _MOST_PLACES):
        if match[1] != name and match.start() > 0:
            return part[: match.start()]
    return part
