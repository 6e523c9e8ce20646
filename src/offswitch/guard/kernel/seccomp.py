"""System calls that no program in a cell may make: a seccomp filter, assembled here.

A namespace hides things; it does not take away the calls with which kernels have been broken out of, nor
those that reach what namespaces do not cover (keyrings, other programs' memory, the clock). The list is
that of what reference studies found open under Landlock alone, and of what container runtimes refuse by
default (seccomp(2); the OCI runtimes' default profile), without what a developer's programs need.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import struct
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from offswitch.guard.kernel import syscalls

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32 = 0x40000000
_NEW_NAMESPACES = 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000 | 0x00020000
_MFD_NOEXEC_SEAL = 0x0008
_TIOCSTI, _TIOCLINUX, _TIOCSETD = 0x5412, 0x541C, 0x5423
_SET_LEASE, _NEW_LISTENER, _WHITEOUT = 1024, 8, 4
_SETUID_SETGID = 0o6000
_MAKES = 0x40 | 0x400000
"""O_CREAT, and what is O_TMPFILE alone."""
_PER_LINUX, _ASK = 0x0000, 0xFFFFFFFF
_FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK)

_NUMBERS: Mapping[str, tuple[int | None, int | None]] = {  # on x86_64, on aarch64
    "_sysctl": (156, None),
    "acct": (163, 89),
    "add_key": (248, 217),
    "adjtimex": (159, 171),
    "bpf": (321, 280),
    "chmod": (90, None),
    "chroot": (161, 51),
    "clock_adjtime": (305, 266),
    "clock_settime": (227, 112),
    "clone": (56, 220),
    "clone3": (435, 435),
    "creat": (85, None),
    "create_module": (174, None),
    "delete_module": (176, 106),
    "fanotify_init": (300, 262),
    "fanotify_mark": (301, 263),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "fcntl": (72, 25),
    "finit_module": (313, 273),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "init_module": (175, 105),
    "io_setup": (206, 0),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "ioctl": (16, 29),
    "ioperm": (173, None),
    "iopl": (172, None),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "lookup_dcookie": (212, 18),
    "memfd_create": (319, 279),
    "migrate_pages": (256, 238),
    "mknod": (133, None),
    "mknodat": (259, 33),
    "modify_ldt": (154, None),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "move_pages": (279, 239),
    "name_to_handle_at": (303, 264),
    "nfsservctl": (180, 42),
    "open": (2, None),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "open_tree_attr": (467, 467),
    "openat": (257, 56),
    "openat2": (437, 437),
    "perf_event_open": (298, 241),
    "personality": (135, 92),
    "pidfd_getfd": (438, 438),
    "pivot_root": (155, 41),
    "process_madvise": (440, 440),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "reboot": (169, 142),
    "renameat2": (316, 276),
    "request_key": (249, 218),
    "seccomp": (317, 277),
    "setdomainname": (171, 162),
    "sethostname": (170, 161),
    "setns": (308, 268),
    "settimeofday": (164, 170),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "uselib": (134, None),
    "userfaultfd": (323, 282),
    "vhangup": (153, 58),
}

_MODES = {"chmod": 1, "creat": 1, "fchmod": 1, "fchmodat": 2, "fchmodat2": 2, "mknod": 1, "mknodat": 2}
_OPENS = {"open": 1, "openat": 2}
"""Which argument of a call is a file's mode; and, of one that may make a file, which the flags before it."""
_ABSENT = ("clone3", "openat2", "io_setup")
"""What the kernel is made to lack: libraries fall back to what came before. The flags of the first two are in
memory, where a filter cannot read. The contexts of the third are counted for the machine, not for its users
(fs.aio-max-nr): a cell could have them all."""
_BY_ARGUMENT = frozenset(
    {
        *_MODES,
        *_OPENS,
        *_ABSENT,
        "clone",
        "fcntl",
        "ioctl",
        "memfd_create",
        "personality",
        "renameat2",
        "seccomp",
        "socket",
        "socketpair",
    }
)
REFUSED = frozenset(_NUMBERS) - _BY_ARGUMENT
"""The calls that are refused whatever their arguments, with EPERM."""

_LOAD, _JUMP, _JUMP_EQUAL, _JUMP_FROM, _JUMP_BITS, _RETURN = 0x20, 0x05, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_SET_MODE_FILTER = 1


class _Step(NamedTuple):
    """One instruction of the kernel's classic BPF."""

    code: int
    operand: int
    if_true: int = 0
    if_false: int = 0


def install() -> None:
    """Put the filter on this process and all that it will start; nothing can take it off.

    The process must have no_new_privs set (`syscalls.drop_privileges`).

    Raises:
        OSError: if the kernel refuses: it has no seccomp, or another processor's calls.
    """
    steps = program(os.uname().machine)
    code = ctypes.create_string_buffer(steps, len(steps))
    filter_ = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(steps) // 8, ctypes.addressof(code)))
    syscalls.call(numbers(os.uname().machine)["seccomp"], _SET_MODE_FILTER, 0, filter_)


@cache
def program(machine: str) -> bytes:
    """Assemble the filter for a processor: "x86_64" or "aarch64".

    Raises:
        OSError: for another one.
    """
    number = numbers(machine)
    steps = _steps(_ARCHITECTURES[machine], number)
    return b"".join(struct.pack("HBBI", code, yes, no, operand) for code, operand, yes, no in steps)


def numbers(machine: str) -> dict[str, int]:
    """Return the numbers of the calls that the filter knows, by name, for a processor.

    Raises:
        OSError: for an unknown one.
    """
    if machine not in _ARCHITECTURES:
        raise OSError(errno.ENOSYS, f"no system call filter is known for {machine}")
    column = list(_ARCHITECTURES).index(machine)
    return {name: call for name, both in _NUMBERS.items() if (call := both[column]) is not None}


