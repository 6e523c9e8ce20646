"""What a keeper needs to know to build a cell's inside, whoever it is for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from offswitch.guard.cell.network import Network


class Folder(NamedTuple):
    """A folder made inside: its path, its mode, and whether the cell's user owns it (else its root)."""

    path: str
    mode: int
    owned: bool


class Mapped(NamedTuple):
    """A file or folder of the host, in which what one of the host's users owns is to be a cell user's own.

    Attributes:
        path: where it is, on the host and inside.
        uid: the host's user.
        gid: the host's group.
        to_root: whether it is to be the cell's root's own, not the other user's.
        needed: whether the cell cannot do without that.
        device: of the file system it is on.
        inode: its number there.
    """

    path: str
    uid: int
    gid: int
    to_root: bool
    needed: bool
    device: int
    inode: int

    @property
    def identity(self) -> tuple[int, int]:
        """What tells it from something else that was put in its place."""
        return self.device, self.inode


@dataclass(frozen=True)
class Plan:
    """The inside of a cell.

    Attributes:
        mounts: bubblewrap's arguments that make the file systems, in their order.
        files: small read-only files: path to content.
        sealed: programs, in folders its user may write to, that it may read and run and not change, move or
            replace: path to content. The folders they lie in must be mounts of their own.
        given: files of its user's: path to what they hold at the start.
        sealing: bubblewrap's arguments that come after the files.
        init: path of the program that is PID 1.
        folders: made inside, once it is up.
        writable: folders below which programs may write, as far as the mounts let them.
        mapped: what is shown of the host, and whose it is to be; for a launcher that is root.
        workdir: where programs start, and what relative paths are relative to.
        network: hosts beside its own machine.
    """

    mounts: list[str]
    files: dict[str, str]
    sealing: list[str]
    writable: list[str]
    workdir: str
    init: str = "/init"
    sealed: dict[str, str] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict)
    folders: list[Folder] = field(default_factory=list)
    mapped: list[Mapped] = field(default_factory=list)
    network: Network = field(default_factory=Network)


class World(Protocol):
    """What a cell's inside looks like, as its two users describe it: an evaluation, and a guard."""

    @property
    def workdir(self) -> str:
        """Return where programs start."""

    def environment(self, user: str = ...) -> dict[str, str]:
        """Return the environment a program starts with."""

    def plan(self) -> Plan:
        """Return what a keeper needs to know."""
