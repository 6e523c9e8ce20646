"""How much of a hostile input is looked at before the answer is "undecided"."""

from __future__ import annotations

MAX_TEXT = 1_000_000
"""Characters of code in one action; a longer one is not parsed."""

MAX_EXPANDED = 4_000_000
"""Characters that the words of one action expand to, all together: variables may double each other."""

MAX_NODES = 20_000
"""Pieces of syntax visited in one action, loops and functions counted each time."""

MAX_DEPTH = 90
"""Nesting of syntax and of code inside code."""

MAX_EFFECTS = 1_000
"""Different effects of one action."""

MAX_PIPES = 3_000
"""Bars in one text: the grammar's cost grows with the square of a pipeline's length."""

PARSE_SECONDS = 0.1
"""Processor time for parsing the texts of one action."""

MAX_LOOP = 64
"""Literal words a loop runs over."""

MAX_WORDS = 64
"""Words one word may expand to."""

MAX_NAME = 4_096
"""Characters of a target's name."""

MAX_EVIDENCE = 200
"""Characters of evidence kept with an effect."""

MAX_FILES = 128
"""Files whose content is remembered in a run."""

MAX_NAMES = 256
"""Variables, and functions, kept from one action to the next."""

MAX_FILE = 65_536
"""Characters of a file that are remembered; a longer one is known to be there, not what it holds."""


class LimitError(Exception):
    """One of these limits is reached; it ends the analysis of an action and never leaves this room."""


def shorten(text: str, length: int = MAX_EVIDENCE) -> str:
    """Return a text in at most so many characters, with a mark where it was cut."""
    text = text.strip()
    return text if len(text) <= length else text[: length - 1] + "…"
