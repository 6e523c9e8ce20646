"""Keeps one cell: builds it, starts programs in it on request, and ends it.

A keeper is a small process forked from the launcher. It stands in the cell's namespaces except its
process namespace: the agent can neither see nor signal it. When the other end of its socket closes,
or when it is killed, the cell ends with it.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from offswitch.guard.cell import children, frames, network, sources, users, work
from offswitch.guard.cell.guest import PATH, USER_ID
from offswitch.guard.cell.plan import Mapped, Plan
from offswitch.guard.kernel import barriers, cgroup, landlock, seccomp, syscalls

_NAMESPACES = (
    syscalls.CLONE_NEWNS
    | syscalls.CLONE_NEWNET
    | syscalls.CLONE_NEWIPC
    | syscalls.CLONE_NEWUTS
    | syscalls.CLONE_NEWCGROUP
)
_MOST_OF_NAMESPACE = {"max_user_namespaces": "0", "max_inotify_instances": "32"}
"""The second counts for the host's user too, who has 128 for every program: a cell must not use them up."""
_MOST_TERMINALS = 64
"""The machine has 3,072 for all cells and containers together (kernel.pty.max less kernel.pty.reserve)."""
USERS_FD, READY_FD = 8, 9
"""The cell's user namespace for bubblewrap, and where the cell's init says that it is up. The launcher
keeps the two numbers free."""
_START_SECONDS = 20
_PIPE_BYTES = 65536


class _Settings(NamedTuple):
    bwrap: str
    plan: dict[str, Any]
    limits: dict[str, int]
    barriers: list[str]


@dataclass
class _Cell:
    inside: children.Inside
    bwrap: int  # pid of the bubblewrap process that waits for the cell's PID 1
    barriers: dict[str, str]
    has_root: bool
    lines: list[work.Line]


def keep(control: socket.socket, settings: dict[str, Any], leaf: cgroup.Leaf) -> NoReturn:
    """Build a cell, say so on the socket, and serve until the socket closes."""
    try:
        syscalls.forget_keys()
        syscalls.disguise(b"sh")  # what is forked for the agent's user shows it until it executes
        cell = _build(_Settings(**settings))
        up = {"ready": True, "limits": leaf.limits, "barriers": cell.barriers, "root": cell.has_root}
        frames.send(control, up, [cell.inside.init])
        work.Work(control, cell.inside, cell.lines).serve()
        _end(cell)
    except Exception as failure:  # noqa: BLE001 (the boundary of this process: the other end must hear of it)
        with contextlib.suppress(OSError):
            frames.send(control, {"error": f"{type(failure).__name__}: {failure}"})
    finally:
        os._exit(0)


def _build(settings: _Settings) -> _Cell:
    plan, held = Plan(**settings.plan), barriers.check(settings.barriers)
    most_processes = settings.limits["pids"]
    ids = users.choose_ids()
    namespace = users.make_namespace(ids)
    if plan.mapped:
        sources.lay_out([Mapped(*entry) for entry in plan.mapped], ids)
    users.become(ids)
    syscalls.die_with_parent()  # the kernel forgets it when the user changes
    filtered = _holds(held, "seccomp")
    pid, init, monitor = _start(plan, namespace, settings.bwrap, most_processes, filtered=filtered)
    processes = os.open(f"/proc/{pid}/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    syscalls.forbid_inspection()
    syscalls.setns(init, syscalls.CLONE_NEWUSER)
    for what, most in _MOST_OF_NAMESPACE.items():  # of the namespace we stand in
        Path("/proc/sys/user", what).write_text(most)
    with contextlib.suppress(PermissionError):  # the kernel forbids it in a namespace of one user
        os.setgroups([])
    hosts = _hosts(network.Network(**settings.plan["network"]), pid)
    lines = work.lines()
    syscalls.setns(init, _NAMESPACES)
    syscalls.limit_terminals("/dev/pts", _MOST_TERMINALS)
    sys.meta_path.clear()  # an import from here on would run a file of the agent's
    for path, mode, owned in plan.folders:
        Path(path).mkdir(parents=True, exist_ok=True)
        Path(path).chmod(mode)
        owner = USER_ID if owned or not ids.has_root else 0
        os.chown(path, owner, owner)
    if _holds(held, "landlock"):
        landlock.restrict(readable=["/"], writable=plan.writable)
    about = children.Inside(init, processes, plan.workdir, most_processes, filtered, hosts)
    return _Cell(about, monitor, held, ids.has_root, lines)


def _hosts(asked: network.Network, pid: int) -> dict[str, int]:
    """Lay out the private network of the cell whose PID 1 this is; nothing, where none is asked for."""
    if not asked.hosts:
        return {}
    return network.lay_out(asked, os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC))


