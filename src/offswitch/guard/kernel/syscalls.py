"""The few system calls that Python 3.11 does not wrap."""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import struct
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)
_with_lock = ctypes.PyDLL(None, use_errno=True)

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

_MS_REC, _MS_PRIVATE = 0x4000, 0x40000
_MS_NOSUID, _MS_NOEXEC, _MS_REMOUNT = 2, 8, 32
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NAME = 15
_PR_CAPBSET_DROP = 24
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4

_SYS_CAPSET = {"x86_64": 126, "aarch64": 91}
_SYS_KEYCTL = {"x86_64": 250, "aarch64": 219}
_SYS_TGKILL = {"x86_64": 234, "aarch64": 131}
_SYS_CLONE3 = 435
_SYS_OPENAT2 = 437
_CLONE_INTO_CGROUP = 0x200000000
_KEYCTL_JOIN_SESSION_KEYRING = 1
_CAPABILITY_VERSION_3 = 0x20080522
_RESOLVE_NO_MAGICLINKS, _RESOLVE_NO_SYMLINKS = 0x02, 0x04
_AT_FDCWD = -100


def _check(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def call(number: int, *arguments: object) -> int:
    """Make a system call by its number.

    Raises:
        OSError: if the kernel refuses.
    """
    return _check(_libc.syscall(number, *arguments))


def fork_into(group: int) -> int:
    """Fork, with the child born in a cgroup v2 group; as os.fork otherwise. For one-threaded callers.

    Moving a process into a group afterwards makes the kernel wait for every other processor (10 ms,
    measured on Linux 6.18); being born in it costs nothing.

    Args:
        group: descriptor of the group's folder.

    Raises:
        OSError: if the kernel refuses (before Linux 5.7 it always does).
    """
    fields = [0] * 11
    fields[0], fields[4], fields[10] = _CLONE_INTO_CGROUP, signal.SIGCHLD, group
    arguments = ctypes.create_string_buffer(struct.pack("11Q", *fields))
    ctypes.pythonapi.PyOS_BeforeFork()
    pid: int = _with_lock.syscall(_SYS_CLONE3, arguments, len(arguments) - 1)
    if pid == 0:
        ctypes.pythonapi.PyOS_AfterFork_Child()
    else:
        ctypes.pythonapi.PyOS_AfterFork_Parent()
    return _check(pid)


def setns(fd: int, flags: int) -> None:
    """Enter the namespaces named by flags, of the process behind a pidfd, or the one behind an ns fd.

    Raises:
        OSError: if the kernel refuses.
    """
    _check(_libc.setns(fd, flags))


def unshare(flags: int) -> None:
    """Leave the caller's namespaces for new ones.

    Raises:
        OSError: if the kernel refuses.
    """
    _check(_libc.unshare(flags))


def leave_mounts() -> None:
    """Stand in a mount namespace of one's own, whose changes the host does not see.

    Raises:
        OSError: if the kernel refuses.
    """
    unshare(CLONE_NEWNS)
    _check(_libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None))


def mount_empty(folder: str) -> None:
    """Put an empty folder over one, in a mount namespace of one's own.

    Raises:
        OSError: if the kernel refuses.
    """
    _check(_libc.mount(b"none", os.fsencode(folder), b"tmpfs", 0, b"mode=755"))


def limit_terminals(folder: str, most: int) -> None:
    """Limit how many terminals a mount of devpts can have, of those that all but the host's share.

    Raises:
        OSError: if the kernel refuses.
    """
    options = f"mode=620,ptmxmode=666,max={most}".encode()  # a remount forgets those that are not given
    flags = _MS_REMOUNT | _MS_NOSUID | _MS_NOEXEC
    _check(_libc.mount(None, os.fsencode(folder), None, flags, options))


def close_all_but(kept: Iterable[int]) -> None:
    """Close every descriptor but the standard streams and these."""
    for low, high in pairwise([2, *sorted(kept), os.sysconf("SC_OPEN_MAX")]):
        os.closerange(low + 1, high)


