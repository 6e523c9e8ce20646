"""Walks over a scenario's folder, which may lie in a package."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources.abc import Traversable


def below(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, Traversable]]:
    """Yield every file below a folder with its relative path, by name; what Python caches is left out."""
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.name == "__pycache__":
            continue
        if entry.is_dir():
            yield from below(entry, f"{prefix}{entry.name}/")
        else:
            yield f"{prefix}{entry.name}", entry
