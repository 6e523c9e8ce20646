"""Programs for the kernel's packet hooks: bpf(2) through ctypes, without a compiler or a library.

A program here is a handful of instructions that are written down as such; numbers and layouts are those of
linux/bpf.h, which the kernel keeps for good.
"""

from __future__ import annotations

import ctypes
import os
import struct
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from offswitch.guard.kernel import syscalls

_NUMBER = {"x86_64": 321, "aarch64": 280}
_MAP_CREATE, _MAP_UPDATE, _PROGRAM_LOAD, _PROGRAM_ATTACH = 0, 2, 5, 8
_ARRAY = 2
_CGROUP_SKB, _EGRESS = 8, 1
_BESIDE_OTHERS = 2  # BPF_F_ALLOW_MULTI: what others have attached stays in force
_LOG_BYTES = 65_536
_LICENCE = b"Dual MIT/GPL\0"

_OFFSETS = Path("/proc/self/timens_offsets")
_INSTRUCTION = struct.Struct("<BBhi")
_VALUE = struct.Struct("=Q")
_KEY = struct.pack("=I", 0)

R0, R1, R2, R3, R4, R5, R6, R7 = range(8)
FRAME = 10
"""The register that points to the end of the program's own memory."""

LOOK_UP, CLOCK = 1, 5
"""Functions to `call`: a map's value for the key that R2 points to; nanoseconds of the monotonic clock."""


def code(kind: int, target: int = 0, source: int = 0, offset: int = 0, number: int = 0) -> bytes:
    """Return one instruction."""
    return _INSTRUCTION.pack(kind, target | source << 4, offset, number)


def load_byte(target: int, source: int, offset: int) -> bytes:
    """Return: target = the byte at source + offset."""
    return code(0x71, target, source, offset)


def load_word(target: int, source: int, offset: int) -> bytes:
    """Return: target = the four bytes at source + offset."""
    return code(0x61, target, source, offset)


def load_long(target: int, source: int, offset: int) -> bytes:
    """Return: target = the eight bytes at source + offset."""
    return code(0x79, target, source, offset)


def copy(target: int, source: int) -> bytes:
    """Return: target = source."""
    return code(0xBF, target, source)


def put(target: int, number: int) -> bytes:
    """Return: target = number."""
    return code(0xB7, target, number=number)


def add(target: int, number: int) -> bytes:
    """Return: target += number."""
    return code(0x07, target, number=number)


def put_map(target: int, fd: int) -> bytes:
    """Return: target = the map behind a descriptor of the loader's."""
    return code(0x18, target, 1, number=fd) + code(0)


def call(function: int) -> bytes:
    """Return: R0 = function(R1 to R5)."""
    return code(0x85, number=function)


def clock() -> int:
    """Return what `CLOCK` gives a program now: the machine's monotonic time, in nanoseconds.

    In a time namespace, which some containers have, ours is another (time_namespaces(7)).
    """
    for line in _OFFSETS.read_text().splitlines() if _OFFSETS.exists() else ():
        name, seconds, nanoseconds = line.split()
        if name == "monotonic":
            return time.monotonic_ns() - int(seconds) * 1_000_000_000 - int(nanoseconds)
    return time.monotonic_ns()


END = code(0x95)
"""The end; R0 is the verdict."""


class Jump(NamedTuple):
    """A jump forward to a place by its name, always or if `target` compares so with `source` or `number`."""

    to: str
    kind: int = 0x05
    target: int = 0
    source: int = 0
    number: int = 0


EQUAL, NOT_EQUAL, BELOW, ABOVE, ANY_BIT = 0x15, 0x55, 0xAD, 0x2D, 0x45
"""Kinds of a jump: target == number, target != number, target < source, target > source, target & number."""


def assemble(parts: Iterable[bytes | Jump | str]) -> bytes:
    """Return a program of instructions, jumps, and the names of the places that they go to."""
    listed = list(parts)
    places: dict[str, int] = {}
    at = 0
    for part in listed:
        if isinstance(part, str):
            places[part] = at
        else:
            at += len(part) // _INSTRUCTION.size if isinstance(part, bytes) else 1
    program = b""
    for part in listed:
        if isinstance(part, bytes):
            program += part
        elif isinstance(part, Jump):
            offset = places[part.to] - len(program) // _INSTRUCTION.size - 1
            program += code(part.kind, part.target, part.source, offset, part.number)
    return program


def make_number() -> int:
    """Make a map of one number of 64 bits, 0 at first, and return its descriptor.

    Raises:
        OSError: if the kernel refuses.
    """
    return _bpf(_MAP_CREATE, struct.pack("=5I", _ARRAY, len(_KEY), _VALUE.size, 1, 0))


def write_number(fd: int, value: int) -> None:
    """Set the number of a map.

    Raises:
        OSError: if the kernel refuses.
    """
    key, content = ctypes.create_string_buffer(_KEY), ctypes.create_string_buffer(_VALUE.pack(value))
    fields = struct.pack("=IxxxxQQQ", fd, ctypes.addressof(key), ctypes.addressof(content), 0)
    _bpf(_MAP_UPDATE, fields)


def load(text: bytes) -> int:
    """Load a program that decides on each packet of a control group, and return its descriptor.

    Raises:
        OSError: if the kernel refuses; what its verifier says is in the message.
    """
    program, licence = ctypes.create_string_buffer(text), ctypes.create_string_buffer(_LICENCE)
    log = ctypes.create_string_buffer(_LOG_BYTES)
    fields = struct.pack(
        "=IIQQIIQII16sII",
        _CGROUP_SKB,
        len(text) // _INSTRUCTION.size,
        ctypes.addressof(program),
        ctypes.addressof(licence),
        1,
        _LOG_BYTES,
        ctypes.addressof(log),
        0,
        0,
        b"offswitch",
        0,
        _EGRESS,
    )
    try:
        return _bpf(_PROGRAM_LOAD, fields)
    except OSError as refusal:
        said = log.value.decode(errors="replace").strip().splitlines()
        raise OSError(refusal.errno, f"{refusal.strerror}: {said[-1] if said else 'no log'}") from refusal


def attach(program: int, group: int) -> None:
    """Put a program before everything that the sockets of a group's processes send, for good.

    It stays when who attached it dies, until the group is removed. Sockets that a process made before it
    came into the group are not the group's.

    Args:
        program: a descriptor from `load`.
        group: descriptor of a cgroup v2 folder.

    Raises:
        OSError: if the kernel refuses.
    """
    _bpf(_PROGRAM_ATTACH, struct.pack("=4I", group, program, _EGRESS, _BESIDE_OTHERS))


def _bpf(command: int, fields: bytes) -> int:
    arguments = ctypes.create_string_buffer(fields, len(fields))
    return syscalls.call(_NUMBER[os.uname().machine], command, arguments, len(fields))
