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
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path

from offswitch.guard.kernel import barriers, syscalls

_PREFIX = "offswitch-"
_NUMBER = 16
"""Signs of the number in a group's name."""
_ASIDE = "offswitch-aside"
"""Where the processes of a group go that is to have groups below it."""
_TRIES = 3
"""To put a group's processes aside: each of them may fork meanwhile."""
_LEFT_OVER_SECONDS = 60
_RESERVE = {"memory": 32 * 1024**2, "pids": 32}
"""For the keeper, which is in the groups too: it must be able to work when the agent has used all."""
_LIMIT_FILES: dict[str, tuple[dict[str, float], dict[str, float]]] = {  # for cgroup v2, for cgroup v1
    "memory": (
        {"memory.max": 1, "memory.swap.max": 0},
        {"memory.limit_in_bytes": 1, "memory.kmem.tcp.limit_in_bytes": 0.25},
    ),
    "pids": ({"pids.max": 1}, {"pids.max": 1}),
}
"""What part of a limit is written to which file: to the first, and to the others if they are there. cgroup v1
counts what waits in TCP connections apart from all else, and what waits in other sockets not at all."""
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
    """Return the cgroup v2 folder of the cell that a process of this machine is in, if it has one.

    A process that no leaf was made for is in a group with others, such as its user's whole session: that is
    never returned, since it would be frozen and killed with the cell.
    """
    for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines():
        if line.startswith("0::") and _is_a_leafs(Path(line[3:]).name):
            for mount, root in _mounts(""):
                folder = _place(mount, root, line[3:])
                if (folder / "cgroup.kill").exists():
                    return folder
    return None


def share_of(pid: int) -> tuple[str, int] | None:
    """Return the file of a cell's share of the processor, and the most that can be written there.

    Args:
        pid: a process of the cell.
    """
    for folder in folders_of(pid, _SHARE):
        for file, most in _SHARES:
            if (folder / file).exists():
                return str(folder / file), most
    return None


def folders_of(pid: int, controller: str) -> Iterator[Path]:
    """Yield the folders of a cell's groups that may serve a controller, of which `pid` is a process."""
    for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines():
        _, controllers, place = line.split(":", 2)
        if _is_a_leafs(Path(place).name) and (not controllers or controller in controllers.split(",")):
            yield from (_place(mount, root, place) for mount, root in _mounts(controllers))


def is_of_a_cell(place: str) -> bool:
    """Whether a place in a hierarchy, as /proc/PID/cgroup has it, is the group of a cell or lies in one."""
    return any(_is_a_leafs(name) for name in place.split("/"))


def _is_a_leafs(name: str) -> bool:
    number = name.removeprefix(_PREFIX)
    return number != name and len(number) == _NUMBER and set(number) <= set("0123456789abcdef")


def _mounts(controllers: str) -> list[tuple[str, str]]:
    """Return where a hierarchy is mounted, and which of its groups is shown there.

    Args:
        controllers: as /proc/PID/cgroup names it; "" for cgroup v2.
    """
    found = []
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        served = frozenset(options.split(",")) if kind == "cgroup" else frozenset({""})
        if kind in {"cgroup", "cgroup2"} and served >= set(controllers.split(",")):
            found.append((before.split()[4], before.split()[3]))
    return found


def make_leaf(limits: dict[str, int]) -> Leaf:
    """Make the groups of a cell and set its limits.

    Args:
        limits: "memory" in bytes, "pids" as a number of processes.
    """
    name = _PREFIX + secrets.token_hex(8)
    leaf = Leaf(limits=dict.fromkeys(limits, "no controller is mounted"))
    for hierarchy in hierarchies():
        folder = _ground(hierarchy, set(limits)) / name
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
                (folder.parent / "cgroup.subtree_control").write_text(f"+{_SHARE}")
        for what in hierarchy.controllers & set(limits):
            leaf.limits[what] = _limit(hierarchy, folder, what, limits[what] + _RESERVE[what])
    return leaf


def _ground(hierarchy: Hierarchy, limited: AbstractSet[str]) -> Path:
    """Return the group below which a cell's is to be made.

    cgroup v2 gives controllers only to groups whose parent has no process of its own (cgroups(7), "no
    internal processes"). Where ours has some, as a session's scope of systemd has, root takes the nearest
    group above that can. An ordinary user may not; in a group that was delegated to them they have its
    processes, which are their own, go one level down.
    """
    own = hierarchy.folder.parent if hierarchy.folder.name == _ASIDE else hierarchy.folder
    wanted = hierarchy.controllers & limited if hierarchy.version == 2 else frozenset()
    if _gives(own, wanted):
        return own
    if os.getuid() == 0:
        for above in own.parents:
            if (above / "cgroup.procs").exists() and _gives(above, wanted):
                return above
    for _ in range(_TRIES):
        with contextlib.suppress(OSError):
            _put_aside(own)
        if _gives(own, wanted):
            break
    return own


def _gives(group: Path, wanted: AbstractSet[str]) -> bool:
    """Whether a group of cgroup v2 gives controllers to those below; if that is allowed, it does so now."""
    file = group / "cgroup.subtree_control"
    off = wanted - _words(file)
    try:
        return not off or bool(file.write_text(" ".join(f"+{one}" for one in sorted(off))))
    except OSError:
        return False


def _put_aside(group: Path) -> None:
    aside = group / _ASIDE
    aside.mkdir(exist_ok=True)
    for process in _words(group / "cgroup.procs") - {"0"}:  # 0: of another process namespace
        with contextlib.suppress(ProcessLookupError):
            (aside / "cgroup.procs").write_text(process)


def remove_left_over() -> None:
    """Delete empty groups that a launcher killed on the spot has left behind more than a minute ago."""
    for hierarchy in hierarchies():
        for place in (hierarchy.folder, *hierarchy.folder.parents):
            for folder in place.glob(_PREFIX + "*"):
                with contextlib.suppress(OSError):
                    is_old = time.time() - folder.stat().st_mtime > _LEFT_OVER_SECONDS
                    if is_old and folder.name != _ASIDE:
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
    parts = _LIMIT_FILES[what][2 - hierarchy.version]
    first = next(iter(parts))
    try:
        if hierarchy.version == 2 and not (folder / first).exists():
            (folder.parent / "cgroup.subtree_control").write_text(f"+{what}")
        for name, part in parts.items():
            if name == first or (folder / name).exists():
                (folder / name).write_text(str(int(value * part)))
    except OSError as refusal:
        return f"refused: {os.strerror(refusal.errno or 0)}"
    return barriers.IN_FORCE


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
