"""What a guarded agent sees of the host: the system read-only, its work folders, and nothing that steers it.

Paths inside are those of the host, so that what an agent records of them stays true. Its home is empty but
for what the policy names.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from offswitch.guard.cell.client import User
from offswitch.guard.cell.guest import INIT, PATH, USER, USER_ID, links
from offswitch.guard.cell.plan import Folder, Mapped, Plan
from offswitch.guard.nothing_set import content

_SYSTEM = ("/usr", "/etc", "/opt")
_SCRATCH = ("/tmp", "/var/tmp", "/run", "/dev/shm")  # noqa: S108 (folders of the cell)


@dataclass(frozen=True)
class Workplace:
    """The inside of a guarded agent's cell.

    Every path is one of the host, absolute, and without links in it.

    Attributes:
        workdir: where the agent starts.
        home: its home folder.
        writable: folders it works in.
        readable: files and folders it may read, beside the system's programs and settings.
        sealed: files and folders inside those that it may read and not change, move or replace.
        hidden: files and folders that appear to be empty.
        shown: files and folders of the home that it may read and not change: where it finds each, to what of
            the host it is.
        absent: files and folders of the home that appear to be empty and cannot be changed, with nothing of
            the host behind them; a folder's name ends with "/".
        replaced: files that it may read and not change, and what they say to it in place of what they say.
        records: folders of the home that it works in: where it finds each, to the folder of the host it is.
        given: files of the home, its own, and what they hold at the start.
        env: its environment, beside PATH, HOME and USER.
        storage: most bytes of the files in each of its scratch folders.
        owner: user and group of the host whose files are shown as the agent's own; for a guard that is root.
        root: whether the agent is the cell's root, who has its own files and no other right.
    """

    workdir: str
    home: str
    writable: tuple[str, ...] = ()
    readable: tuple[str, ...] = ()
    sealed: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    shown: dict[str, str] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    replaced: dict[str, str] = field(default_factory=dict)
    records: dict[str, str] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    storage: int = 1024**3
    owner: tuple[int, int] | None = None
    root: bool = False

    def environment(self, user: str = USER) -> dict[str, str]:
        """Return the environment a program starts with."""
        base = {"PATH": PATH, "HOME": self.home, "USER": user, "LOGNAME": user, "SHELL": "/bin/bash"}
        return base | {"LANG": "C.UTF-8", "TMPDIR": "/tmp"} | self.env  # noqa: S108

    @property
    def user(self) -> User:
        """Which of the cell's users the agent is."""
        return "root" if self.root else "user"

    @property
    def scratch(self) -> tuple[str, ...]:
        """Folders that are the cell's own, where it may write beside `writable`."""
        return (*_SCRATCH, self.home)

    @property
    def steering(self) -> tuple[str, ...]:
        """What it finds and must not be able to change."""
        return (*self.sealed, *self.shown, *(path.rstrip("/") for path in self.absent))

    @property
    def work(self) -> tuple[str, ...]:
        """Folders of the host that it may write to, as the host names them."""
        return (*self.writable, *self.records.values())

    def plan(self) -> Plan:
        """Return what a keeper needs to know."""
        passwd = f"root:x:0:0:root:/root:/bin/bash\n{USER}:x:{USER_ID}:{USER_ID}::{self.home}:/bin/bash\n"
        group = f"root:x:0:\n{USER}:x:{USER_ID}:\n"
        emptied = {path: "" for path in self.hidden if not Path(path).is_dir()}
        emptied |= {path: content(Path(path)) for path in self.absent if not path.endswith("/")}
        scratch = [Folder(path, 0o1777, owned=False) for path in _SCRATCH]
        return Plan(
            mounts=self._mounts(),
            files={"/init": INIT, "/etc/passwd": passwd, "/etc/group": group} | emptied | self.replaced,
            sealing=["--remount-ro", "/dev", "--remount-ro", "/"],
            folders=[Folder(path, 0o755, owned=not self.root) for path in self._own()] + scratch,
            writable=[*self.writable, *self.records, *self.scratch],
            workdir=self.workdir,
            mapped=self._mapped(),
            given=self.given,
        )

    def _mapped(self) -> list[Mapped]:
        if self.owner is None:
            return []
        needed = dict.fromkeys((*self.readable, *self.shown.values()), False) | dict.fromkeys(self.work, True)
        found = {path: Path(path).lstat() for path in needed}
        return [
            Mapped(path, *self.owner, self.root, must, found[path].st_dev, found[path].st_ino)
            for path, must in needed.items()
        ]

    def _mounts(self) -> list[str]:
        """Return the mounts, those of parents before those of what lies in them."""
        scratch = {path: ["--size", str(self.storage), "--tmpfs", path] for path in self.scratch}
        system = {path: ["--ro-bind", path, path] for path in _SYSTEM if Path(path).is_dir()}
        named = {path: ["--ro-bind", path, path] for path in self.readable}
        named |= {path: ["--bind", path, path] for path in self.writable}
        pinned = {
            path: ["--ro-bind" if self._is_shut(path) else "--bind", path, path] for path in self._pinned()
        }
        sealed = {path: ["--ro-bind", path, path] for path in self.sealed}
        hidden = {
            path: ["--tmpfs", path, "--remount-ro", path] for path in self.hidden if Path(path).is_dir()
        }
        places = self._way() | scratch | system | pinned | named | sealed | self._furnished() | hidden
        parts = [places[path] for path in sorted(places, key=lambda path: PurePosixPath(path).parts)]
        return [*links(), "--proc", "/proc", "--dev", "/dev", *(word for part in parts for word in part)]

    def _furnished(self) -> dict[str, list[str]]:
        """Return the mounts of what is found in the home, which is empty otherwise."""
        records = {path: ["--bind", source, path] for path, source in self.records.items()}
        shown = {path: ["--ro-bind", source, path] for path, source in self.shown.items()}
        absent = {
            path.rstrip("/"): ["--perms", "0755", "--tmpfs", path, "--remount-ro", path]
            for path in self.absent
            if path.endswith("/")
        }
        return records | shown | absent

    def _own(self) -> list[str]:
        """Return the home, and the folders in it that lead to what is found there: the cell's own."""
        found = map(PurePosixPath, (*self.shown, *self.absent, *self.records, *self.given))
        between = {parent for path in found for parent in path.parents if parent.is_relative_to(self.home)}
        return [self.home, *sorted(str(folder) for folder in between if str(folder) != self.home)]

    def _way(self) -> dict[str, list[str]]:
        """Return what makes the folders that lead to what is mounted.

        In a folder that the agent may write to, each is a mount of its own: one that is not could be moved
        with all that is mounted in it, and something else be put in its place.
        """
        at_home = (*self.shown, *self.absent, *self.records, *self.given)
        mounted = (*_SYSTEM, *self.readable, *self.writable, *at_home)
        way: dict[str, list[str]] = {}
        for path in (*self.scratch, *mounted):
            for parent in map(str, PurePosixPath(path).parents):
                if parent == "/" or _lies_in(parent, mounted):
                    continue
                made = (
                    ["--size", str(self.storage), "--tmpfs"] if _lies_in(parent, self.scratch) else ["--dir"]
                )
                way[parent] = ["--perms", "0755", *made, parent]
        return way

    def _pinned(self) -> list[str]:
        """Return the folders between a writable one and what is sealed or hidden in it.

        A folder can be moved with a mount inside it; one that is itself a mount cannot.
        """
        return [
            str(parent)
            for path in (*self.sealed, *self.hidden)
            for parent in PurePosixPath(path).parents
            if any(str(parent).startswith(f"{folder.rstrip('/')}/") for folder in self.writable)
        ]

    def _is_shut(self, path: str) -> bool:
        """Whether the innermost of what a path lies in is not to be written to."""
        places = [(path, *map(str, PurePosixPath(path).parents))]
        innermost = next(
            place for place in places[0] if place in {*self.sealed, *self.readable, *self.writable}
        )
        return innermost in self.sealed or innermost not in self.writable


def _lies_in(path: str, folders: Iterable[str]) -> bool:
    return any(PurePosixPath(path).is_relative_to(folder) for folder in folders)
