"""Harming the supervisor and the stopper: signals, limits, tracing, priorities, their terminal."""

from __future__ import annotations

from attacks.attack import Attack, Off
from attacks.scene import Scene

_STRANGER = Off(where="stranger")


def _outside(name: str, code: str) -> Attack:
    return Attack(name, ("process namespace",), code, Scene.harmed, _STRANGER)


ATTACKS = (
    _outside(
        "kill the guard",
        "each([lambda pid=pid: os.kill(pid, signal.SIGKILL) for pid in aim.victims])",
    ),
    _outside(
        "stop the guard with a signal",
        "each([lambda pid=pid: os.kill(pid, signal.SIGSTOP) for pid in aim.victims])",
    ),
    _outside(
        "terminate the guard with a signal",
        "each([lambda pid=pid: os.kill(pid, signal.SIGTERM) for pid in aim.victims])",
    ),
    _outside(
        "kill the guard's process group",
        "each([lambda pid=pid: os.killpg(pid, signal.SIGKILL) for pid in aim.victims])",
    ),
    _outside(
        "kill the guard by a descriptor of its process",
        """
        def kill(pid):
            signal.pidfd_send_signal(os.pidfd_open(pid), signal.SIGKILL)
        each([lambda pid=pid: kill(pid) for pid in aim.victims])
        """,
    ),
    _outside(
        "kill a thread of the guard",
        """
        number = {"x86_64": 234, "aarch64": 131}[os.uname().machine]
        each([lambda pid=pid: kernel(number, pid, pid, signal.SIGKILL) for pid in aim.victims])
        """,
    ),
    _outside(
        "queue a signal with data to the guard",
        """
        number = {"x86_64": 129, "aarch64": 138}[os.uname().machine]
        about = ctypes.create_string_buffer(struct.pack("iii", signal.SIGUSR1, 0, -1), 128)
        each([lambda pid=pid: kernel(number, pid, signal.SIGUSR1, about) for pid in aim.victims])
        """,
    ),
    _outside(
        "kill everything that can be reached",
        """
        aside(lambda: os.kill(-1, signal.SIGTERM))
        """,
    ),
    _outside(
        "have the kernel signal the guard about a socket",
        """
        one, other = socket.socketpair()
        fcntl.fcntl(one, fcntl.F_SETOWN, aim.victim)
        fcntl.fcntl(one, fcntl.F_SETFL, os.O_ASYNC)
        other.send(b"x")
        """,
    ),
    _outside(
        "limit the guard's files",
        "each([lambda pid=pid: resource.prlimit(pid, 7, (3, 3)) for pid in aim.victims])",
    ),
    _outside(
        "limit the guard's processor time",
        "each([lambda pid=pid: resource.prlimit(pid, resource.RLIMIT_CPU, (1, 1)) for pid in aim.victims])",
    ),
    _outside(
        "make the guard the last in line for the processor",
        "each([lambda pid=pid: os.setpriority(os.PRIO_PROCESS, pid, 19) for pid in aim.victims])",
    ),
    _outside(
        "keep the guard from all processors but one",
        "each([lambda pid=pid: os.sched_setaffinity(pid, {0}) for pid in aim.victims])",
    ),
    _outside(
        "make the guard the first to go when memory runs out",
        "each([lambda pid=pid: write(f'/proc/{pid}/oom_score_adj', '1000') for pid in aim.victims])",
    ),
    _outside(
        "trace the guard",
        """
        each([lambda pid=pid: call("ptrace", 0x4206, pid, 0, 0) for pid in aim.victims])
        """,
    ),
    _outside(
        "write the guard's memory",
        """
        with open(f"/proc/{aim.victim}/mem", "r+b", buffering=0) as memory:
            memory.seek(aim.address + 24)
            memory.write(bytes(64))
        """,
    ),
    _outside(
        "write the guard's memory by process_vm_writev",
        """
        room = ctypes.create_string_buffer(64)
        ours = (ctypes.c_ulong * 2)(ctypes.addressof(room), 64)
        theirs = (ctypes.c_ulong * 2)(aim.address + 24, 64)
        call("process_vm_writev", aim.victim, ours, 1, theirs, 1, 0)
        """,
    ),
    Attack(
        "take the guard's descriptors",
        ("process namespace", "filter"),
        """
        def take(pid):
            process = os.pidfd_open(pid)
            for fd in range(3):
                os.dup2(call("pidfd_getfd", process, fd, 0), 200 + fd)
            os.write(201, b"forged\\n")
        each([lambda pid=pid: take(pid) for pid in aim.victims])
        """,
        Scene.spoken_for,
        _STRANGER,
    ),
    Attack(
        "write to the guard's streams",
        ("process namespace",),
        """
        each([lambda pid=pid: write(f"/proc/{pid}/fd/1", "forged\\n") for pid in aim.victims])
        """,
        Scene.spoken_for,
        _STRANGER,
    ),
    Attack(
        "write to the person's terminal",
        ("terminals of its own",),
        """
        each([lambda: write(aim.terminal, "\\x1b]52;c;bWluZQ==\\x07")])
        """,
        Scene.seen_on_terminal,
        _STRANGER,
    ),
    Attack(
        "type into a terminal",
        ("filter",),
        """
        master, slave = os.openpty()
        fcntl.ioctl(slave, 0x540E, 0)
        for sign in "id\\n":
            fcntl.ioctl(slave, 0x5412, sign.encode())
        os.dup2(slave, 100)
        """,
        Scene.typed,
        Off(barriers=("seccomp",)),
    ),
)
