"""What a guarded agent sees of the host: the system read-only, its work folders, and nothing that steers it.

Paths inside are those of the host, so that what an agent records of them stays true. Its home is empty but
for what the policy names.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from offswitch.guard.cell.guest import INIT, PATH, USER, USER_ID, links
from offswitch.guard.cell.plan import Folder, Mapped, Plan

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
        hidden: files and folders inside those that appear to be empty.
        env: its environment, beside PATH, HOME and USER.
        storage: most bytes of the files in each of its scratch folders.
        owner: user and group of the host whose files are shown as the agent's own; for a guard that is root.
        root: whether the agent runs as the cell's root, who has its own files and no other right.
    """

    workdir: str
    home: str
    writable: tuple[str, ...] = ()
    readable: tuple[str, ...] = ()
    sealed: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    storage: int = 1024**3
    owner: tuple[int, int] | None = None
    root: bool = False

    def environment(self, user: str = USER) -> dict[str, str]:
        """Return the environment a program starts with."""
        base = {"PATH": PATH, "HOME": self.home, "USER": user, "LOGNAME": user, "SHELL": "/bin/bash"}
        return base | {"LANG": "C.UTF-8", "TMPDIR": "/tmp"} | self.env  # noqa: S108

    @property
    def scratch(self) -> tuple[str, ...]:
        """Folders that are the cell's own, where it may write beside `writable`."""
        return (*_SCRATCH, self.home)

    def plan(self) -> Plan:
        """Return what a keeper needs to know."""
        passwd = f"root:x:0:0:root:/root:/bin/bash\n{USER}:x:{USER_ID}:{USER_ID}::{self.home}:/bin/bash\n"
        group = f"root:x:0:\n{USER}:x:{USER_ID}:\n"
        emptied = {path: "" for path in self.hidden if not Path(path).is_dir()}
        scratch = [Folder(path, 0o1777, owned=False) for path in _SCRATCH]
        return Plan(
            mounts=self._mounts(),
            files={"/init": INIT, "/etc/passwd": passwd, "/etc/group": group} | emptied,
            sealing=["--remount-ro", "/dev", "--remount-ro", "/"],
            folders=[Folder(self.home, 0o755, owned=not self.root), *scratch],
            writable=[*self.writable, *self.scratch],
            workdir=self.workdir,
            mapped=self._mapped(),
        )

    def _mapped(self) -> list[Mapped]:
        if self.owner is None:
            return []
        needed = dict.fromkeys(self.readable, False) | dict.fromkeys(self.writable, True)
        return [Mapped(path, *self.owner, self.root, must) for path, must in needed.items()]

    def _mounts(self) -> list[str]:
        """Return the mounts, those of parents before those of what lies in them."""
        scratch = {path: ["--size", str(self.storage), "--tmpfs", path] for path in self.scratch}
        system = {path: ["--ro-bind", path, path] for path in _SYSTEM if Path(path).is_dir()}
        named = {path: ["--ro-bind", path, path] for path in self.readable}
        named |= {path: ["--bind", path, path] for path in self.writable}
        pinned = {path: ["--bind", path, path] for path in self._pinned()}
        sealed = {path: ["--ro-bind", path, path] for path in self.sealed}
        hidden = {
            path: ["--tmpfs", path, "--remount-ro", path] for path in self.hidden if Path(path).is_dir()
        }
        places = self._way() | scratch | system | pinned | named | sealed | hidden
        parts = [places[path] for path in sorted(places, key=lambda path: PurePosixPath(path).parts)]
        return [*links(), "--proc", "/proc", "--dev", "/dev", *(word for part in parts for word in part)]

    def _way(self) -> dict[str, list[str]]:
        """Return what makes the folders that lead to what is mounted.

        In a folder that the agent may write to, each is a mount of its own: one that is not could be moved
        with all that is mounted in it, and something else be put in its place.
        """
        mounted = (*_SYSTEM, *self.readable, *self.writable)
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


def _lies_in(path: str, folders: Iterable[str]) -> bool:
    return any(PurePosixPath(path).is_relative_to(folder) for folder in folders)
