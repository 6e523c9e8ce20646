"""The gate: a barrier in the kernel before everything that a cell's outlets send.

The outlets are in a control group of their own. A small program at its edge lets packets pass as long as
a deadline has not passed, and only the stopper moves that deadline: to shut the gate is one write, which
takes microseconds and needs nothing of the outlets, and a stopper that is killed, or hangs, shuts it by doing
nothing. A connection's reset passes always: the other side learns that it is over.

It needs Linux 5.2, cgroup v2 and the rights of root; without it a cut rests on the outlets' death alone.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import NamedTuple

from offswitch.guard.kernel import bpf, cgroup
from offswitch.guard.kernel.bpf import (
    END,
    FRAME,
    R0,
    R1,
    R2,
    R3,
    R4,
    R5,
    R6,
    R7,
    Jump,
    add,
    copy,
    load_byte,
    load_long,
    load_word,
    put,
)

_PREFIX = "offswitch-out-"
_DATA, _DATA_END = 76, 80  # of struct __sk_buff
_IP4_PLAIN = 0x45  # version 4, and a header without options
_TCP, _RESET = 6, 4
_IP4_KIND, _IP4_FLAGS = 9, 20 + 13
_IP6_KIND, _IP6_FLAGS = 6, 40 + 13
_LEAST, _LEAST_6 = 40, 60  # both headers, of IP and of TCP
_STORE_WORD, _SHIFT = 0x62, 0x77  # *(u32 *)(target + offset) = number; target >>= number


class Gate(NamedTuple):
    """A gate, as the stopper holds it.

    Attributes:
        deadline: descriptor of the number that says until when it is open.
    """

    deadline: int

    def extend(self, seconds: float) -> None:
        """Keep it open for so long from now, and no longer.

        Raises:
            OSError: if the kernel refuses.
        """
        bpf.write_number(self.deadline, bpf.clock() + int(seconds * 1e9))

    def shut(self) -> bool:
        """Let nothing pass from now on.

        Raises:
            OSError: if the kernel refuses.
        """
        bpf.write_number(self.deadline, 0)
        return True


class Group(NamedTuple):
    """The group of a cell's outlets.

    Attributes:
        folder: its cgroup v2 folder.
        gate: the gate before it; shut until somebody extends it.
    """

    folder: Path
    gate: Gate

    def enter(self, process: int) -> None:
        """Move a process in; sockets that it has by now stay outside the gate.

        Raises:
            OSError: if the kernel refuses.
        """
        (self.folder / "cgroup.procs").write_text(str(process))

    def close(self) -> None:
        """Remove the group, once its processes have ended."""
        os.close(self.gate.deadline)
        with contextlib.suppress(OSError):
            self.folder.rmdir()


def make() -> Group:
    """Make a group with its gate.

    Raises:
        OSError: if the kernel refuses, or there is no cgroup v2; the message says why.
    """
    with contextlib.ExitStack() as undo, contextlib.ExitStack() as done:
        folder = _folder() / (_PREFIX + secrets.token_hex(8))
        folder.mkdir()
        undo.callback(folder.rmdir)
        number = bpf.make_number()
        undo.callback(os.close, number)
        program = bpf.load(_program(number))
        done.callback(os.close, program)
        place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        done.callback(os.close, place)
        bpf.attach(program, place)
        undo.pop_all()
    return Group(folder, Gate(number))


def _folder() -> Path:
    for hierarchy in cgroup.hierarchies():
        if hierarchy.version == 2:
            return hierarchy.folder
    raise OSError("no cgroup v2 is mounted")


def _program(number: int) -> bytes:
    """Return the program: pass before the deadline; after it pass a TCP reset, and nothing else."""
    compare_with_deadline: list[bytes | Jump] = [
        copy(R6, R1),
        bpf.code(_STORE_WORD, FRAME, offset=-4),  # the key, 0
        copy(R2, FRAME),
        add(R2, -4),
        bpf.put_map(R1, number),
        bpf.call(bpf.LOOK_UP),
        Jump("shut", bpf.EQUAL, R0, number=0),
        load_long(R7, R0, 0),
        bpf.call(bpf.CLOCK),
        Jump("pass", bpf.BELOW, R0, R7),
    ]
    look_at_header: list[bytes | Jump] = [
        load_word(R2, R6, _DATA),
        load_word(R3, R6, _DATA_END),
        copy(R4, R2),
        add(R4, _LEAST),
        Jump("drop", bpf.ABOVE, R4, R3),
        load_byte(R5, R2, 0),
        Jump("version 6", bpf.NOT_EQUAL, R5, number=_IP4_PLAIN),
        load_byte(R4, R2, _IP4_KIND),
        load_byte(R5, R2, _IP4_FLAGS),
        Jump("is it a reset"),
    ]
    look_at_version_6: list[bytes | Jump] = [
        bpf.code(_SHIFT, R5, number=4),
        Jump("drop", bpf.NOT_EQUAL, R5, number=6),
        add(R4, _LEAST_6 - _LEAST),
        Jump("drop", bpf.ABOVE, R4, R3),
        load_byte(R4, R2, _IP6_KIND),
        load_byte(R5, R2, _IP6_FLAGS),
    ]
    is_it_a_reset: list[bytes | Jump] = [
        Jump("drop", bpf.NOT_EQUAL, R4, number=_TCP),
        Jump("pass", bpf.ANY_BIT, R5, number=_RESET),
    ]
    return bpf.assemble(
        [
            *compare_with_deadline,
            "shut",
            *look_at_header,
            "version 6",
            *look_at_version_6,
            "is it a reset",
            *is_it_a_reset,
            "drop",
            put(R0, 0),
            END,
            "pass",
            put(R0, 1),
            END,
        ]
    )
