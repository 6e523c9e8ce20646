"""Shows a folder's files as another user's own, to one mount namespace (mount_setattr(2), Linux 5.12)."""

from __future__ import annotations

import errno
import os
import struct

from offswitch.guard.kernel import syscalls

_OPEN_TREE, _MOVE_MOUNT, _MOUNT_SETATTR = 428, 429, 442
_CLONE, _RECURSIVE = 1, 0x8000
_EMPTY_PATH, _MOVE_FROM_EMPTY_PATH, _MOVE_TO_EMPTY_PATH = 0x1000, 0x04, 0x40
_ATTR_IDMAP = 0x00100000


def clone(path: str, identity: tuple[int, int], users: int | None) -> int:
    """Return a descriptor of a copy of the mount tree at a path, which is in no namespace yet; for root.

    Args:
        path: of the host; no part of it may be a link.
        identity: device and inode that must be found there: somebody may put something else in its place.
        users: descriptor of a user namespace: an owner it maps is shown as what it is mapped to, any other as
            nobody. None: the owners are shown as they are.

    Raises:
        OSError: if the kernel or the file system cannot (EINVAL: overlay and network file systems).
    """
    place = syscalls.find_without_links(path)
    try:
        found = os.fstat(place)
        if (found.st_dev, found.st_ino) != identity:
            raise OSError(errno.ESTALE, "something else was put in its place", path)
        copy = syscalls.call(_OPEN_TREE, place, b"", _CLONE | _RECURSIVE | _EMPTY_PATH | os.O_CLOEXEC)
    finally:
        os.close(place)
    if users is not None:
        attributes = struct.pack("QQQQ", _ATTR_IDMAP, 0, 0, users)
        try:
            syscalls.call(_MOUNT_SETATTR, copy, b"", _EMPTY_PATH | _RECURSIVE, attributes, len(attributes))
        except OSError as refusal:
            os.close(copy)
            raise OSError(refusal.errno, refusal.strerror, path) from refusal
    return copy


def put(copy: int, path: str) -> None:
    """Mount a copy from `clone`; the caller stands in a mount namespace of its own.

    Raises:
        OSError: if the kernel refuses.
    """
    place = syscalls.find_without_links(path)
    try:
        syscalls.call(_MOVE_MOUNT, copy, b"", place, b"", _MOVE_FROM_EMPTY_PATH | _MOVE_TO_EMPTY_PATH)
    finally:
        os.close(place)
