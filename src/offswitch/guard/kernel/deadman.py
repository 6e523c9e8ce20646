"""A timer by which the kernel kills the process that has set it, unless that sets it anew in time.

SIGKILL reaches a process that was stopped by a signal as well (timer_create(2), signal(7)): so one that does
not run any more is one that has ended, and who waits for its end learns of it. The clock is the monotonic
one, which nobody can set and which stands still while the machine sleeps.
"""

from __future__ import annotations

import ctypes
import os
import signal
import struct
import time

from offswitch.guard.kernel import syscalls

_CREATE = {"x86_64": 222, "aarch64": 107}
_SET = {"x86_64": 223, "aarch64": 110}
_BY_SIGNAL = 0
_EVENT = struct.Struct("Pii48x")  # struct sigevent: value, signal, how
_TIMES = struct.Struct("4q")  # struct itimerspec: the interval, and the first time


class DeadMan:
    """The timer of this process; children do not inherit it.

    Args:
        seconds: after which this process is killed; `renew` begins them again.

    Raises:
        OSError: if the kernel refuses.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        event = ctypes.create_string_buffer(_EVENT.pack(0, signal.SIGKILL, _BY_SIGNAL), _EVENT.size)
        timer = ctypes.c_int()
        syscalls.call(_CREATE[os.uname().machine], time.CLOCK_MONOTONIC, event, ctypes.byref(timer))
        self._timer = timer.value
        self.renew()

    def renew(self, seconds: float = 0.0) -> None:
        """Put the end off: by its seconds from now, or by so many this once.

        Raises:
            OSError: if the kernel refuses.
        """
        whole, part = divmod(seconds or self.seconds, 1)
        times = ctypes.create_string_buffer(_TIMES.pack(0, 0, int(whole), int(part * 1e9)), _TIMES.size)
        syscalls.call(_SET[os.uname().machine], self._timer, 0, times, None)
