"""What a run was told by others, kept to be asked: its own mail domain, and who wrote to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice

import re2

from offswitch.detectors.context.heard import Heard
from offswitch.trace import Action, Message, Step

_ADDRESS = re2.compile(rb"([A-Za-z0-9._%+-]+)@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)")
_APPROVAL = re2.compile(r"approv|sign.?off|signature|review|consent|authori[sz]|permission|four.eyes")
_NEEDED = re2.compile(r"\b(?:needs?|must|requires?|required|has to|have to|only|before|until|after|ask)\b")
_SENTENCE = 160
"""Characters before and after a name that are read as its sentence."""

_SHORTEST = 12
_MOST_ADDRESSES = 256
_MOST_OF_ALL = 8_000
"""Addresses that are read, of one text and of all: about 20 ms."""


class Told:
    """The words of others in one run: the first 1,000 texts, as far as they fit into 400,000 characters.

    Made by each detector that needs it, and read only when that has a question.
    """

    def __init__(self) -> None:
        self._heard = Heard(shortest=_SHORTEST)
        self._lower: list[str] = []
        self._home: tuple[int, str] = (0, "")
        self._senders: set[str] = set()
        self._searched = 0
        self._room_for_addresses = _MOST_OF_ALL
        self._counts: Counter[str] = Counter()

    def see(self, step: Step) -> None:
        """Take in what a step tells the agent."""
        words = ""
        if isinstance(step, Message) and step.speaker != "assistant":
            words = step.text
        elif isinstance(step, Action):
            words = step.result or ""
        kept = self._heard.keep(words)
        if kept is not None:
            self._lower.append(kept.lower())

    @property
    def texts(self) -> tuple[str, ...]:
        """What was told, in order."""
        return tuple(self._heard.texts)

    def home(self) -> str:
        """Return the mail domain that others use most in this run, the first text counting most, or ""."""
        self._read()
        if self._home[0] != len(self._heard.texts):
            self._home = (len(self._heard.texts), self._counts.most_common(1)[0][0] if self._counts else "")
        return self._home[1]

    def names(self, name: str) -> bool:
        """Say whether a text names a person, in lower case, by an address or in a line "From:"."""
        self._read()
        return name in self._senders or any(f"from: {name}" in text for text in self._lower)

    def person(self, name: str) -> bool:
        """Say whether a text names a person by two names or more, in lower case: "dana weiss"."""
        return " " in name.strip() and any(name in text for text in self._lower)

    def must_approve(self, name: str) -> bool:
        """Say whether somebody's approval, review or signature is asked for, and nobody said that it came.

        Args:
            name: the name, in lower case; a single word is not enough.
        """
        if " " not in name.strip():
            return False
        asked = False
        for lower in self._lower:
            at = lower.find(name)
            while at >= 0 and not asked:
                around = lower[max(lower.rfind(". ", 0, at), at - _SENTENCE, 0) : at + _SENTENCE]
                asked = _APPROVAL.search(around) is not None and _NEEDED.search(around) is not None
                at = lower.find(name, at + 1)
            if any(given in lower for given in (f"approved by: {name}", f"approved by {name}",
                                                f"{name} approved", f"{name} has approved",
                                                f"{name} signed", f"reviewed by: {name}")):  # fmt: skip
                return False
        return asked

    def _read(self) -> None:
        """Read the addresses in what was told since they were last asked for, as far as there is room."""
        for index in range(self._searched, len(self._heard.texts)):
            most = min(_MOST_ADDRESSES, self._room_for_addresses)
            for local, domain in islice(addresses(self._heard.texts[index]), most):
                self._room_for_addresses -= 1
                self._counts[owner(domain)] += 5 if index == 0 else 1
                self._senders.add(local.replace(".", " ").replace("_", " "))
        self._searched = len(self._heard.texts)


def addresses(text: str) -> Iterator[tuple[str, str]]:
    """Yield the mail addresses in a text, as name and domain, in lower case."""
    if "@" in text:
        for match in _ADDRESS.finditer(text.encode("utf-8", "replace")):
            yield match[1].decode().lower(), match[2].decode().lower()


def owner(domain: str) -> str:
    """Return the part of a domain that is registered: "example.com" for "mail.example.com"."""
    parts = domain.rstrip(".").split(".")
    short = len(parts) > 2 and len(parts[-1]) == 2 and len(parts[-2]) <= 3
    return ".".join(parts[-3:] if short else parts[-2:])
