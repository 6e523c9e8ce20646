"""curl's own lists in a name (man curl, "GLOBBING"): `{a,b}` and `[1-3]`, whatever the shell has quoted."""

from __future__ import annotations

import re2

from offswitch.effects.machine.state import ANY, Word
from offswitch.effects.shell.braces import braces

_SHORT_RANGE = re2.compile(r"\[(\w)-(\w)\]")
_RANGE = re2.compile(r"\[[^\[\]]*\]")
_TOO_MANY = re2.compile(r"\{[^{}]*(?:,|\.\.)[^{}]*\}")
_OUTER = str.maketrans("", "", "{}")


def listed(word: Word) -> list[Word]:
    """Return the names that curl reads in a word: a long range is a glob, too long a list any name."""
    if "{" not in word.text and "[" not in word.text:
        return [word]
    text = _RANGE.sub("*", _SHORT_RANGE.sub(r"{\1..\2}", word.text))
    names = [_TOO_MANY.sub(ANY, name).translate(_OUTER) for name in braces(text)]
    return [Word(name, sure=False) for name in dict.fromkeys(names)]
