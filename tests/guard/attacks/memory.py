"""Reaching into other programs of the same cell, and running what is in no file."""

from __future__ import annotations

import textwrap

from attacks.attack import Attack, Off
from attacks.scene import Scene

_UNFILTERED = Off(barriers=("seccomp",))
_UNRULED = Off(barriers=("landlock",))

_FELLOW = """
asked, told = os.pipe(), os.pipe()
fellow = os.fork()
if fellow == 0:
    room = ctypes.create_string_buffer(b"untouched", 64)
    held = os.open("/etc/passwd", os.O_RDONLY)
    os.write(told[1], struct.pack("QQ", ctypes.addressof(room), held))
    os.read(asked[0], 1)
    if room.value != b"untouched":
        aim.kept = os.open("/etc/group", os.O_RDONLY)
    os.write(told[1], b"x")
    time.sleep(60)
    os._exit(0)
place, held = struct.unpack("QQ", os.read(told[0], 16))
room = ctypes.create_string_buffer(b"changed", 64)
ours = (ctypes.c_ulong * 2)(ctypes.addressof(room), 64)
theirs = (ctypes.c_ulong * 2)(place, 64)
"""
_LOOK = """
try:
    reach_in()
finally:
    os.write(asked[1], b"x")
    os.read(told[0], 1)
"""


def _changed(scene: Scene) -> bool:
    """Whether the other program, asked to look, has seen that its memory was changed."""
    return scene.holds("/etc/group")


def _runs_from_memory(scene: Scene) -> bool:
    return scene.runs("memfd:")


def _inner(name: str, code: str, off: Off) -> Attack:
    held = "filter" if off is _UNFILTERED else "rules"
    act = "def reach_in():\n" + textwrap.indent(code.strip(), "    ")
    return Attack(name, (held,), _FELLOW + act + _LOOK, _changed, off)


ATTACKS = (
    _inner(
        "write another program's memory by process_vm_writev",
        "call('process_vm_writev', fellow, ours, 1, theirs, 1, 0)",
        _UNFILTERED,
    ),
    _inner(
        "write another program's memory by ptrace",
        """
call("ptrace", 16, fellow, 0, 0)
os.waitpid(fellow, 0)
call("ptrace", 4, fellow, place, 0x64656B636168)
call("ptrace", 17, fellow, 0, 0)
""",
        _UNFILTERED,
    ),
    _inner(
        "write another program's memory by its file",
        """
with open(f"/proc/{fellow}/mem", "r+b", buffering=0) as memory:
    memory.seek(place)
    memory.write(b"changed")
""",
        _UNRULED,
    ),
    Attack(
        "take another program's descriptor",
        ("filter",),
        _FELLOW
        + """
process = os.pidfd_open(fellow)
call("pidfd_getfd", process, held, 0)
""",
        lambda scene: scene.holds("/etc/passwd", most=1),
        _UNFILTERED,
    ),
    Attack(
        "run a program that is in no file",
        ("filter",),
        """
        fd = call("memfd_create", b"program", 0)
        os.write(fd, open("/usr/bin/sleep", "rb").read())
        aside(lambda: os.execve(f"/proc/self/fd/{fd}", ["sleep", "60"], {}))
        """,
        _runs_from_memory,
        _UNFILTERED,
    ),
    Attack(
        "run a program that is in no file, without its flag",
        ("filter",),
        """
        fd = call("memfd_create", b"program", 0x10)
        os.write(fd, open("/usr/bin/sleep", "rb").read())
        aside(lambda: os.execve(f"/proc/self/fd/{fd}", ["sleep", "60"], {}))
        """,
        _runs_from_memory,
        _UNFILTERED,
    ),
    Attack(
        "make a file in memory runnable afterwards",
        ("filter",),
        """
        fd = call("memfd_create", b"program", 2)
        os.write(fd, open("/usr/bin/sleep", "rb").read())
        os.fchmod(fd, 0o700)
        aside(lambda: os.execve(f"/proc/self/fd/{fd}", ["sleep", "60"], {}))
        """,
        _runs_from_memory,
        _UNFILTERED,
    ),
    Attack(
        "know where memory lies",
        ("filter",),
        """
        call("personality", 0x0040000)
        """,
        lambda scene: scene.personality(0x0040000),
        _UNFILTERED,
    ),
)
