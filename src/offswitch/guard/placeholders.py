"""Sealed files that were not there: made for as long as an agent runs, so that it cannot make them itself.

What is made is written down first, in the agent's folder: a guard that crashes leaves the list, and the next
one, or `offswitch ps`, takes the placeholders away. Who owns the folders, or an agent at work in them, may
put links there at any moment: no link is followed, and nothing is written to what is there already.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from offswitch.errors import UsageError
from offswitch.guard import nothing_set, registries, registry, sharing
from offswitch.guard.folders import opened
from offswitch.guard.policy.made import Made

_LIST = "made.json"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def make(folder: Path, made: Iterable[Made]) -> None:
    """Make placeholders, and the folders they lie in.

    Args:
        folder: the agent's, in the registry.
        made: what is to be made.

    Raises:
        UsageError: if somebody has put something else in the place of one.
        OSError: if it is refused.
    """
    wanted: list[tuple[Path, bool]] = [
        (parent, True) for one in made for parent in _missing_parents(one.path)
    ]
    wanted += [(one.path, one.folder) for one in made]
    listed = [(path, whole) for path, whole in dict.fromkeys(wanted) if not os.path.lexists(path)]
    _note(folder, [(str(path), whole) for path, whole in listed])
    for path, whole in listed:
        try:
            _make(path, whole=whole)
        except (FileExistsError, NotADirectoryError) as other:
            raise UsageError(
                f"{path}: somebody has just put something there, and it cannot be sealed: start again"
            ) from other


def unmake(folder: Path) -> None:
    """Remove an agent's placeholders, but for those into which somebody has put something.

    One that another agent is kept from, too, is left to that one.
    """
    listed = _listed(folder)
    for other, kept in sharing.others(folder):
        theirs = [(text, whole) for text, whole in listed if kept.covers(text)]
        if theirs:
            _note(other, [*_listed(other), *theirs])
            listed = [entry for entry in listed if entry not in theirs]
    for text, whole in reversed(listed):
        with contextlib.suppress(OSError):
            _unmake(Path(text), whole=whole)
    (folder / _LIST).unlink(missing_ok=True)


def remove_left_over() -> None:
    """Remove the placeholders of agents that run no more, whose guard is gone and had no time to."""
    for file in registries.home().glob(f"*/{_LIST}"):
        if not registry.is_running(file.parent.name):
            unmake(file.parent)


def _make(path: Path, *, whole: bool) -> None:
    """Make one, owned by who owns what it lies in."""
    with opened(path.parent) as parent:
        if whole:
            os.mkdir(path.name, 0o755, dir_fd=parent)
        new = os.open(path.name, _FOLDER if whole else _NEW_FILE, 0o644, dir_fd=parent)
        with _closing(new):
            if whole and (os.fstat(new).st_uid != os.geteuid() or os.listdir(new)):  # noqa: PTH208 (of a descriptor)
                raise FileExistsError(path)
            if not whole:
                os.write(new, _content(path))
            if os.geteuid() == 0:
                owner = os.fstat(parent)
                os.fchown(new, owner.st_uid, owner.st_gid)


def _unmake(path: Path, *, whole: bool) -> None:
    with opened(path.parent) as parent:
        if whole:
            os.rmdir(path.name, dir_fd=parent)
            return
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        with _closing(os.open(path.name, flags, dir_fd=parent)) as file:
            unchanged = os.read(file, len(_content(path)) + 1) == _content(path)
        if unchanged:
            os.unlink(path.name, dir_fd=parent)


@contextlib.contextmanager
def _closing(fd: int) -> Iterator[int]:
    try:
        yield fd
    finally:
        os.close(fd)


def _note(folder: Path, made: Iterable[tuple[str, bool]]) -> None:
    (folder / _LIST).write_text(json.dumps(list(made)))


def _listed(folder: Path) -> list[tuple[str, bool]]:
    """Return what was noted; the file is in a folder of ours, where nobody else writes."""
    try:
        return [(str(text), bool(whole)) for text, whole in json.loads((folder / _LIST).read_text())]
    except (FileNotFoundError, ValueError, TypeError):
        return []


def _missing_parents(path: Path) -> list[Path]:
    return [parent for parent in reversed(path.parents) if not parent.exists()]


def _content(path: Path) -> bytes:
    return nothing_set.content(path).encode()