def _steps(architecture: int, number: Mapping[str, int]) -> Iterator[_Step]:
    """Yield the filter: each part refuses something, or falls through to the next."""
    no_such_call = _Step(_RETURN, _ERRNO | errno.ENOSYS)
    yield _Step(_LOAD, _ARCHITECTURE)  # calls of another architecture have other numbers
    yield _Step(_JUMP_EQUAL, architecture, if_true=1)
    yield no_such_call
    yield _Step(_LOAD, _NUMBER)
    yield _Step(_JUMP_FROM, _X32, if_false=1)
    yield no_such_call
    refused = sorted(number[name] for name in REFUSED & set(number))
    for position, call in enumerate(refused):
        yield _Step(_JUMP_EQUAL, call, if_true=len(refused) - position)
    yield _Step(_JUMP, 1)
    yield _Step(_RETURN, _ERRNO | errno.EPERM)
    for name in _ABSENT:
        yield _Step(_JUMP_EQUAL, number[name], if_false=1)
        yield no_such_call
    yield from _refuse_if([_Step(_JUMP_BITS, _NEW_NAMESPACES)], number["clone"], 0, errno.EPERM)
    yield from _refuse_if(_equal(_TIOCSTI, _TIOCLINUX, _TIOCSETD), number["ioctl"], 1, errno.EPERM)
    # whoever opens a leased file waits, on the host too
    yield from _refuse_if(_equal(_SET_LEASE), number["fcntl"], 1, errno.EPERM)
    # who waits for another process's word on a call cannot be frozen
    yield from _refuse_if([_Step(_JUMP_BITS, _NEW_LISTENER)], number["seccomp"], 1, errno.EPERM)
    yield from _refuse_if([_Step(_JUMP_BITS, _WHITEOUT)], number["renameat2"], 4, errno.EPERM)  # a device
    # a file in memory that can be run leaves no trace on any disk
    yield from _allow_if([_Step(_JUMP_BITS, _MFD_NOEXEC_SEAL)], number["memfd_create"], 1, errno.ENOSYS)
    yield from _allow_if(_equal(_PER_LINUX, _ASK), number["personality"], 0, errno.EPERM)
    for name in ("socket", "socketpair"):
        yield from _allow_if(_equal(*_FAMILIES), number[name], 0, errno.EAFNOSUPPORT)
    yield from _refuse_parts_of_the_kernel(number["socket"])
    # in a work folder of root's, the agent's files are root's: a setuid one would be a way out for another
    for name in sorted(_MODES.keys() & number.keys()):
        yield from _refuse_if([_Step(_JUMP_BITS, _SETUID_SETGID)], number[name], _MODES[name], errno.EPERM)
    for name in sorted(_OPENS.keys() & number.keys()):
        yield from _refuse_a_mode(number[name], _OPENS[name])
    yield _Step(_RETURN, _ALLOW)


def _refuse_a_mode(call: int, flags: int) -> Iterator[_Step]:
    """Refuse a call that makes a file with a mode that nobody is to set; the mode follows the flags."""
    yield _Step(_JUMP_EQUAL, call, if_false=6)
    yield _Step(_LOAD, _ARGUMENTS + 8 * flags)
    yield _Step(_JUMP_BITS, _MAKES, if_false=3)
    yield _Step(_LOAD, _ARGUMENTS + 8 * (flags + 1))
    yield _Step(_JUMP_BITS, _SETUID_SETGID, if_false=1)
    yield _Step(_RETURN, _ERRNO | errno.EPERM)
    yield _Step(_LOAD, _NUMBER)


def _refuse_parts_of_the_kernel(call: int) -> Iterator[_Step]:
    """Refuse netlink sockets but those that tell of networks (NETLINK_ROUTE), which libraries ask."""
    yield _Step(_JUMP_EQUAL, call, if_false=6)
    yield _Step(_LOAD, _ARGUMENTS)
    yield _Step(_JUMP_EQUAL, socket.AF_NETLINK, if_false=3)
    yield _Step(_LOAD, _ARGUMENTS + 8 * 2)
    yield _Step(_JUMP_EQUAL, socket.NETLINK_ROUTE, if_true=1)
    yield _Step(_RETURN, _ERRNO | errno.EPROTONOSUPPORT)
    yield _Step(_LOAD, _NUMBER)


def _allow_if(tests: list[_Step], call: int, argument: int, error: int) -> Iterator[_Step]:
    """Refuse a call unless one of the tests holds for the low half of an argument."""
    count = len(tests)
    yield _Step(_JUMP_EQUAL, call, if_false=count + 3)
    yield from _tested(tests, argument)
    yield _Step(_RETURN, _ERRNO | error)
    yield _Step(_LOAD, _NUMBER)


def _refuse_if(tests: list[_Step], call: int, argument: int, error: int) -> Iterator[_Step]:
    """Refuse a call if one of the tests holds for the low half of an argument."""
    count = len(tests)
    yield _Step(_JUMP_EQUAL, call, if_false=count + 4)
    yield from _tested(tests, argument)
    yield _Step(_JUMP, 1)
    yield _Step(_RETURN, _ERRNO | error)
    yield _Step(_LOAD, _NUMBER)


def _tested(tests: list[_Step], argument: int) -> Iterator[_Step]:
    """Load an argument; a test that holds goes on at the second step after the last test."""
    yield _Step(_LOAD, _ARGUMENTS + 8 * argument)
    for position, test in enumerate(tests):
        yield test._replace(if_true=len(tests) - position)


def _equal(*values: int) -> list[_Step]:
    return [_Step(_JUMP_EQUAL, value) for value in values]
