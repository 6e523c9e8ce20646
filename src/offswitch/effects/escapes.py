"""Backslash escapes of `$'..'`, `echo -e` and `printf`."""

from __future__ import annotations

_LETTERS = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "E": "\x1b",
    "f": "\f",
    "v": "\v",
    "\\": "\\",
    "'": "'",
    '"': '"',
}
_NUMBERS = {"x": (16, 2), "u": (16, 4), "U": (16, 8)}
_DIGITS = {8: frozenset("01234567"), 16: frozenset("0123456789abcdefABCDEF")}


def decode(text: str) -> str:
    """Return a text with its escapes replaced by what they mean; an unknown one stays as it is."""
    if "\\" not in text:
        return text
    pieces: list[str] = []
    at = 0
    while True:
        slash = text.find("\\", at)
        if slash < 0 or slash + 1 >= len(text):
            pieces.append(text[at:])
            return "".join(pieces)
        pieces.append(text[at:slash])
        meaning, at = _one(text, slash + 1)
        pieces.append(meaning)


def _one(text: str, at: int) -> tuple[str, int]:
    """Read the escape after a backslash: its meaning, and where the text goes on."""
    letter = text[at]
    if letter in _LETTERS:
        return _LETTERS[letter], at + 1
    if letter in _NUMBERS:
        base, most = _NUMBERS[letter]
        return _number(text, at + 1, base, most) or ("\\" + letter, at + 1)
    return _number(text, at, 8, 4 if letter == "0" else 3) or ("\\" + letter, at + 1)


def _number(text: str, at: int, base: int, most: int) -> tuple[str, int] | None:
    end = at
    while end < len(text) and end - at < most and text[end] in _DIGITS[base]:
        end += 1
    if end == at:
        return None
    value = int(text[at:end], base)
    return (chr(value) if value < 0x110000 else "\ufffd"), end
