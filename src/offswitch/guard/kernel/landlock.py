"""What the programs of a cell may do to files: Landlock rules, put on its keeper and so on them all.

Mounts decide what is visible; Landlock decides again, per program and for good, so that a mistake in the
one is held by the other (landlock(7)). It does not cover chmod, chown, times and attributes, nor sockets
that are files: read-only mounts and what is not mounted at all do that. One domain serves the whole cell:
programs of two domains could not inspect each other, which no ordinary machine does.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable

from offswitch.guard.kernel import syscalls

NEEDED = 3
"""The first version that holds what files are changed by: moves between folders, truncation (Linux 6.2)."""
_CONTROLS_DEVICES = 5
"""The version from which the ioctls of devices are held too (Linux 6.10). Before it they rest on what devices
there are: a cell's /dev has those of bubblewrap alone (null, zero, full, random, urandom, tty, pts), on a
file system that is read-only, and can be given no other."""

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION = 1
_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE, _IOCTL_DEV = 1 << 14, 1 << 15
_ALL_ON_FILES = (1 << 16) - 1
_MAKE_DEVICES = 1 << 6 | 1 << 11
_ON_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_READING = _EXECUTE | _READ_FILE | _READ_DIR
_WRITING = _ALL_ON_FILES & ~_MAKE_DEVICES & ~_IOCTL_DEV
_ON_DEVICES = _READ_FILE | _WRITE_FILE | _READ_DIR | _IOCTL_DEV
_O_PATH = os.O_PATH | os.O_CLOEXEC


def version() -> int:
    """Return the version of Landlock that this kernel has, 0 for none."""
    try:
        return syscalls.call(_CREATE_RULESET, None, 0, _ASK_VERSION)
    except OSError:
        return 0


def restrict(readable: Iterable[str], writable: Iterable[str], devices: Iterable[str] = ("/dev",)) -> None:
    """Restrict this process, and all that it will start, for good.

    Files below the folders (or the files themselves) can be read and run, changed, or used as devices;
    everything else cannot be opened. Ioctls of devices elsewhere are held from version 5 on. The process must
    have no_new_privs set, or be the administrator of its user namespace.

    Raises:
        OSError: if the kernel has no such Landlock, or a path is not there. Nothing is left out silently.
    """
    held = _ALL_ON_FILES if version() >= _CONTROLS_DEVICES else _ALL_ON_FILES & ~_IOCTL_DEV
    fields = struct.pack("QQ", held, 0)
    rules = syscalls.call(_CREATE_RULESET, fields, len(fields), 0)
    try:
        for paths, access in ((readable, _READING), (writable, _WRITING), (devices, _ON_DEVICES)):
            for path in paths:
                _allow(rules, path, access & held)
        syscalls.call(_RESTRICT_SELF, rules, 0)
    finally:
        os.close(rules)


def _allow(rules: int, path: str, access: int) -> None:
    place = os.open(path, _O_PATH)
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            access &= _ON_A_FILE
        rule = ctypes.create_string_buffer(struct.pack("=Qi", access, place), 12)
        syscalls.call(_ADD_RULE, rules, _PATH_BENEATH, rule, 0)
    finally:
        os.close(place)
