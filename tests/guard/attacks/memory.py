"""Reaching into other programs of the same cell, and running what is in no file."""

from __future__ import annotations

from attacks.attack import Attack, Off
from attacks.scene import Scene

_UNFILTERED = Off(barriers=("seccomp",))
_UNRULED = Off(barriers=("landlock",))

_FELLOW = """
ready, tell = os.pipe()
fellow = os.fork()
if fellow == 0:
    room = ctypes.create_string_buffer(b"untouched", 64)
    held = os.open("/etc/passwd", os.O_RDONLY)
    os.write(tell, struct.pack("QQ", ctypes.addressof(room), held))
    while True:
        time.sleep(0.01)
        if room.value != b"untouched":
            os.open("/etc/group", os.O_RDONLY)
            time.sleep(100)
place, held = struct.unpack("QQ", os.read(ready, 16))
room = ctypes.create_string_buffer(b"changed", 64)
ours = (ctypes.c_ulong * 2)(ctypes.addressof(room), 64)
theirs = (ctypes.c_ulong * 2)(place, 64)
"""


def _changed(scene: Scene) -> bool:
    """Whether the other program has noticed that its memory is not its own."""
    return scene.comes_to_hold("/etc/group")


def _runs_from_memory(scene: Scene) -> bool:
    return scene.runs("memfd:")


def _inner(name: str, code: str, off: Off) -> Attack:
    held = "filter" if off is _UNFILTERED else "rules"
    return Attack(name, (held,), _FELLOW + code, _changed, off)


ATTACKS = (
    _inner(
        "write another program's memory by process_vm_writev",
        "call('process_vm_writev', fellow, ours, 1, theirs, 1, 0)\ntime.sleep(0.1)",
        _UNFILTERED,
    ),
    _inner(
        "write another program's memory by ptrace",
        """
call("ptrace", 16, fellow, 0, 0)
os.waitpid(fellow, 0)
call("ptrace", 4, fellow, place, 0x64656B636168)
call("ptrace", 17, fellow, 0, 0)
time.sleep(0.1)
""",
        _UNFILTERED,
    ),
    _inner(
        "write another program's memory by its file",
        """
with open(f"/proc/{fellow}/mem", "r+b", buffering=0) as memory:
    memory.seek(place)
    memory.write(b"changed")
time.sleep(0.1)
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
        if os.fork() == 0:
            os.execve(f"/proc/self/fd/{fd}", ["sleep", "20"], {})
        time.sleep(0.1)
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
        if os.fork() == 0:
            os.execve(f"/proc/self/fd/{fd}", ["sleep", "20"], {})
        time.sleep(0.1)
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
        if os.fork() == 0:
            os.execve(f"/proc/self/fd/{fd}", ["sleep", "20"], {})
        time.sleep(0.1)
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
