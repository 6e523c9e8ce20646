"""What this machine can hold: each barrier is tried in a real cell, and what is missing has its remedy.

The cell is that of a guarded agent; in it a few harmless forbidden acts are tried, which must be refused, and
it is then frozen and stopped as an agent would be.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from offswitch.errors import CellError, MachineError
from offswitch.guard import programs
from offswitch.guard.cell import frames
from offswitch.guard.cell.client import Cell
from offswitch.guard.cell.requirements import SECOND_USER
from offswitch.guard.cell.starting import Launcher, Limits, start
from offswitch.guard.egress import gate
from offswitch.guard.kernel import barriers, cgroup, landlock
from offswitch.guard.spawn import spawn
from offswitch.guard.stop.tree import Tree
from offswitch.guard.workplace import Workplace

Strength = Literal["strong", "weaker", "none"]
"""strong: the kernel holds every barrier and ends the agent in one write. weaker: some are missing; each line
says which, and what that means. none: no cell can be started here."""

_DELEGATE = (
    "run as root, or have systemd delegate a group to this user: systemd-run --user --scope -p Delegate=yes "
    "offswitch guard ..."
)
_CALLS = "a kernel of Linux 5.10 or later with CONFIG_SECCOMP_FILTER"
_SECONDS = 10.0
_FROZEN_SECONDS, _FREEZES = 1.0, 3
_PRECEDENCE = {
    "real-time priority": "root, or rtprio in /etc/security/limits.conf; without it a stop waits for busy "
    "processors",
    "locked memory": "root, or memlock in /etc/security/limits.conf; without it the stopper may be swapped "
    "out",
    "spared when memory runs out": "root with CAP_SYS_RESOURCE, which containers often lack; without it the "
    "kernel may end the stopper, and with it the agent",
}
"""What a stopper asks for, and what to do if it is refused; see `precedence.take`."""


class Line(NamedTuple):
    """What was tried.

    Attributes:
        name: of the barrier.
        holds: whether it is in force.
        seen: what was seen.
        remedy: what to do if it is not, or "".
        optional: without it an agent runs; it only stops later, or is weaker where it says so.
    """

    name: str
    holds: bool
    seen: str
    remedy: str = ""
    optional: bool = False


class Examined(NamedTuple):
    """The result: how strong a guard is here, and each line."""

    strength: Strength
    lines: list[Line]


def examine() -> Examined:
    """Try every barrier in a real cell."""
    lines = [_bubblewrap(), _user()]
    try:
        with _in_a_cell() as (cell, folder):
            lines += [Line("cell", holds=True, seen="bubblewrap made its namespaces"), *_acts(cell, folder)]
            lines += [*_states(cell), *_group(cell)]
    except (MachineError, CellError) as failure:
        lines.append(Line("cell", holds=False, seen=str(failure), remedy="see the line itself"))
        return Examined("none", lines)
    lines += [_gate(), *_precedence()]
    strong = all(line.holds for line in lines if not line.optional)
    return Examined("strong" if strong else "weaker", lines)


@contextlib.contextmanager
def _in_a_cell() -> Iterator[tuple[Cell, Path]]:
    with tempfile.TemporaryDirectory(prefix="offswitch-doctor-", dir=_ground()) as place:
        folder = Path(place).resolve()
        (folder / "sealed").mkdir()
        (folder / "sealed" / "policy").write_text("sealed\n")
        for path in (folder, folder / "sealed"):
            path.chmod(0o755)
        world = Workplace(
            workdir=str(folder),
            home="/home/user",
            writable=(str(folder),),
            sealed=(str(folder / "sealed"),),
            owner=(os.getuid(), os.getgid()) if os.getuid() == 0 else None,
        )
        launcher = Launcher()
        try:
            cell = start(launcher, world, Limits(512 * 1024**2, 64))
            try:
                yield cell, folder
            finally:
                cell.close()
        finally:
            launcher.close()


def _ground() -> str:
    """Return a folder on the file system the user works on: what it can do is what counts."""
    here = Path.cwd()
    return str(here) if os.access(here, os.W_OK) else tempfile.gettempdir()


def _ran(cell: Cell, script: str) -> tuple[int, str]:
    """Run a script in the cell; return its exit code and the first line that it said."""
    work = cell.execute(["bash", "-c", f"exec 2>&1; {script}"])
    said = b""
    for fd in (work.stdout, work.stderr):
        if fd is not None:
            with os.fdopen(fd, "rb") as stream:
                said += stream.read(4_000)
    try:
        code = work.result().get("exit")
    finally:
        os.close(work.status)
    lines = said.decode(errors="replace").strip().splitlines()
    return (code if isinstance(code, int) else 127), lines[0][:200] if lines else ""


def _acts(cell: Cell, folder: Path) -> Iterator[Line]:
    """Try what must work, and then what must be refused."""
    code, said = _ran(cell, "id -u; touch here")
    works = code == 0 and said != "0" and (folder / "here").exists()
    seen = f"user {said} of the cell" if works else f"the work folder cannot be written: {said}"
    yield Line("not root, and able to work", works, seen, _idmap_remedy())
    if works and os.getuid() == 0:
        mapped = (folder / "here").stat().st_uid == 0
        yield Line(
            "idmapped mounts",
            mapped,
            f"files it makes belong to user {folder.stat().st_uid}",
            _idmap_remedy(),
        )
    refused = {
        "sealed files": ("echo x > sealed/policy || rm sealed/policy", "mount namespaces"),
        "sealed folders stay in place": ("mv sealed elsewhere", "mount namespaces"),
        "the system is read-only": ("touch /usr/offswitch-doctor", "mount namespaces"),
        "no network": ("exec 3<>/dev/tcp/1.1.1.1/443", "network namespaces"),
        "no new user namespaces": ("unshare --user true", _CALLS),
        "no mounts": ("mount -t tmpfs none sealed", _CALLS),
    }
    for name, (script, needed) in refused.items():
        code, said = _ran(cell, script)
        yield Line(name, code != 0, f"refused: {said}" if code else "was NOT refused", needed)


def _states(cell: Cell) -> Iterator[Line]:
    remedies = {
        "seccomp": _CALLS,
        "landlock": f"Linux 6.2 or later, with landlock in /sys/kernel/security/lsm (here: {_modules()})",
        "memory": _DELEGATE,
        "pids": _DELEGATE,
    }
    for name, state in (cell.barriers | cell.limits).items():
        holds = state == barriers.IN_FORCE
        seen = f"version {landlock.version()}" if holds and name == "landlock" else state
        yield Line(name, holds, seen, "" if holds else remedies.get(name, ""))
    yield Line(
        "a second user",
        cell.has_root,
        "there is one" if cell.has_root else "none",
        SECOND_USER,
        optional=True,
    )


def _group(cell: Cell) -> Iterator[Line]:
    """Freeze the cell and kill it, and say how long that took."""
    group = cgroup.folder_of(cell.init_pid)
    tree = Tree(group, cell.init, cell.init_pid)
    seen = str(group) if group else "none: it is stopped through its process namespace, in up to a second"
    yield Line("cgroup v2 of its own", group is not None, seen, _DELEGATE)
    work = cell.execute(["sh", "-c", "sleep 1000 & sleep 1000"])
    begun = time.monotonic()
    # again, where a process was born between the list of them and the signal
    frozen = any(tree.freeze() and tree.frozen(_FROZEN_SECONDS) for _ in range(_FREEZES))
    taken = (time.monotonic() - begun) * 1000
    yield Line(
        "freeze", frozen, f"seen frozen after {taken:.1f} ms" if frozen else "was not seen frozen", _DELEGATE
    )
    begun = time.monotonic()
    tree.kill()
    empty = tree.empty(_SECONDS)
    taken = (time.monotonic() - begun) * 1000
    yield Line(
        "stop", empty, f"seen empty after {taken:.1f} ms" if empty else "processes are left", _DELEGATE
    )
    for fd in (work.status, work.stdout, work.stderr):
        if fd is not None:
            os.close(fd)


def _bubblewrap() -> Line:
    program = programs.find("bwrap")
    remedy = "sudo apt-get install bubblewrap"
    if program is None:
        return Line("bubblewrap", holds=False, seen="it is not installed", remedy=remedy)
    said = subprocess.run(  # noqa: S603 (a program of the system, with a fixed argument)
        [program, "--version"], env={}, capture_output=True, text=True, check=False, timeout=_SECONDS
    )
    return Line("bubblewrap", said.returncode == 0, said.stdout.strip() or said.stderr.strip(), remedy)


def _user() -> Line:
    seen = "root; agents run as a user without rights" if os.getuid() == 0 else f"user {os.getuid()}"
    return Line("who guards", holds=True, seen=seen)


def _gate() -> Line:
    remedy = "root, or CAP_BPF and a delegated group; without it the way out is cut by ending the proxies"
    try:
        gate.make().close()
    except OSError as refusal:
        return Line("cgroup-BPF gate", holds=False, seen=str(refusal), remedy=remedy, optional=True)
    return Line("cgroup-BPF gate", holds=True, seen="made, attached and removed", optional=True)


def _precedence() -> Iterator[Line]:
    """Ask for what a stopper asks for, in a process like it."""
    asked = spawn("offswitch.guard.stop.precedence")
    try:
        asked.line.settimeout(_SECONDS)
        granted = frames.receive(asked.line)
    finally:
        asked.end()
    for name, state in (granted[0] if granted else {}).items():
        yield Line(name, state == barriers.IN_FORCE, state, _PRECEDENCE[name], optional=True)


def _idmap_remedy() -> str:
    return (
        "the work folder's file system cannot map owners (overlay and network file systems cannot): mount a "
        "volume there, or run offswitch as the folder's owner"
    )


def _modules() -> str:
    return _read(lambda: Path("/sys/kernel/security/lsm").read_text().strip()) or "not to be read"


def _read(act: Callable[[], str]) -> str:
    try:
        return act()
    except OSError:
        return ""
