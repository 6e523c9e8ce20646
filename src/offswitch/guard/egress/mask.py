"""Takes a secret out of what passes, also where it is cut in two between pieces."""

from __future__ import annotations

_SHORTEST = 8
"""Bytes; what is shorter is no secret, and would be found everywhere."""


class Mask:
    """Replaces every occurrence of a secret with as many stars, so that lengths stay as they are."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret if len(secret) >= _SHORTEST else b""
        self._held = b""

    def all(self, text: bytes) -> bytes:
        """Return a whole text without the secret."""
        return text.replace(self._secret, b"*" * len(self._secret)) if self._secret else text

    def feed(self, piece: bytes) -> bytes:
        """Return what can be passed on of a stream; what may be the secret's beginning waits for the rest."""
        if not self._secret:
            return piece
        text = self.all(self._held + piece)
        kept = next(
            (
                size
                for size in range(min(len(self._secret) - 1, len(text)), 0, -1)
                if text.endswith(self._secret[:size])
            ),
            0,
        )
        self._held = text[len(text) - kept :]
        return text[: len(text) - kept]

    def rest(self) -> bytes:
        """Return what still waits, at the end of a stream."""
        held, self._held = self._held, b""
        return held
