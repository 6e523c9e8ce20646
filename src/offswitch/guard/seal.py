"""What must not change while the agent runs: hashes of it, taken at the start and again later.

The manifest covers what steers the agent: its program, its instructions, settings and hooks, its policy and
its weights, as far as the policy names them. That a mount is read-only keeps the agent from them; the seal
notices whoever else changes them, and a mount that failed.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from offswitch.errors import InputError, UsageError
from offswitch.guard import signing

SCHEMA = "offswitch.seal/1"
_LARGE = 1024 * 1024
_LOOKS = 2
"""How often what has new times is hashed: shortly after a change there may be another with the same time."""

_CHUNK = 1 << 20
_MOST_FILES = 100_000


class Change(NamedTuple):
    """One thing that differs: the path, and what became of it."""

    path: str
    what: str


class Seal:
    """The seal over an agent's operating parameters.

    Everything is hashed at the start and at the end; between, what has another size, other times or another
    number on the disk. The time of the last change of a file's data or attributes is the kernel's, and not to
    be set without setting the machine's clock.

    Args:
        places: files and folders; a folder stands for all that lies below it.

    Attributes:
        manifest: how they were; see `take`.
    """

    def __init__(self, places: Iterable[Path]) -> None:
        self._places = tuple(places)
        self.manifest: dict[str, str] = {}
        self._stamps: dict[str, tuple[int, ...]] = {}
        self._looks: dict[str, int] = {}
        self.changes(full=True)

    def changes(self, *, full: bool = False) -> list[Change]:
        """Return what has changed since the start, or since it was last told.

        Args:
            full: hash every file, whatever its times say.
        """
        now, stamps, looks = {}, {}, {}
        for path in _listed(self._places):
            name = _text(path)
            stamp = stamps[name] = _stamp(path)
            same = bool(stamp) and stamp == self._stamps.get(name)
            known = self.manifest.get(name) if same and not full and self._looks[name] >= _LOOKS else None
            now[name] = known or _of(path)
            looks[name] = self._looks[name] + 1 if same else 1
        found = compare(self.manifest, now)
        self.manifest, self._stamps, self._looks = now, stamps, looks
        return found

    def signed(self, placeholders: Iterable[str], roles: Mapping[str, str]) -> dict[str, Any]:
        """Return the seal as a signed document, by which somebody else can check it at the end.

        Args:
            placeholders: paths of it that are taken away when the agent has ended.
            roles: the role of a path, or of a folder it lies in, where it is not "parameters".
        """
        return signing.signed(
            {
                "schema": SCHEMA,
                "places": [str(place) for place in self._places],
                "placeholders": list(placeholders),
                "roles": dict(roles),
                "files": self.manifest,
            }
        )


def at_end(document: dict[str, Any]) -> list[Change]:
    """Return what differs now from a signed seal, every file hashed again.

    Raises:
        InputError: if it was not signed by this user's key, or not for this content.
    """
    if signing.check(document) != signing.public_key():
        raise InputError("the seal is signed by another key than this user's")
    gone = set(document["placeholders"])
    changes = compare(document["files"], take(map(Path, document["places"])))
    return [change for change in changes if not (change.what == "removed" and _is_of(change.path, gone))]


def take(places: Iterable[Path], *, whole: bool = True) -> dict[str, str]:
    """Return the manifest of files and folders: each file's path to what it is.

    Args:
        places: files and folders; a folder stands for all that lies below it.
        whole: whether large files are hashed too; else their size, times and number on the disk must do.

    Returns:
        A path to "sha256:..." and mode, "link:..." or "missing". Bytes of a name that are no UTF-8 are
        written as escapes.
    """
    return {
        _text(path): _of(path) if whole or not _is_large(path) else f"stamp:{_stamp(path)}"
        for path in _listed(places)
    }


def compare(before: dict[str, str], after: dict[str, str]) -> list[Change]:
    """Return what differs between two manifests, by path."""
    changes = []
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path, "missing"), after.get(path, "missing")
        if old != new:
            what = "made" if old == "missing" else "removed" if new == "missing" else "changed"
            changes.append(Change(path, what))
    return changes


def _text(path: Path) -> str:
    return os.fsencode(path).decode(errors="backslashreplace")


def _listed(places: Iterable[Path]) -> Iterator[Path]:
    """Yield every path once.

    Raises:
        UsageError: if there are more than can be watched.
    """
    seen = set[Path]()
    for place in places:
        for path in _below(place):
            if len(seen) >= _MOST_FILES:
                raise UsageError(
                    f"more than {_MOST_FILES:,} files are to be sealed, {place} among them: name fewer"
                )
            if path not in seen:
                seen.add(path)
                yield path


def _below(place: Path) -> Iterator[Path]:
    if not place.is_dir() or place.is_symlink():
        yield place
        return
    for folder, folders, files in os.walk(place):
        links = [name for name in folders if Path(folder, name).is_symlink()]
        folders.sort()
        yield Path(folder)
        for name in sorted([*files, *links]):
            yield Path(folder, name)


def _is_of(path: str, places: set[str]) -> bool:
    return path in places or any(str(parent) in places for parent in Path(path).parents)


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        found = path.lstat()
    except OSError:
        return ()
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_mode)


def _is_large(path: Path) -> bool:
    try:
        return path.lstat().st_size > _LARGE
    except OSError:
        return False


def _of(path: Path) -> str:
    try:
        found = path.lstat()
        if stat.S_ISLNK(found.st_mode):
            return f"link:{_text(path.readlink())}"
        if stat.S_ISDIR(found.st_mode):
            return f"folder:{stat.S_IMODE(found.st_mode):o}"
        if not stat.S_ISREG(found.st_mode):
            return f"kind:{stat.S_IFMT(found.st_mode):o}"
        return f"sha256:{_digest(path)} {stat.S_IMODE(found.st_mode):o}"
    except FileNotFoundError:
        return "missing"
    except OSError as failure:
        return f"unreadable: {failure.strerror}"


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb", opener=_opener) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _opener(path: str, flags: int) -> int:
    """Open a file, in whose place somebody may be putting a link, or a pipe that nobody writes to."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
