"""The processes of a cell as one thing that can be frozen, thawed, killed, and seen to be empty.

cgroup v2 does each in one write that no process can dodge by forking, changing its session or ignoring
signals. Where there is no such group, signals are sent to every process of the cell's process namespace in
passes, and the death of its PID 1 ends what a pass did not see.
"""

from __future__ import annotations

import contextlib
import select
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from offswitch.guard.stop import members

_LOOKS = ((0.1, 0.000_25), (float("inf"), 0.005))
"""Until when, in seconds, to look how often. Being told is slower: the kernel reports a change of a group at
most every 10 ms (CGROUP_FILE_NOTIFY_MIN_INTV in kernel/cgroup/cgroup.c)."""


class Tree(NamedTuple):
    """A cell's processes.

    Attributes:
        group: its cgroup v2 folder, or None where it has none.
        init: pidfd of its PID 1, or -1 if that has ended and the group has not.
        init_pid: the same process's number, as the host counts.
        share: file of the group's share of the processor and the most it takes, if there is one.
    """

    group: Path | None
    init: int
    init_pid: int
    share: tuple[str, int] | None = None

    def freeze(self) -> bool:
        """Have every process stop where it is, and say whether that was taken.

        With a group, none of them executes another instruction of its program once this has returned: each
        is interrupted at once, and stops on its way back from the kernel. Without, this is a first pass.
        """
        if self.group is not None:
            return _write(self.group / "cgroup.freeze", "1")
        return self._signal(signal.SIGSTOP)

    def frozen(self, seconds: float) -> bool:
        """Wait until every process was seen to be frozen, and say whether that was within a time."""
        if self.group is not None:
            return _await(lambda: self._reports("frozen 1"), seconds)
        return _await(lambda: members.all_stopped(self._inside()), seconds)

    def thaw(self) -> bool:
        """Let every process go on."""
        if self.group is not None:
            return _write(self.group / "cgroup.freeze", "0")
        return self._signal(signal.SIGCONT)

    def ask(self) -> bool:
        """Send every process SIGTERM, but for PID 1, which would end them all."""
        return self._signal(signal.SIGTERM, but=self.init_pid)

    def kill(self) -> None:
        """Kill every process. What ends the namespace comes second: it must wait for its processes."""
        try:
            if self.group is not None:
                _write(self.group / "cgroup.kill", "1")
                members.hasten(self.group, self.share)
            else:
                self._signal(signal.SIGKILL, but=self.init_pid)
        finally:
            if self.init >= 0:
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(self.init, signal.SIGKILL)

    def empty(self, seconds: float) -> bool:
        """Wait until no process is left, and say whether that was seen within a time.

        Without a group, that is the end of PID 1: the kernel lets it end when its namespace is empty.
        """
        if self.group is not None:
            return _await(lambda: self._reports("populated 0"), seconds)
        return self._has_ended(seconds)

    def _signal(self, number: signal.Signals, but: int = 0) -> bool:
        try:
            members.signal_all(self._inside(), number, but)
        except PermissionError:
            return False
        return True

    def _inside(self) -> str:
        """Return the name of the process namespace, or "" once it has ended.

        Its PID 1 is looked at by its number, and then, by its pidfd, whether that was still its own.
        """
        name = members.namespace_of(self.init_pid)
        return "" if self._has_ended(0) else name

    def _has_ended(self, seconds: float) -> bool:
        if self.init < 0:
            return True
        watch = select.poll()
        watch.register(self.init, select.POLLIN)
        return bool(watch.poll(seconds * 1000))

    def _reports(self, line: str) -> bool:
        """Whether the group's events say this; a group that is gone has no process."""
        try:
            return line in (self.group / "cgroup.events").read_text().splitlines()  # type: ignore[operator]
        except FileNotFoundError:
            return True
        except OSError as failure:
            if failure.errno == _NO_DEVICE:  # deleted while it was read
                return True
            raise


_NO_DEVICE = 19


def _await(reached: Callable[[], bool], seconds: float) -> bool:
    begun = time.monotonic()
    while not reached():
        passed = time.monotonic() - begun
        if passed >= seconds:
            return False
        time.sleep(next(pause for until, pause in _LOOKS if passed < until))
    return True


def _write(file: Path, text: str) -> bool:
    """Write to a file of a group; one that is gone has no process left to do it to."""
    with contextlib.suppress(FileNotFoundError):
        file.write_text(text)
    return True
