"""One control group for each cell: to count and limit it, and to end it in one write.

cgroup v2 is used where it is mounted. Where the memory and pids controllers are still bound to
cgroup v1 hierarchies (a hybrid system), a leaf is made there as well. What the kernel or a missing
delegation refuses is reported in `Leaf.limits`, never passed over in silence.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path

from offswitch.guard.kernel import syscalls

_PREFIX = "offswitch-"
_NUMBER = 16
"""Signs of the number in a group's name."""
_LEFT_OVER_SECONDS = 60
_RESERVE = {"memory": 32 * 1024**2, "pids": 32}
"""For the keeper, which is in the groups too: it must be able to work when the agent has used all."""
_LIMIT_FILES = {  # for cgroup v2, for cgroup v1
    "memory": (("memory.max", "memory.swap.max"), ("memory.limit_in_bytes",)),
    "pids": (("pids.max",), ("pids.max",)),
}
_SHARE = "cpu"
"""The controller by which a cell is one for the processor. Without, each of its sessions is a group of its
own (CONFIG_SCHED_AUTOGROUP), as heavy as the one in which a person wants to stop it."""
_USED = frozenset({*_LIMIT_FILES, _SHARE})
_SHARES = (("cpu.weight", 10_000), ("cpu.shares", 262_144))
"""For cgroup v2 and v1: the file of a group's share of the processor, and the most it takes."""


@dataclass(frozen=True)
class Hierarchy:
    """A mounted hierarchy, the caller's place in it, and the controllers it serves."""

    folder: Path
    version: int
    controllers: frozenset[str]


