"""The words of others in one run, as much of them as a detector keeps."""

from __future__ import annotations

_MOST = 400_000
_LONGEST = 60_000
_MOST_TEXTS = 1_000


class Heard:
    """The first 1,000 texts, each to 60,000 characters, as far as they fit into 400,000.

    Args:
        shortest: characters below which a text is not kept.

    Attributes:
        texts: what was kept, in order.
    """

    def __init__(self, shortest: int = 1) -> None:
        self.texts: list[str] = []
        self._shortest = shortest
        self._room = _MOST

    def keep(self, text: str) -> str | None:
        """Keep a text; return what was kept of it, or None."""
        words = text[: min(self._room, _LONGEST)]
        if len(words) < self._shortest or len(self.texts) >= _MOST_TEXTS:
            return None
        self.texts.append(words)
        self._room -= len(words)
        return words