def die_with_parent() -> None:
    """Have the kernel kill this process when the thread that made it ends."""
    _check(_libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent dies."""
    _check(_libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))


def forbid_inspection() -> None:
    """Make this process undumpable: no ptrace, no /proc/PID/mem for processes of the same user."""
    _check(_libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0))


def allow_inspection() -> None:
    """Undo `forbid_inspection`, so that an unprivileged parent may write this process's id maps."""
    _check(_libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0))


def forget_keys() -> None:
    """Leave the session keyring of whoever started us for a new, empty one.

    A keyring is inherited like a descriptor, through every namespace: what the host's session keeps
    in it (Kerberos tickets, keys of file systems, tokens) could be read by whatever we start.

    Raises:
        OSError: if the kernel has keyrings and gives us no new one.
    """
    try:
        _check(_libc.syscall(_SYS_KEYCTL[os.uname().machine], _KEYCTL_JOIN_SESSION_KEYRING, None))
    except OSError as refusal:  # a kernel without keyrings, or a filter that holds for the cell too
        if refusal.errno not in {errno.ENOSYS, errno.EPERM}:
            raise


def signal_thread(process: int, thread: int, number: signal.Signals) -> None:
    """Send a signal to one thread of a process; one to the process is given to any one of them.

    Raises:
        OSError: if the kernel refuses, or there is no such thread.
    """
    call(_SYS_TGKILL[os.uname().machine], process, thread, int(number))


def disguise(name: bytes) -> None:
    """Show this name, not the real command line, to who lists processes; children inherit it."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    start, end = int(fields[45]), int(fields[46])  # arg_start and arg_end of proc(5)
    ctypes.memset(start, 0, end - start)
    ctypes.memmove(start, name, len(name))
    ctypes.memset(end - 1, 1, 1)  # a last byte that is not zero: the kernel shows the first string only
    _check(_libc.prctl(_PR_SET_NAME, name, 0, 0, 0))


def drop_privileges() -> None:
    """Give up every capability for good: bounding, ambient, inheritable, permitted and effective.

    Joining a user namespace hands out all of its capabilities; whoever starts a program in a cell
    must call this first. No later exec can bring one back (no_new_privs).

    Raises:
        OSError: if the kernel refuses; the program must then not be started.
    """
    for capability in range(64):
        if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) < 0:
            break  # one past the last capability this kernel knows
    _check(_libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
    header = ctypes.create_string_buffer(struct.pack("Ii", _CAPABILITY_VERSION_3, 0))
    nothing = ctypes.create_string_buffer(24)
    _check(_libc.syscall(_SYS_CAPSET[os.uname().machine], header, nothing))
    _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))


def open_without_magic_links(path: str, flags: int, mode: int = 0) -> int:
    """Open a path, refusing links such as /proc/self/fd/3 that lead to the opener's own files.

    Raises:
        OSError: as open(2); ELOOP for a magic link, EINVAL for a zero byte.
    """
    return _opened(path, flags, mode, _RESOLVE_NO_MAGICLINKS)


def find_without_links(path: str) -> int:
    """Return a descriptor of a place (O_PATH), no part of whose path is a link of any kind.

    Raises:
        OSError: as open(2); ELOOP for a link.
    """
    return _opened(path, os.O_PATH, 0, _RESOLVE_NO_MAGICLINKS | _RESOLVE_NO_SYMLINKS)


def _opened(path: str, flags: int, mode: int, resolving: int) -> int:
    if "\0" in path:  # the kernel would open what stands before it
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), path)
    how = ctypes.create_string_buffer(struct.pack("QQQ", flags | os.O_CLOEXEC, mode, resolving))
    return _check(_libc.syscall(_SYS_OPENAT2, _AT_FDCWD, os.fsencode(path), how, len(how) - 1))
