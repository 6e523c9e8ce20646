"""Turns the paths of a policy into the host's."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from offswitch.guard.policy.model import Policy


class Places:
    """Turns the paths of a policy into the host's."""

    def __init__(self, start: Path, home: Path) -> None:
        self.start = start
        self.home = home

    def there(self, texts: Iterable[str], notes: list[str]) -> list[Path]:
        """Return those that are there, without links in them; note the others."""
        found = []
        for text in texts:
            path = self.path(text)
            if path.exists():
                found.append(path)
            elif not self.is_state(text):
                notes.append(f"{text} is not there, and left out")
        return list(dict.fromkeys(found))

    def is_state(self, text: str) -> bool:
        """Whether a path is a folder of the home, such as "~/.agent/", that is not there: it is made."""
        return text.startswith("~/") and text.endswith("/") and not self.path(text).exists()

    def path(self, text: str) -> Path:
        """Return a path without links in it."""
        return self.plain(text).resolve()

    def plain(self, text: str) -> Path:
        """Return a path whose last part may be a link, which is then what is meant."""
        path = self.written(text)
        return path.parent.resolve() / path.name

    def written(self, text: str) -> Path:
        """Return an absolute path with the links that it was written with."""
        path = self.home / text[1:].strip("/") if text.startswith("~") else self.start / text
        return Path(os.path.normpath(path))

    def ways(self, policy: Policy, opened: list[Path]) -> list[Path]:
        """Return all that must not be led elsewhere by a link; of what is open or hidden, its folder."""
        files = policy.files
        sealed = [text for text in files.sealed if self.plain(text) not in opened]
        whole = [*files.writable, *files.readable, *sealed, *policy.checks.watched]
        folders = [self.written(text).parent for text in (*files.open, *files.hidden)]
        return [*map(self.written, whole), *folders]


def outermost(paths: Iterable[Path]) -> list[Path]:
    """Return the paths that do not lie in another of them."""
    kept: list[Path] = []
    for path in sorted(set(paths)):
        if not within(path, kept):
            kept.append(path)
    return kept


def within(path: Path, folders: Iterable[Path]) -> bool:
    """Whether a path is one of these folders, or in one."""
    places = set(folders)
    return path in places or any(parent in places for parent in path.parents)
