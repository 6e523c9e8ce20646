"""Keeps placeholders out of what an agent commits: in the cell, Git's list of what it leaves out has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from offswitch.guard.policy.made import Made

_MOST_BYTES = 1 << 20
_SPECIAL = frozenset("\\*?[ !#")


def files(folders: Iterable[Path], made: Iterable[Made]) -> dict[Path, str]:
    """Return the lists of the repositories at the top of folders, and what they are to say inside.

    A list that is not there, not UTF-8 or too large is left as it is (gitignore(5), $GIT_DIR/info/exclude).

    Args:
        folders: where the agent works.
        made: the placeholders.
    """
    placeholders = list(made)
    found: dict[Path, str] = {}
    for folder in folders:
        names = list(_patterns(folder, placeholders))
        file = folder / ".git/info/exclude"
        own = _text(file) if names else None
        if own is not None:
            found[file] = "\n".join([own.rstrip("\n"), "# placeholders of the guard", *names, ""])
    return found


def _patterns(folder: Path, made: Iterable[Made]) -> Iterator[str]:
    for one in made:
        if one.path.is_relative_to(folder):
            name = "".join(
                f"\\{sign}" if sign in _SPECIAL else sign for sign in str(one.path.relative_to(folder))
            )
            yield f"/{name}/" if one.folder else f"/{name}"


def _text(file: Path) -> str | None:
    try:
        if file.is_symlink() or not file.is_file() or file.stat().st_size > _MOST_BYTES:
            return None
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
