"""What the analysis of one action may cost, counted so that it gives the same answer each time."""

from __future__ import annotations

from time import thread_time
from types import TracebackType

from offswitch.effects.limits import (
    MAX_DEPTH,
    MAX_EXPANDED,
    MAX_NODES,
    MAX_PARSE_BYTES,
    MAX_PARSE_STEPS,
    MAX_SECONDS,
    MAX_TEXT,
    PARSE_SECONDS,
    LimitError,
)

_A_PIECE = 2_048
"""Characters that are copied and looked through in the time of a piece of work."""

_FIRST_LOOK = 500
"""Pieces of work before the clock is looked at: an ordinary action never depends on it, whatever else the
machine does meanwhile (of 16,441 commands of honest agents, eleven cost more)."""

_BETWEEN_LOOKS = 40
"""Pieces of work after which the clock is looked at again."""

_UNFOLDING = 3
"""Pieces of work that begin a text inside another, however short."""


class Budget:
    """What is left for one action.

    Attributes:
        parse_steps: steps of the shell parser.
        parse_bytes: bytes the shell parser may ask for, again included.
        parse_seconds: processor time of the shell parser.
    """

    def __init__(self) -> None:
        self.parse_steps = MAX_PARSE_STEPS
        self.parse_bytes = MAX_PARSE_BYTES
        self.parse_seconds = PARSE_SECONDS
        self._nodes = MAX_NODES
        self._watched = MAX_NODES - _FIRST_LOOK
        self._end = thread_time() + MAX_SECONDS
        self._text = MAX_TEXT
        self._expanded = MAX_EXPANDED
        self._level = _Level()

    def spend(self, pieces: int = 1) -> None:
        """Count pieces of work, each about 10 microseconds, before they are done.

        Raises:
            LimitError: if they are too many.
        """
        self._nodes -= pieces
        if self._nodes < self._watched:
            self._look_at_the_clock()

    def _look_at_the_clock(self) -> None:
        if self._nodes < 0:
            raise LimitError(f"more than {MAX_NODES} pieces of work")
        if thread_time() > self._end:
            raise LimitError("takes too long")
        self._watched = self._nodes - _BETWEEN_LOOKS

    def charge(self, text: str) -> str:
        """Count text that was made from other text, and return it.

        Raises:
            LimitError: if it is too much.
        """
        length = len(text)
        self._expanded -= length
        if length > _A_PIECE:
            self.spend(length // _A_PIECE)
        if self._expanded < 0:
            raise LimitError(f"expands to more than {MAX_EXPANDED} characters")
        return text

    def open(self, code: str) -> None:
        """Count code that is about to be read.

        Raises:
            LimitError: if it is too long, or too much with what was read before.
        """
        self.spend(_UNFOLDING)
        self._text -= len(code)
        if self._text < 0:
            raise LimitError(f"longer than {MAX_TEXT} characters")

    def deeper(self) -> _Level:
        """Return a context: one level of nesting.

        Entering it raises LimitError if it is one too many.
        """
        return self._level


class _Level:
    """How deep we are. A class, not a generator: this is entered ten times an action."""

    __slots__ = ("_depth",)

    def __init__(self) -> None:
        self._depth = 0

    def __enter__(self) -> None:
        if self._depth >= MAX_DEPTH:
            raise LimitError(f"nested deeper than {MAX_DEPTH}")
        self._depth += 1

    def __exit__(
        self, _kind: type[BaseException] | None, _raised: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._depth -= 1