def _holds(held: dict[str, str], name: str) -> bool:
    return held[name] == barriers.IN_FORCE


def _start(
    plan: Plan, namespace: int, bwrap: str, most_processes: int, *, filtered: bool
) -> tuple[int, int, int]:
    """Run bubblewrap; return the cell's PID 1 once that is up, a pidfd of it, and bubblewrap's own pid."""
    info, block, ready, words = os.pipe(), os.pipe(), os.pipe(), os.pipe()
    files = plan.files | plan.sealed | plan.given
    data = {path: _memory_file(content.encode()) for path, content in files.items()}
    argv = [
        bwrap,
        "--userns",
        str(USERS_FD),
        "--unshare-pid",
        "--unshare-net",
        "--unshare-ipc",
        "--unshare-uts",
    ]
    argv += ["--unshare-cgroup-try", "--as-pid-1", "--die-with-parent", "--new-session"]
    argv += ["--info-fd", str(info[1]), "--block-fd", str(block[0]), *_arguments(plan, data), plan.init]
    if filtered:
        data["filter"] = _memory_file(seccomp.program(os.uname().machine))
        argv[1:1] = ["--seccomp", str(data["filter"])]
    monitor = os.fork()
    if monitor == 0:
        handed = [info[1], block[0], *data.values()]
        _become_bwrap(argv, {namespace: USERS_FD, ready[1]: READY_FD}, handed, words[1])
    for fd in (info[1], block[0], ready[1], words[1], namespace, *data.values()):
        os.close(fd)
    pid = _child_pid(_read(info[0], to_the_end=True))
    if pid is None:
        raise OSError(_read(words[0]).decode(errors="replace").strip() or "bubblewrap said nothing")
    init = os.pidfd_open(pid)
    children.limit(pid, most_processes)  # the agent's user may trace it, and so run in its place
    os.write(block[1], b"+")
    if not _read(ready[0]):
        raise OSError(_read(words[0]).decode(errors="replace").strip() or "the cell's init did not start")
    for fd in (info[0], block[1], ready[0], words[0]):
        os.close(fd)
    return pid, init, monitor


def _arguments(plan: Plan, data: dict[str, int]) -> list[str]:
    args = list(plan.mounts)
    for path, fd in data.items():
        if path in plan.given:
            args += ["--perms", "0666", "--file", str(fd), path]  # whichever of its users is to have it
            continue
        mode = "0755" if path == plan.init or path in plan.sealed else "0644"
        args += ["--perms", mode, "--ro-bind-data", str(fd), path]
    return [*args, *plan.sealing, "--clearenv", "--setenv", "PATH", PATH, "--chdir", "/"]


def _become_bwrap(argv: list[str], moved: dict[int, int], keep_open: list[int], words: int) -> NoReturn:
    try:
        for fd, number in moved.items():
            os.dup2(fd, number)
        children.reset_signals()
        null = os.open("/dev/null", os.O_RDWR)
        for standard, fd in ((0, null), (1, null), (2, words)):
            os.dup2(fd, standard)
        for fd in keep_open:
            os.set_inheritable(fd, True)  # noqa: FBT003
        os.execve(argv[0], argv, {})  # noqa: S606
    finally:
        os._exit(127)


def _end(cell: _Cell) -> None:
    """End everything in the cell, and wait until it is gone."""
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(cell.inside.init, signal.SIGKILL)
    os.waitpid(cell.bwrap, 0)


def _child_pid(info: bytes) -> int | None:
    _, found, rest = info.partition(b'"child-pid":')
    digits = rest.split(b"}")[0].split(b",")[0].strip()
    return int(digits) if found and digits.isdigit() else None


def _memory_file(content: bytes) -> int:
    fd = os.memfd_create("data", os.MFD_CLOEXEC)
    os.write(fd, content)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def _read(fd: int, *, to_the_end: bool = False) -> bytes:
    """Wait for the first bytes of a pipe, or for all of them; none if it closes without any."""
    content = b""
    with selectors.DefaultSelector() as watch:
        watch.register(fd, selectors.EVENT_READ)
        while watch.select(_START_SECONDS):
            chunk = os.read(fd, _PIPE_BYTES)
            content += chunk
            if not chunk or not to_the_end:
                return content
    raise OSError(f"the cell was not up after {_START_SECONDS} seconds")
