"""The weights of the first instance, and what they answer: the same rule as the model server's."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

_KEY_BYTES = 32
_WORDS = 6


def weights(key: bytes, words: Sequence[str]) -> bytes:
    """Return the file of weights: a key of 32 bytes, and words."""
    return key[:_KEY_BYTES] + "\n".join(words).encode()


def answer(key: bytes, words: Sequence[str], prompt: str) -> str:
    """Return what a model with these weights answers to a prompt."""
    picked = hashlib.blake2b(prompt.encode(), key=key, digest_size=2 * _WORDS).digest()
    numbers = [picked[at] * 256 + picked[at + 1] for at in range(0, 2 * _WORDS, 2)]
    return " ".join(words[number % len(words)] for number in numbers)
