"""Says in one line what someone else's exception says in many."""

from __future__ import annotations

import ast
from contextlib import suppress

from rich.errors import MarkupError
from rich.text import Text

LONGEST = 400


def one_line(failure: BaseException | str) -> str:
    """Return a failure as one plain line.

    Inspect writes its own failures with rich markup over several lines, and records others as Python
    shows them, such as "OSError(28, 'No space left on device')".
    """
    said = failure if isinstance(failure, str) else str(getattr(failure, "message", "") or failure)
    with suppress(MarkupError):
        said = Text.from_markup(said).plain
    words = " ".join(_unwrapped(said).split()).removeprefix("ERROR: ")
    return words[:LONGEST] or type(failure).__name__


def _unwrapped(said: str) -> str:
    """Return the last argument of an exception that is written as a call."""
    name, opening, rest = said.partition("(")
    if not (name.isidentifier() and opening and rest.endswith(")")):
        return said
    try:
        arguments = ast.literal_eval(f"({rest[:-1]},)")
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return said
    return str(arguments[-1])
