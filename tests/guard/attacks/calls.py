"""Calls that reach deep into the kernel: each makes a thing that can be seen from outside."""

from __future__ import annotations

from attacks.attack import Attack, Off
from attacks.scene import Scene

_UNFILTERED = Off(barriers=("seccomp",))
_ROOT = Off(where="root")
_VSOCK, _PACKET, _INET = 40, 17, 2

_OLD_CALL = """
code = mmap.mmap(-1, 4096, prot=7)
code.write(bytes.fromhex("53b8{number:08x}bb{first:08x}b9{second:08x}31d2cd805bc3"))
run = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
found = run()
if found < 0:
    raise OSError(-found, os.strerror(-found))
"""


def _old(number: int, first: int, second: int = 0) -> str:
    """Return code that makes a call by the 32-bit interface, whose calls have other numbers."""
    numbers = {"number": number, "first": first, "second": second}
    turned = {name: int.from_bytes(value.to_bytes(4, "little"), "big") for name, value in numbers.items()}
    return _OLD_CALL.format(**turned)


def _makes(name: str, code: str, thing: str, off: Off = _UNFILTERED) -> Attack:
    return Attack(name, ("filter",), code, lambda scene: scene.holds(thing), off)


def _socket(name: str, family: int, code: str, held: str, off: Off) -> Attack:
    return Attack(name, (held,), code, lambda scene: scene.has_socket(family), off)


ATTACKS = (
    _makes(
        "make a ring of calls",
        "call('io_uring_setup', 4, ctypes.create_string_buffer(120))",
        "io_uring",
    ),
    _makes("handle page faults", "call('userfaultfd', 1)", "userfaultfd"),
    _makes(
        "handle page faults by the 32-bit interface",
        _old(374, 1),
        "userfaultfd",
    ),
    _makes(
        "watch every file that is opened",
        "call('fanotify_init', 0x200, os.O_RDONLY)",
        "fanotify",
    ),
    _makes(
        "measure other programs",
        """
        about = ctypes.create_string_buffer(struct.pack("IIQ", 1, 128, 0), 128)
        call("perf_event_open", about, 0, -1, -1, 0)
        """,
        "perf_event",
        _ROOT,
    ),
    _makes(
        "put a program into the kernel",
        "call('bpf', 0, ctypes.create_string_buffer(struct.pack('IIIII', 2, 4, 8, 1, 0), 128), 128)",
        "bpf-map",
        _ROOT,
    ),
    _socket(
        "speak to the machine that hosts this one",
        _VSOCK,
        "aim.kept = socket.socket(40, 1)",
        "filter",
        _UNFILTERED,
    ),
    _socket("see every packet", _PACKET, "aim.kept = socket.socket(17, 3, socket.htons(3))", "filter", _ROOT),
    _socket("make packets", _INET, "aim.kept = socket.socket(2, 3, 1)", "no capability", _ROOT),
    Attack(
        "see every packet by an old name",
        ("no capability",),
        "aim.kept = socket.socket(2, 10, socket.htons(3))",
        lambda scene: scene.has_socket(_PACKET),
        _ROOT,
    ),
    Attack(
        "set up the network",
        ("no capability",),
        """
        line = socket.socket(16, 3, 0)
        body = struct.pack("BBBBI", 2, 32, 0, 0, 1) + struct.pack("HH4B", 8, 2, 10, 9, 8, 7)
        line.send(struct.pack("IHHII", 16 + len(body), 20, 0x605, 1, 0) + body)
        (error,) = struct.unpack_from("i", line.recv(4096), 16)
        if error:
            raise OSError(-error, os.strerror(-error))
        """,
        Scene.has_an_address,
        Off(where="captain"),
    ),
)
