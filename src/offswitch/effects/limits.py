"""How much of a hostile input is looked at before the answer is "undecided"."""

from __future__ import annotations

MAX_TEXT = 1_000_000
"""Characters of code in one action; a longer one is not parsed."""

MAX_EXPANDED = 4_000_000
"""Characters that the words of one action expand to, all together: variables may double each other."""

MAX_NODES = 3_000
"""Pieces of work in one action, each about 10 microseconds: statements, words, effects; loops each time."""

MAX_SECONDS = 0.03
"""Processor time for one action. The counts are reached first by whatever we know; this is for the rest, and
for slow machines: near it, and only there, two scans may differ."""

MAX_DEPTH = 90
"""Nesting of syntax and of code inside code."""

MAX_EFFECTS = 500
"""Different effects of one action."""

MAX_PIPES = 500
"""Bars in one text: the grammar's cost grows with the square of a pipeline's length."""

MAX_PARSED = 131_072
"""Bytes of one shell text that are parsed, without the bodies of its here-documents."""

MAX_PARSE_STEPS = 1_000
"""Steps of the shell parser in one action, each 100 of its own operations, about 10 microseconds."""

MAX_PARSE_BYTES = 1_000_000
"""Bytes the shell parser may ask for in one action: broken text is asked for again and again."""

PARSE_SECONDS = 0.012
"""Processor time for parsing the texts of one action: reached before the steps only by the few broken texts
whose steps grow, so that near it, and only there, two machines may differ."""

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

MAX_DECODED = 262_144
"""Characters that are decoded, and that a decoding makes: what is more is undecided, for it may be run."""

MAX_UNREAD = 1_024
"""Files that are known to have been written in a run, though not what they hold: running one is undecided."""

MAX_LINKS = 64
"""Links, and moved files and folders, that are remembered in a run."""

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
