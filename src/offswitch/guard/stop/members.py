"""The single processes of a cell: found by their process namespace, signalled, looked at, hastened."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

from offswitch.guard.kernel import syscalls

_STILL = frozenset("TtZX")
"""States of proc(5) in which a thread executes nothing: stopped, traced, dead."""
_GONE = "X"
_WAITING = "D"
_STOPPED = "T"
_STOP_PENDING = 1 << (signal.SIGSTOP - 1)
_LOW_REAL_TIME = 1
_REAL_TIME_US = 300_000
"""Of every second, for a group of cgroup v1 whose processes die: a stop takes a tenth of it, and the shares
of three cells that are stopped at once fit into the 950 ms that the kernel has for all."""


def namespace_of(process: int) -> str:
    """Return the name of a process's process namespace, or "" if there is no such process.

    Raises:
        PermissionError: if it cannot be known.
    """
    try:
        return os.readlink(f"/proc/{process}/ns/pid")  # noqa: PTH115 (as below)
    except (FileNotFoundError, ProcessLookupError):
        return ""


def signal_all(inside: str, number: signal.Signals, but: int = 0) -> None:
    """Send a signal to every process of a namespace that one pass over /proc finds.

    Args:
        inside: the name of the process namespace; "" for none.
        number: the signal.
        but: a process to leave out, or 0.
    """
    for process in _processes() if inside else []:
        if process != but:
            _send(process, number, inside)


def all_stopped(inside: str) -> bool:
    """Make one more pass of SIGSTOP, and say whether it found every process stopped already.

    A process that another one has let go on, or that was born during the last pass, is reached by this one;
    one that is born during this one, while its parent was not yet looked at, by the next.
    """
    listed = _processes() if inside else []
    found = [process for process in listed if _namespace(process) == inside]
    running = [process for process in found if not _is_still(process)]
    for process in running:
        if _send(process, signal.SIGSTOP, inside):
            _stop_threads(process, inside)
    return not running and not (inside and _is_newborn(inside, set(listed)))


def _is_newborn(inside: str, listed: set[int]) -> bool:
    return any(_namespace(process) == inside for process in _processes() if process not in listed)


def hasten(group: Path, share: tuple[str, int] | None) -> None:
    """Let the dying processes of a group come before others, where that is allowed.

    A process ends by its own work: with 200 of them and a busy machine, each waits for its turn. To be called
    after the group was killed: none of them executes an instruction of its program any more.

    Args:
        group: its cgroup v2 folder.
        share: file of its share of the processor and the most it takes, if it has one.
    """
    if share is not None:
        _put(Path(share[0]), share[1])
        _put(Path(share[0]).with_name("cpu.rt_runtime_us"), _REAL_TIME_US)
    with contextlib.suppress(OSError):
        for thread in (group / "cgroup.threads").read_text().split():
            with contextlib.suppress(ProcessLookupError):
                os.sched_setscheduler(int(thread), os.SCHED_FIFO, os.sched_param(_LOW_REAL_TIME))


def _put(file: Path, value: int) -> None:
    with contextlib.suppress(OSError):  # not everywhere, and not for everyone
        file.write_text(str(value))


def _processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208 (names only)


def _send(process: int, number: signal.Signals, inside: str) -> bool:
    """Send a signal to a process if it is one of a namespace; its number may be another's by now."""
    if _namespace(process) != inside:
        return False
    try:
        fd = os.pidfd_open(process)
    except OSError:
        return False
    try:
        if _namespace(process) == inside:
            signal.pidfd_send_signal(fd, number)
            return True
    except (ProcessLookupError, PermissionError):
        pass
    finally:
        os.close(fd)
    return False


def _stop_threads(process: int, inside: str) -> None:
    """Stop each thread: where the one that was given the signal waits, others do not hear of it."""
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{process}/task"):  # noqa: PTH208 (as above)
            if _namespace(process) == inside:
                with contextlib.suppress(ProcessLookupError):
                    syscalls.signal_thread(process, int(thread), signal.SIGSTOP)


def _is_still(process: int) -> bool:
    """Whether no thread of a process executes an instruction of its program any more.

    One in an uninterruptible wait that was told to stop does so on its way back from the kernel: a parent in
    vfork(2), whose child was stopped before it could begin its own program, stays there until they go on. All
    are told once one has stopped; a signal to the process only tells one of them.
    """
    try:
        threads = [Path(f"/proc/{process}/task", name) for name in os.listdir(f"/proc/{process}/task")]  # noqa: PTH208
    except (FileNotFoundError, ProcessLookupError):
        return True
    states = {thread: _state(thread) for thread in threads}
    moving = [thread for thread, state in states.items() if state not in _STILL]
    if any(states[thread] != _WAITING for thread in moving):
        return False
    told = {"SigPnd"} if len(moving) > 1 else {"SigPnd", "ShdPnd"}
    return _STOPPED in states.values() or all(_is_told_to_stop(thread, told) for thread in moving)


def _state(thread: Path) -> str:
    try:
        return (thread / "stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return _GONE  # it alone: others of its process may run


def _is_told_to_stop(thread: Path, told: set[str]) -> bool:
    try:
        lines = [line.partition(":") for line in (thread / "status").read_text().splitlines()]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return any(int(value, 16) & _STOP_PENDING for name, _, value in lines if name in told)


def _namespace(process: int) -> str:
    try:
        return os.readlink(f"/proc/{process}/ns/pid")  # noqa: PTH115 (thousands of them: twice as fast)
    except OSError:
        return ""
