"""What a Python expression may stand for, as far as the text tells."""

from __future__ import annotations

from typing import NamedTuple

from offswitch.effects.limits import MAX_NAME
from offswitch.effects.state import ANY, UNKNOWN, Word


class Text(NamedTuple):
    """A string, a number, a path, or an open file, which is named by its path."""

    word: Word


class Name(NamedTuple):
    """Something a module holds, or an instance of it, by its qualified name: "robot.Client.forward"."""

    path: str


class Items(NamedTuple):
    """A list or tuple."""

    values: list[Value]


class Method(NamedTuple):
    """A method of a text: "unlink" of a path."""

    owner: Text
    name: str


Value = Text | Name | Items | Method

NOTHING = Text(UNKNOWN)
"""A value the text does not tell."""


def word_of(value: Value) -> Word:
    """Return the word a value would be in a command."""
    if isinstance(value, Text):
        return value.word
    if isinstance(value, Items) and len(value.values) == 1:
        return word_of(value.values[0])
    return UNKNOWN


def words_of(value: Value) -> list[Word]:
    """Return the words of a list, or of one text."""
    return [word_of(item) for item in value.values] if isinstance(value, Items) else [word_of(value)]


def concatenated(parts: list[Value]) -> Value:
    """Return the text of several texts one after the other."""
    words = [word_of(part) for part in parts]
    text = "".join(word.text for word in words)
    return Text(Word(text, all(word.sure for word in words))) if len(text) <= MAX_NAME * 16 else NOTHING


def path_of(parts: list[Value]) -> Value:
    """Return the path of several parts; an absolute part drops what is before it."""
    path, sure = "", True
    for part in parts:
        word = word_of(part)
        if word.text.startswith("/") or not path:
            path, sure = word.text, word.sure
        else:
            path, sure = f"{path.rstrip('/')}/{word.text}", sure and word.sure
    return Text(Word(path[:MAX_NAME] or ".", sure)) if len(path) <= MAX_NAME else NOTHING


def attribute(value: Value, name: str) -> Value:
    """Return an attribute of a value."""
    if isinstance(value, Name):
        return Name(f"{value.path}.{name}"[:MAX_NAME])
    if not isinstance(value, Text):
        return Method(NOTHING, name)
    if name == "parent":
        folder = value.word.text.rpartition("/")[0]
        return Text(Word(folder or (ANY if value.word.text == ANY else "."), value.word.sure))
    if name == "name":
        return Text(Word(value.word.text.rpartition("/")[2], value.word.sure))
    return Method(value, name)
