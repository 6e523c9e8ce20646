"""Writes files, and replaces a piece of a text."""

from __future__ import annotations

from pathlib import Path


def write(path: str, text: str) -> None:
    """Write a file, with its folder."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)


def replace_once(text: str, old: str, new: str) -> str:
    """Return the text with the first such piece replaced.

    Raises:
        ValueError: if there is none.
    """
    if old not in text:
        raise ValueError(f"not found: {old!r}")
    return text.replace(old, new, 1)
