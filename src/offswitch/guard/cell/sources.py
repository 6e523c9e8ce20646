"""Puts what a cell shows of the host where bubblewrap finds it; for a launcher that is root.

Bubblewrap runs as the cell's user, who may neither enter root's folders nor own anything there. So a copy of
the mount tree is taken while we are root, its owners are mapped, and it is put at the same path of a mount
namespace of our own, below empty folders where the real ones are closed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from offswitch.guard.cell import users
from offswitch.guard.cell.plan import Mapped
from offswitch.guard.kernel import idmap, syscalls


def lay_out(sources: Sequence[Mapped], ids: users.Ids) -> None:
    """Take on a mount namespace in which the cell's user can reach the sources.

    Args:
        sources: files and folders of the host.
        ids: the cell's.

    Raises:
        OSError: if the kernel, or the file system of one whose owner must be shown, cannot.
    """
    syscalls.leave_mounts()
    ordered = sorted(sources, key=lambda source: PurePosixPath(source.path).parts)
    trees = [(source.path, _clone(source, ids)) for source in ordered]
    closed = _closed(source.path for source in ordered)
    for folder in closed:
        syscalls.mount_empty(folder)
    for path, tree in trees:
        if any(PurePosixPath(path).is_relative_to(folder) for folder in closed):
            _make_place(Path(path), tree)
        idmap.put(tree, path)
        os.close(tree)


def _clone(source: Mapped, ids: users.Ids) -> int:
    namespace = users.showing(source, ids)
    try:
        return idmap.clone(source.path, source.identity, namespace)
    except OSError:
        if source.needed:
            raise
        return idmap.clone(source.path, source.identity, None)  # it is read only, with the rights of others
    finally:
        os.close(namespace)


def _closed(paths: Iterable[str]) -> list[str]:
    """Return the topmost folders above these that others may not enter."""
    found = set()
    for path in paths:
        above = [str(parent) for parent in reversed(PurePosixPath(path).parents)]
        shut = next((folder for folder in above if not Path(folder).stat().st_mode & stat.S_IXOTH), None)
        if shut is not None:
            found.add(shut)
    return sorted(found)


def _make_place(place: Path, tree: int) -> None:
    """Make what a mount can be put on, unless it is there."""
    if place.exists():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    if stat.S_ISDIR(os.fstat(tree).st_mode):
        place.mkdir()
    else:
        place.touch()
