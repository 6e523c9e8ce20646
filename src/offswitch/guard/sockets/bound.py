"""Asks the kernel which sockets of this network are bound to files (sock_diag(7), UNIX_DIAG_VFS)."""

from __future__ import annotations

import os
import socket
import struct
from typing import NamedTuple

_SOCK_DIAG, _BY_FAMILY = 4, 20
_REQUEST_DUMP = 0x301
_EVERY_STATE = 0xFFFF_FFFF
_SHOW_NAME, _SHOW_FILE = 1, 2
_NAME, _FILE = 0, 1
_DONE, _ERROR = 3, 2
_HEADER, _ABOUT = struct.Struct("=IHHII"), struct.Struct("=BBBBI8s")
_QUESTION = struct.Struct("=BBHIII8s")
_ATTRIBUTE = struct.Struct("=HH")
_ROOM = 1 << 16
_MINOR_BITS = 20


class Bound(NamedTuple):
    """A socket that is a file.

    Attributes:
        number: of the socket.
        device: of the file's file system, as the kernel counts: major << 20 | minor.
        inode: the lower 32 bits of the file's number there.
        name: as it was given when it was bound; "" if that cannot be told.
    """

    number: int
    device: int
    inode: int
    name: str


def bound() -> set[Bound]:
    """Return them; those of other networks (containers) are not among them.

    Raises:
        OSError: if the kernel does not tell.
    """
    question = _QUESTION.pack(socket.AF_UNIX, 0, 0, _EVERY_STATE, 0, _SHOW_NAME | _SHOW_FILE, b"\xff" * 8)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _SOCK_DIAG) as line:
        line.send(_HEADER.pack(_HEADER.size + len(question), _BY_FAMILY, _REQUEST_DUMP, 1, 0) + question)
        found: set[Bound] = set()
        while _take(line.recv(_ROOM), found):
            pass
    return found


def device_of(status: os.stat_result) -> int:
    """Return the device of a file as `Bound` has it."""
    return os.major(status.st_dev) << _MINOR_BITS | os.minor(status.st_dev)


def _take(answer: bytes, found: set[Bound]) -> bool:
    """Take in one part of the answer; False once it was the last."""
    while answer:
        length, kind, _, _, _ = _HEADER.unpack_from(answer)
        if kind == _DONE:
            return False
        if kind == _ERROR:
            code = struct.unpack_from("=i", answer, _HEADER.size)[0]
            raise OSError(-code, os.strerror(-code))
        one = _read(answer[_HEADER.size : length])
        if one is not None:
            found.add(one)
        answer = answer[_aligned(length) :]
    return True


def _read(message: bytes) -> Bound | None:
    number = _ABOUT.unpack_from(message)[4]
    rest, name, file = message[_ABOUT.size :], "", None
    while len(rest) >= _ATTRIBUTE.size:
        length, kind = _ATTRIBUTE.unpack_from(rest)
        value = rest[_ATTRIBUTE.size : length]
        if kind == _NAME:
            name = os.fsdecode(value.rstrip(b"\0"))
        elif kind == _FILE:
            file = struct.unpack("=II", value)
        rest = rest[_aligned(length) :]
    return None if file is None else Bound(number, file[1], file[0], name)


def _aligned(length: int) -> int:
    return (length + 3) & ~3
