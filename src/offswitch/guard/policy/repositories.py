"""What in a Git repository starts programs for whoever uses it next, outside the cell.

Its hooks and its configuration, and what leads Git to others: a file `.git` in place of the folder, the file
`commondir`, the configuration's own `hooksPath` and `include`. What is not there must not be made either. See
gitrepository-layout(5) and git-config(1).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

NAMES = frozenset({"HEAD", ".git"})
"""Of the entries by which `parts` knows a repository."""

_MOST_BYTES = 1_000_000
"""Of a configuration that are read; a larger one is sealed, and what it leads to is not known."""
_MOST_INCLUDED = 10
"""Files that a configuration leads to, as Git itself follows (MAX_INCLUDE_DEPTH)."""


class Part(NamedTuple):
    """A file or folder to be sealed: where, and whether it is a folder if it must be made."""

    path: Path
    folder: bool = False


def parts(entry: Path, home: Path) -> Iterator[Part]:
    """Yield what is to be sealed because of an entry of a folder: a `.git`, or a `HEAD`.

    Args:
        entry: any file or folder.
        home: what "~" in a configuration stands for.
    """
    git = entry.parent
    if entry.name == ".git":
        if entry.is_symlink() or not entry.is_dir():
            yield Part(entry)  # of a worktree, or of a submodule: it says where the rest is
            return
        if not _is_empty(entry):
            yield from _of_one(entry, home)
        yield from at_the_top(git)
    elif entry.name != "HEAD" or git.name == ".git":
        return
    elif (git / "objects").is_dir() and (git / "refs").is_dir():
        yield from _of_one(git, home)
    elif (git / "commondir").is_file():  # of a worktree
        yield from (Part(git / "commondir"), Part(git / "config.worktree"))


def at_the_top(folder: Path) -> Iterator[Part]:
    """Yield what must not be made in a folder, or who uses Git there would use a repository of the agent's.

    With a `HEAD`, `objects` and `refs` the folder itself is one, where the `HEAD` of its `.git` is gone. What
    is there and empty may be the placeholder of another guard.
    """
    if _is_empty(folder / ".git"):
        yield Part(folder / ".git", folder=True)
    missing = [folder / name for name in ("refs", "objects") if _is_empty(folder / name)]
    yield from (Part(path, folder=True) for path in missing[:1])


def _is_empty(path: Path) -> bool:
    """Whether nothing is at a path, or an empty folder."""
    return not os.path.lexists(path) or (path.is_dir() and not path.is_symlink() and not any(path.iterdir()))


def _of_one(git: Path, home: Path) -> Iterator[Part]:
    yield from (Part(git / "hooks", folder=True), Part(git / "config"), Part(git / "commondir"))
    yield from _led_to(git, home)


def _led_to(git: Path, home: Path) -> Iterator[Part]:
    """Yield what a repository's configuration leads to: folders of hooks, and files that belong to it."""
    settings = list(_settings(git / "config"))
    bare = git if git.name != ".git" else git.parent
    top = next((_path(git, value, home) for key, value in settings if key == "worktree"), bare)
    seen: set[Path] = set()
    while settings:
        key, value = settings.pop()
        if key == "hookspath":
            yield Part(_path(top, value, home), folder=True)
        elif key == "worktreeconfig":
            yield Part(git / "config.worktree")
        elif key == "path" and len(seen) < _MOST_INCLUDED and (file := _path(git, value, home)) not in seen:
            seen.add(file)  # of an [include]
            yield Part(file)
            settings += _settings(file)


def _settings(file: Path) -> Iterator[tuple[str, str]]:
    """Yield the keys of a configuration, in lower case and without their sections, and their values."""
    try:
        with file.open("rb") as opened:
            text = opened.read(_MOST_BYTES).decode(errors="surrogateescape")
    except OSError:
        return
    for line in text.splitlines():
        key, equals, value = line.rpartition("]")[2].partition("=")
        if equals:
            yield key.strip().lower(), value.split(" #")[0].split(" ;")[0].strip().strip('"')


def _path(base: Path, text: str, home: Path) -> Path:
    path = Path(os.path.normpath(home / text[2:] if text.startswith("~/") else base / text))
    return path.parent.resolve() / path.name
