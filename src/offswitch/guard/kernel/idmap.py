"""Shows a folder's files as another user's own, to one mount namespace (mount_setattr(2), Linux 5.12)."""

from __future__ import annotations

import os
import struct

from offswitch.guard.kernel import syscalls

_OPEN_TREE, _MOVE_MOUNT, _MOUNT_SETATTR = 428, 429, 442
_HERE = -100
_CLONE, _RECURSIVE = 1, 0x8000
_EMPTY_PATH, _MOVE_FROM_EMPTY_PATH = 0x1000, 4
_ATTR_IDMAP = 0x00100000


def clone(path: str, users: int | None) -> int:
    """Return a descriptor of a copy of the mount tree at a path, which is in no namespace yet; for root.

    Args:
        path: of the host.
        users: descriptor of a user namespace: an owner it maps is shown as what it is mapped to, any other as
            nobody. None: the owners are shown as they are.

    Raises:
        OSError: if the kernel or the file system cannot (EINVAL: overlay and network file systems).
    """
    copy = syscalls.call(_OPEN_TREE, _HERE, os.fsencode(path), _CLONE | _RECURSIVE | os.O_CLOEXEC)
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
    syscalls.call(_MOVE_MOUNT, copy, b"", _HERE, os.fsencode(path), _MOVE_FROM_EMPTY_PATH)
