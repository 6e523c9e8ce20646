"""Runs attacks: in a guarded cell with everything on, and without their barriers."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from egress_parts import host, running
from in_cell import await_result, write_in

from attacks.attack import Attack, Off
from attacks.ground import Ground, Victim, Witnesses, shared_memory
from attacks.kit import source
from attacks.scene import Scene
from offswitch.guard.cell.client import Cell
from offswitch.guard.cell.starting import Launcher, start
from offswitch.guard.kernel import barriers, cgroup, seccomp, syscalls
from offswitch.guard.workplace import Workplace

SECONDS = 30.0
"""What an attack may take; one that takes longer has not been tried."""
_PATIENCE = 5.0
"""What may pass until a success shows: what is written to a terminal, say, takes its time there."""
_PROGRAM = "/tmp/attack.py"  # noqa: S108 (of the cell)
_OWN_USER = 1_500_000_000
KEYNAME = "offswitch-test"
_MOST = {
    resource.RLIMIT_NPROC: 400,
    resource.RLIMIT_AS: 4 << 30,
    resource.RLIMIT_FSIZE: 1 << 28,
    resource.RLIMIT_CPU: 10,
}
_SACRIFICES = {
    "stranger": [],
    "captain": [
        *("bwrap", "--die-with-parent", "--unshare-all", "--uid", "0", "--gid", "0", "--cap-add", "ALL"),
        *("--dev-bind", "/", "/", "--dev", "/dev"),
    ],
    "root": [
        *("bwrap", "--die-with-parent", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"),
        *("--cap-add", "ALL", "--dev-bind", "/", "/", "--proc", "/proc"),
    ],
}


class Unpinned(Workplace):
    """A workplace whose folders on the way to what is sealed can be moved."""

    def _pinned(self) -> list[str]:
        return []

    def _way(self) -> dict[str, list[str]]:
        return {}


def world_without(place: Workplace, off: Off, ground: Ground) -> Workplace:
    """Return the world of a cell that lacks a barrier."""
    place = replace(place, storage=off.storage)
    if off.world == "sealed":
        return replace(place, sealed=())
    if off.world == "hidden":
        return replace(place, hidden=())
    if off.world == "unseen":
        return replace(place, writable=(*place.writable, str(ground.guard)))
    if off.world == "home":
        return replace(place, writable=(*place.writable, place.home))
    if off.world == "pinned":
        return Unpinned(**{name: getattr(place, name) for name in asdict(place)})
    return place


def host_user(cell: Cell, user: str) -> tuple[int, int]:
    """Return the host's user and group behind a user of a cell."""
    wanted = "0" if user == "root" else "1000"
    found = []
    for kind in ("uid_map", "gid_map"):
        lines = Path(f"/proc/{cell.init_pid}/{kind}").read_text().splitlines()
        found += [int(line.split()[1]) for line in lines if line.split()[0] == wanted]
    return found[0], found[1]


def in_cell(attack: Attack, cell: Cell, ground: Ground, user: str, guards: dict[str, Any]) -> bool:
    """Run an attack in a cell and say whether it reached its aim.

    Args:
        attack: the attack.
        cell: the cell.
        ground: what it is aimed at.
        user: of the cell, as whom.
        guards: what of the guard it is aimed at, too: "victims" and "proxy"; none for a cell that lacks a
            barrier, in which success may take its time to show.
    """
    uid, gid = host_user(cell, user)
    with _scene(ground, uid, gid, cell.init_pid) as (scene, aim):
        scene.cell = cell
        assert write_in(cell, _PROGRAM, source(attack.code).encode()) == {"exit": 0}
        ours = guards and guards | {"victims": [scene.victim.pid, *guards["victims"]]}
        argv = ["python3", "-I", _PROGRAM, json.dumps(aim | ours)]
        work = cell.execute(argv, user=user, stdin=True)  # type: ignore[arg-type]
        streams = [fd for fd in (work.stdin, work.stdout, work.stderr) if fd is not None]
        try:
            return _observe(attack, scene, streams, work.status, 0.0 if guards else _PATIENCE)
        finally:
            cell.kill(work)
            await_result(work)
            for fd in streams:
                os.close(fd)
            _end(scene)


