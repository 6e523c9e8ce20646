"""The forbidden acts, tried inside by a process of ours with the agent's rights. Standard library alone.

Each is harmless where it succeeds: what would harm is tried with arguments that cannot work, and the barrier
refuses it before the kernel looks at them. Nothing is left behind. What is told here is only half of it:
`facts` sees the rest from outside, and `judge` holds the two together.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import socket
import stat
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from offswitch.guard.cell.guest import USER_ID
from offswitch.guard.kernel import seccomp, syscalls

DONE = "done"
"""What stands for an act that was not refused."""

_SETTINGS = ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sysrq-trigger")
_DEVICES = ("/dev/mem", "/dev/kmsg", "/dev/fuse", "/dev/kvm")
_NOWHERE = "192.0.2.1"  # of RFC 5737: nobody's
_SECONDS = 0.2
_SETUID = 0o4755
_TIOCSTI = 0x5412
_NEW_USERS = 0x10000000
_NEW_LISTENER = 8
_NO_DESCRIPTOR = -1
_X32 = 0x40000000

Act = Callable[[], object]


def names(aim: dict[str, Any]) -> list[str]:
    """Return the names of the acts for an aim, in their order."""
    return [name for name, _ in _acts(aim)]


def outcomes(aim: dict[str, Any]) -> dict[str, str]:
    """Try every act; return each one's name to "done", or to the name of the error that refused it.

    Args:
        aim: "sealed", "hidden" and "unseen" paths; "sockets" to connect to; "processes", a number and the
            ticks it was started at for each; "port", "packets" and "abstract" of the witness; "barriers".
    """
    return {name: _outcome(act) for name, act in _acts(aim)}


def _outcome(act: Act) -> str:
    try:
        act()
    except OSError as refusal:
        return errno.errorcode.get(refusal.errno or 0, "unknown")
    return DONE


def _acts(aim: dict[str, Any]) -> Iterator[tuple[str, Act]]:
    for path in aim["sealed"]:
        yield f"write {path}", partial(_open_to_write, path)
    for path in aim["hidden"]:
        yield f"read {path}", partial(_see_something, path)
    for path in aim["unseen"]:
        yield f"see {path}", partial(os.lstat, path)
    for path in aim["sockets"]:
        yield f"connect to {path}", partial(_connect_to_file, path)
    for pid, born in aim["processes"]:
        yield f"signal process {pid}", partial(_signal, pid, born)
    for path in (*_SETTINGS, *_DEVICES, *aim["groups"]):
        yield f"write {path}", partial(_open_to_write, path)
    yield "connect to the host", partial(_connect, "127.0.0.1", aim["port"])
    yield "connect to another machine", partial(_connect, _NOWHERE, 9)
    yield "connect to a socket without a file", partial(_connect_to_file, "\0" + aim["abstract"])
    yield "keep a descriptor of the guard", _find_descriptor
    yield "become another user", lambda: os.setresuid(*[0 if os.getuid() else USER_ID] * 3)
    yield "change groups", lambda: os.setgroups([0])
    yield "rule the processor", lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    if "landlock" in aim["barriers"]:
        yield "make a device", _make_device
    if "seccomp" in aim["barriers"]:
        yield from _calls()


def _calls() -> Iterator[tuple[str, Act]]:
    """Yield calls that the filter refuses, with arguments that no kernel accepts."""
    numbers = seccomp.numbers(os.uname().machine)
    for name in sorted(seccomp.REFUSED & numbers.keys()):
        yield f"call {name}", partial(syscalls.call, numbers[name], *[_NO_DESCRIPTOR] * 5)
    yield "call clone3", lambda: syscalls.call(numbers["clone3"], None, 0)
    yield "call openat2", lambda: syscalls.call(numbers["openat2"], _NO_DESCRIPTOR, None, None, 0)
    yield "call io_setup", lambda: syscalls.call(numbers["io_setup"], 0, None)
    yield "make users", lambda: syscalls.call(numbers["unshare"], _NEW_USERS)
    yield "keep a program in memory", lambda: os.close(syscalls.call(numbers["memfd_create"], b"x", 0))
    yield "type into a terminal", lambda: _beyond_its_descriptor(lambda: fcntl.ioctl(0, _TIOCSTI, b"\0"))
    lease = partial(fcntl.fcntl, 0, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    yield "hold up who opens a file", lambda: _beyond_its_descriptor(lease)
    yield "wait for a word on a call", lambda: syscalls.call(numbers["seccomp"], 1, _NEW_LISTENER, None)
    chmod = partial(syscalls.call, numbers["fchmod"], _NO_DESCRIPTOR, _SETUID)
    yield "make a setuid program", lambda: _beyond_its_descriptor(chmod)
    for family in (socket.AF_VSOCK, socket.AF_PACKET, socket.AF_ALG):
        yield f"open a socket of {family.name}", partial(_open_a_socket, family)
    if os.uname().machine == "x86_64":
        yield "call by other numbers", lambda: syscalls.call(_X32 | 39)


def _open_a_socket(family: int) -> None:
    socket.socket(family).close()


def _beyond_its_descriptor(act: Act) -> None:
    """Take it for done where the kernel came so far as to look at the descriptor."""
    try:
        act()
    except OSError as refusal:
        if refusal.errno not in {errno.EBADF, errno.ENOTTY, errno.EIO}:
            raise


def _open_to_write(path: str) -> None:
    flags = os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC
    if Path(path).is_dir():
        flags |= os.O_TMPFILE
    os.close(os.open(path, flags, 0o600))


def _see_something(path: str) -> None:
    if Path(path).is_dir():
        seen: Any = os.listdir(path)  # noqa: PTH208 (names only)
    else:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            seen = os.read(fd, 1)
        finally:
            os.close(fd)
    if not seen:
        raise OSError(errno.ENODATA, "it is empty")


def _connect(address: str, port: int) -> None:
    with socket.socket() as line:
        line.settimeout(_SECONDS)
        line.connect((address, port))


def _connect_to_file(path: str) -> None:
    for kind in (socket.SOCK_SEQPACKET, socket.SOCK_STREAM):
        with socket.socket(socket.AF_UNIX, kind) as line, contextlib.suppress(ConnectionRefusedError):
            try:
                line.connect(path)
            except OSError as refusal:
                if refusal.errno != errno.EPROTOTYPE:
                    raise
            else:
                return
    raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))


def _signal(pid: int, born: int) -> None:
    """Send no signal, but ask for the right to; a process of the cell may have the same number inside."""
    os.kill(pid, 0)
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    if int(fields[19]) != born:
        raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH))


def _find_descriptor() -> None:
    """Find a descriptor that a program would be born with, beside its three streams."""
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 (names only)
        if int(name) > 2:
            with contextlib.suppress(OSError):
                if not fcntl.fcntl(int(name), fcntl.F_GETFD) & fcntl.FD_CLOEXEC:
                    return
    raise OSError(errno.EBADF, os.strerror(errno.EBADF))


def _make_device() -> None:
    """Make the device that stands for a deleted file, as nobody needs a capability to, and remove it."""
    path = f"/tmp/.{os.getpid()}"  # noqa: S108 (of the cell)
    os.mknod(path, stat.S_IFCHR | 0o600, 0)
    os.unlink(path)  # noqa: PTH108