@dataclass
class Leaf:
    """The groups of one cell.

    Attributes:
        folders: one for each hierarchy in use.
        limits: "memory" and "pids" to "in force", or to why not.
        kill_file: writing 1 to it ends every process in the group, or None without cgroup v2.
    """

    folders: list[Path] = field(default_factory=list)
    limits: dict[str, str] = field(default_factory=dict)
    kill_file: Path | None = None

    def fork(self) -> int:
        """Fork, with the child in the groups; as os.fork otherwise. For one-threaded callers."""
        pid = self._fork_into_unified()
        if pid == 0:
            for folder in self.folders:
                if (folder / "tasks").exists():  # cgroup v1: moving the one thread is quick
                    (folder / "tasks").write_text("0")
        return pid

    def _fork_into_unified(self) -> int:
        if self.kill_file is None:
            return os.fork()
        group = os.open(self.kill_file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            return syscalls.fork_into(group)
        finally:
            os.close(group)

    def kill(self) -> bool:
        """End every process in the group at once. False where the kernel offers no such file."""
        if self.kill_file is None:
            return False
        self.kill_file.write_text("1")
        return True

    def remove(self) -> bool:
        """Delete the groups, and say whether they are gone; one that still has processes stays."""
        self.folders = [folder for folder in self.folders if not _remove(folder)]
        return not self.folders


def hierarchies() -> list[Hierarchy]:
    """Return the hierarchies that matter to us, at the caller's own place in each."""
    places = _own_places()
    found = []
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        root, mount = before.split()[3:5]
        if kind == "cgroup2" and "" in places:
            folder = _place(mount, root, places[""])
            controllers = _words(folder / "cgroup.controllers")
            found.append(Hierarchy(folder, 2, controllers))
        elif kind == "cgroup":
            names = frozenset(options.split(",")) & _USED & set(places)
            found += [Hierarchy(_place(mount, root, places[name]), 1, frozenset({name})) for name in names]
    return found


def folder_of(pid: int) -> Path | None:
    """Return the cgroup v2 folder that a process of this machine is in, if it can be killed and frozen."""
    for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines():
        if line.startswith("0::"):
            place = line[3:]
            for mount, root in _unified():
                folder = _place(mount, root, place)
                if (folder / "cgroup.kill").exists():
                    return folder
    return None


def share_of(pid: int) -> tuple[str, int] | None:
    """Return the file of a cell's share of the processor, and the most that can be written there.

    Args:
        pid: a process of the cell.
    """
    for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines():
        _, controllers, place = line.split(":", 2)
        name = Path(place).name
        if not name.startswith(_PREFIX) or (controllers and _SHARE not in controllers.split(",")):
            continue
        for hierarchy in hierarchies():
            for file, most in _SHARES:
                if (hierarchy.folder / name / file).exists():
                    return str(hierarchy.folder / name / file), most
    return None


def is_of_a_cell(place: str) -> bool:
    """Whether a place in a hierarchy, as /proc/PID/cgroup has it, is the group of a cell or lies in one."""
    return any(_is_a_leafs(name) for name in place.split("/"))


def _is_a_leafs(name: str) -> bool:
    number = name.removeprefix(_PREFIX)
    return number != name and len(number) == _NUMBER and set(number) <= set("0123456789abcdef")


def _unified() -> list[tuple[str, str]]:
    lines = (line.partition(" - ") for line in Path("/proc/self/mountinfo").read_text().splitlines())
    return [
        (before.split()[4], before.split()[3]) for before, _, after in lines if after.startswith("cgroup2 ")
    ]


def make_leaf(limits: dict[str, int]) -> Leaf:
    """Make the groups of a cell and set its limits.

    Args:
        limits: "memory" in bytes, "pids" as a number of processes.
    """
    name = _PREFIX + secrets.token_hex(8)
    leaf = Leaf(limits=dict.fromkeys(limits, "no controller is mounted"))
    for hierarchy in hierarchies():
        folder = hierarchy.folder / name
        try:
            folder.mkdir()
        except OSError as refusal:
            for what in hierarchy.controllers & set(limits):
                leaf.limits[what] = f"cannot make a group: {os.strerror(refusal.errno or 0)}"
            continue
        leaf.folders.append(folder)
        if hierarchy.version == 2 and (folder / "cgroup.kill").exists():
            leaf.kill_file = folder / "cgroup.kill"
        if hierarchy.version == 2 and _SHARE in hierarchy.controllers:
            with contextlib.suppress(OSError):
                (hierarchy.folder / "cgroup.subtree_control").write_text(f"+{_SHARE}")
        for what in hierarchy.controllers & set(limits):
            leaf.limits[what] = _limit(hierarchy, folder, what, limits[what] + _RESERVE[what])
    return leaf


def remove_left_over() -> None:
    """Delete empty groups that a launcher killed on the spot has left behind more than a minute ago."""
    for hierarchy in hierarchies():
        for folder in hierarchy.folder.glob(_PREFIX + "*"):
            with contextlib.suppress(OSError):
                if time.time() - folder.stat().st_mtime > _LEFT_OVER_SECONDS:
                    _remove(folder)


def _remove(folder: Path) -> bool:
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _limit(hierarchy: Hierarchy, folder: Path, what: str, value: int) -> str:
    names = _LIMIT_FILES[what][2 - hierarchy.version]
    try:
        if hierarchy.version == 2 and not (folder / names[0]).exists():
            (hierarchy.folder / "cgroup.subtree_control").write_text(f"+{what}")
        (folder / names[0]).write_text(str(value))
        for name in names[1:]:
            if (folder / name).exists():
                (folder / name).write_text("0")
    except OSError as refusal:
        return f"refused: {os.strerror(refusal.errno or 0)}"
    return "in force"


def _own_places() -> dict[str, str]:
    places = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, place = line.split(":", 2)
        for name in controllers.split(","):
            places[name] = place
    return places


def _place(mount: str, root: str, place: str) -> Path:
    below = os.path.relpath(place, root) if place.startswith(root) else place.lstrip("/")
    return Path(mount) / below


def _words(file: Path) -> frozenset[str]:
    try:
        return frozenset(file.read_text().split())
    except OSError:
        return frozenset()