def sacrificed(attack: Attack, ground: Ground) -> bool:
    """Run an attack outside of any cell of ours, as a user of its own, under limits of its own."""
    owner = _OWN_USER + os.getpid()
    uid = 0 if attack.off.where == "root" else owner
    script = ground.work.parent / "attack.py"
    script.write_text(source(attack.code))
    leaf = cgroup.make_leaf({"memory": 2 << 30, "pids": 500})
    with contextlib.ExitStack() as after, _scene(ground, owner, owner, os.getpid()) as (scene, aim):
        after.callback(leaf.remove)
        if attack.off.proxy:
            aim["proxy"] = after.enter_context(_lax_proxy(ground, aim["ports"][0]))
        process = subprocess.Popen(
            [*_SACRIFICES[attack.off.where], "/usr/bin/python3", "-I", str(script), json.dumps(aim)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=ground.work,
            start_new_session=True,
            close_fds=False,
            preexec_fn=lambda: _weaken(leaf, uid),  # noqa: PLW1509 (it must be weak before it is a program)
        )
        with process:
            scene.root_pid = process.pid
            assert process.stdin is not None
            assert process.stdout is not None
            streams = [process.stdin.fileno(), process.stdout.fileno()]
            try:
                return _observe(attack, scene, streams, os.pidfd_open(process.pid), _PATIENCE)
            finally:
                _end(scene)
                leaf.kill()
                process.kill()


def without(attack: Attack, launcher: Launcher, place: Workplace, ground: Ground, user: str) -> bool:
    """Run an attack without its barriers; as whom matters in a cell only."""
    if attack.off.where != "cell":
        return sacrificed(attack, ground)
    asked = [name for name in barriers.NAMES if name not in attack.off.barriers]
    cell = start(launcher, world_without(place, attack.off, ground), attack.off.limits, asked)
    try:
        return in_cell(attack, cell, ground, user, {})
    finally:
        cell.close()


@contextlib.contextmanager
def _scene(ground: Ground, uid: int, gid: int, root_pid: int) -> Iterator[tuple[Scene, dict[str, Any]]]:
    with contextlib.ExitStack() as after:
        victim = Victim(ground.token, uid, gid)
        after.callback(victim.close)
        terminal, slave = os.openpty()
        after.callback(os.close, terminal)
        after.callback(os.close, slave)
        os.fchown(slave, uid, gid)
        witnesses = Witnesses(ground)
        after.callback(witnesses.close)
        segment = after.enter_context(shared_memory(ground.token))
        column = ["x86_64", "aarch64"].index(os.uname().machine)
        aim = {
            "work": str(ground.work),
            "home": str(ground.home),
            "sealed": str(ground.sealed),
            "hook": str(ground.hook),
            "hidden": str(ground.hidden),
            "private": str(ground.private),
            "guard": str(ground.guard),
            "key": str(ground.key),
            "receipt": str(ground.receipt),
            "policy": str(ground.policy_file),
            "victim": victim.pid,
            "victims": [victim.pid],
            "address": victim.address,
            "segment": segment,
            "terminal": os.ttyname(slave),
            "handle": ground.handle(),
            "keyname": KEYNAME,
            "topgroup": str(_top()),
            "setuid": str(ground.tools / "setuid"),
            "capable": str(ground.tools / "capable"),
            "ports": list(witnesses.ports),
            "abstract": witnesses.name,
            "stop": str(witnesses.path),
            "calls": {name: both[column] for name, both in seccomp._NUMBERS.items()},
        }
        yield Scene(ground, victim, witnesses, terminal, root_pid), aim


def _observe(attack: Attack, scene: Scene, streams: list[int], ended: int, patience: float) -> bool:
    """Let the attack go on until it says that it has done what it can, or has ended; then see the world."""
    stdin, *outputs = streams
    said = _await((b"started\n",), b"", outputs, ended)
    assert b"started\n" in said, said.decode()
    scene.begin()
    os.write(stdin, b"go\n")
    said = _await((b"ready\n", b"done\n"), said, outputs, ended)
    meanwhile = ""
    if b"ready\n" in said:
        meanwhile = attack.meanwhile(scene)
        with contextlib.suppress(BrokenPipeError):
            os.write(stdin, b"over\n")
    said = _await((b"done\n",), said, outputs, ended)
    scene.output = said.decode(errors="replace") + meanwhile
    print(scene.output)  # noqa: T201 (pytest shows it of a test that fails)
    end = time.monotonic() + patience
    while not (reached := attack.reached(scene)) and time.monotonic() < end:
        time.sleep(0.02)
    return reached


def _await(words: tuple[bytes, ...], said: bytes, outputs: list[int], ended: int) -> bytes:
    """Read the outputs until they have brought one of the words, or the program has ended."""
    deadline = time.monotonic() + SECONDS
    while not any(word in said for word in words):
        ready, _, _ = select.select([*outputs, ended], [], [], deadline - time.monotonic())
        assert ready, f"the attack has not come to its end: {said.decode(errors='replace')}"
        said += b"".join(os.read(fd, 1 << 16) for fd in outputs if fd in ready)
        if ended in ready:
            break
    return said


@contextlib.contextmanager
def _lax_proxy(ground: Ground, port: int) -> Iterator[int]:
    """Run a proxy for which a port of the machine itself is one of the hosts; yield where it listens."""
    named = [host(name, port, plain=True) for name in ("127.0.0.1", "0.0.0.0")]  # noqa: S104
    with running("proxy", ground.work.parent / "egress.jsonl", hosts=named) as proxy:
        yield proxy.port


def _end(scene: Scene) -> None:
    """Kill what the attack has left: only what was not there before it."""
    for pid in scene.processes() if scene.before else []:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _top() -> Path:
    """Return the topmost group of the host that is mounted."""
    folder = next(place.folder for place in cgroup.hierarchies() if place.version == 2)
    while (folder.parent / "cgroup.procs").exists():
        folder = folder.parent
    return folder


def _weaken(leaf: cgroup.Leaf, uid: int) -> None:
    """Put a sacrifice into a group of its own, under limits, and take its user from it."""
    for folder in leaf.folders:
        if "cpu" not in folder.parts:  # in a group of that, nobody may have a real-time priority
            (folder / "cgroup.procs").write_text("0")
    for what, most in _MOST.items():
        resource.setrlimit(what, (most, most))
    signal.alarm(int(SECONDS) + 5)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def keep_a_key(token: str) -> None:
    """Give this process a session keyring with a key in it, as a login does."""
    add_key, keyctl = (
        seccomp._NUMBERS[name][os.uname().machine == "aarch64"] for name in ("add_key", "keyctl")
    )
    assert add_key is not None
    assert keyctl is not None
    with contextlib.suppress(OSError):
        syscalls.call(keyctl, 1, None)
        syscalls.call(add_key, b"user", KEYNAME.encode(), token.encode(), len(token), -3)
