"""The guarded agents of this machine: one folder each, out of every cell's sight."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from offswitch.errors import CellError, UnknownNameError, UsageError
from offswitch.guard import authority, registries
from offswitch.guard.kernel import barriers
from offswitch.guard.stop import order, records, stopper

SOCKET, JOURNAL = "stop.sock", "stops.jsonl"
"""In an agent's folder: where its stopper listens, and where the record of its stop is kept."""
ASKED = "asked"
"""In an agent's folder if somebody stops it with a grace, who then looks after the folder."""

_NAME_SIGNS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
_LONGEST_NAME, _MOST_NAMED = 64, 20
_LONGEST_SOCKET = 107
"""What unix(7) has room for."""
_MOST_BYTES, _MOST_OF_OTHERS = 64 << 20, 1 << 20
_GUARD = "guard"
_MOST_KEPT = 20
"""Folders of agents that have ended; those of all lie in memory on most machines."""


class Agent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A guarded agent, as it was started.

    Attributes:
        name: by which it is stopped.
        command: its program and arguments.
        workdir: the folder it started in.
        started: seconds of the epoch.
        supervisor: process of the guard that started it.
        init_pid: PID 1 of its cell, as the host counts.
        init_born: when that was started; see `born`. A number alone may be used again.
        group: its cgroup v2 folder, or "".
        barriers: each barrier and limit to "in force", or to why not.
        hosts: what it may reach.
        model: its model's provider, or "".
        sealed: what must not change.
        stopper: what its stopper asked the kernel for to "in force", or to why not; see `precedence.take`.
        outlets: through which anything leaves its cell: each process's number, and when it was born.
        folder: its folder of the registry.
    """

    name: str
    command: list[str]
    workdir: str
    started: float
    supervisor: int
    init_pid: int
    init_born: int
    group: str
    barriers: dict[str, str]
    hosts: list[str]
    model: str
    sealed: list[str]
    stopper: dict[str, str] = {}
    outlets: dict[str, tuple[int, int]] = {}
    folder: str = ""

    @property
    def missing(self) -> dict[str, str]:
        """What is not in force of the barriers and limits, with why; not a gate that nothing passes."""
        idle = frozenset() if self.hosts or self.model else frozenset({"gate"})
        return {
            name: state
            for name, state in self.barriers.items()
            if state != barriers.IN_FORCE and name not in idle
        }

    @property
    def stopper_lacks(self) -> dict[str, str]:
        """What its stopper asked for and was not given, with why: it is slower on a machine that is full."""
        return {name: state for name, state in self.stopper.items() if state != barriers.IN_FORCE}

    @property
    def public(self) -> Agent:
        """What every user of the machine may know of it."""
        return msgspec.structs.replace(self, command=[], workdir="", hosts=[], model="", sealed=[])

    @property
    def place(self) -> Path:
        """Its stopper's socket."""
        return Path(self.folder, SOCKET)

    @property
    def journal(self) -> Path:
        """Where the record of its stop is kept."""
        return Path(self.folder, JOURNAL)


_UNREADABLE = Agent(
    name="",
    command=["(what was noted of it cannot be read)"],
    workdir="",
    started=0.0,
    supervisor=-1,
    init_pid=-1,
    init_born=-1,
    group="",
    barriers={},
    hosts=[],
    model="",
    sealed=[],
)
"""What is known of an agent whose note cannot be read, beside name and folder. Its stopper obeys all the
same."""


def make(name: str) -> Path:
    """Make the folder of a new agent.

    Raises:
        UsageError: if the name cannot be one, or an agent of that name runs.
    """
    if not _is_name(name):
        raise UsageError(
            f"{name!r} cannot be a name: expected at most {_LONGEST_NAME} letters, digits, - _ and ."
        )
    folder = registries.home() / name
    if len(str(folder / SOCKET)) > _LONGEST_SOCKET:
        raise UsageError(
            f"the name {name} is too long for a socket in {folder.parent}; choose a shorter --name"
        )
    if any(agent.name == name and is_own(agent) and remains(agent) for agent in agents()):
        raise UsageError(f"an agent named {name} runs already; choose another --name, or stop it")
    if folder.exists():
        if is_running(name):
            raise UsageError(f"an agent named {name} runs already; choose another --name, or stop it")
        forget(name)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError as other:
        raise UsageError(f"an agent named {name} is being started; choose another --name") from other
    (folder / _GUARD).write_text(f"{os.getpid()} {born(os.getpid())}")
    return folder


def forget(name: str) -> None:
    """Move the folder of an agent that has ended out of the way; those of the last few are kept."""
    home = registries.home()
    with contextlib.suppress(FileNotFoundError):
        (home / name).rename(home / f".{name}-{time.time_ns()}")
    by_time = sorted(home.glob(".*-*"), key=lambda folder: folder.name.rpartition("-")[2])
    for folder in by_time[:-_MOST_KEPT]:
        shutil.rmtree(folder, ignore_errors=True)


def note(agent: Agent) -> None:
    """Write down an agent that is being started; who reads it meanwhile finds what was written before."""
    file = registries.home() / agent.name / "agent.json"
    written = file.with_suffix(".new")
    text = msgspec.json.encode(agent)
    if len(text) > _MOST_BYTES:
        raise UsageError(
            f"what is to be noted of the agent {agent.name} is longer than {_MOST_BYTES:,} bytes"
        )
    written.write_bytes(text)
    written.replace(file)


def agents() -> list[Agent]:
    """Return the agents known, those that have ended too, by name.

    Root is told those of every user; another user their own, and those that they have the authority to stop.
    """
    found = [agent for place in registries.homes(SOCKET) for agent in _in(place)]
    lent = [] if os.getuid() == 0 else [agent for agent in _in(authority.PUBLIC) if _obeys_us(agent)]
    return [*found, *lent]


def find(name: str) -> Agent:
    """Return an agent by its name; the caller's own before another user's.

    Args:
        name: the agent's, or "USER/NAME".

    Raises:
        UnknownNameError: if there is none.
        UsageError: if several users have one, and the caller has none.
    """
    known = agents()
    user, _, own_name = name.rpartition("/")
    called = [agent for agent in known if agent.name == own_name and user in {"", user_of(agent)}]
    own = [agent for agent in called if is_own(agent)]
    if own:
        return max(own, key=remains)
    if len(called) > 1:
        users = ", ".join(sorted(f"{user_of(agent)}/{name}" for agent in called))
        raise UsageError(f"several users have an agent named {name}; expected one of {users}")
    if not called:
        running = [agent.name for agent in known if remains(agent)]
        raise UnknownNameError("agent", name, running[:_MOST_NAMED])
    return called[0]


def is_running(name: str) -> bool:
    """Whether one of this user's agents runs, or something of it or its guard is left."""
    try:
        if order.give(stopper.STATUS, registries.home() / name / SOCKET, 1.0).get("record") is None:
            return True
    except order.NoAnswerError:
        return True
    except CellError:  # it is gone, or has just ended
        pass
    return _has_guard(registries.home() / name) or any(map(remains, _in(registries.home(), name)))


def remains(agent: Agent) -> bool:
    """Whether a process of an agent's cell is left."""
    if agent.group:
        try:
            events = records.content(Path(agent.group, "cgroup.events"), _MOST_OF_OTHERS)
            return b"populated 0" not in events.splitlines()
        except OSError:  # the group was deleted, which the kernel allows for an empty one only
            return False
    return 0 <= agent.init_born == born(agent.init_pid)


def born(process: int) -> int:
    """Return when a process was started, in ticks since the machine was; -1 if it has ended."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return -1
    return -1 if fields[0] in "ZX" else int(fields[19])


def _has_guard(folder: Path) -> bool:
    """Whether the program that made an agent's folder is still there."""
    try:
        process, since = map(int, (folder / _GUARD).read_text().split())
    except (OSError, ValueError):
        return False
    return born(process) == since


def is_own(agent: Agent) -> bool:
    """Whether an agent is the caller's: what another user wrote down of one must not say what is done."""
    folder = Path(agent.folder)
    if folder.parent == registries.home():
        return True
    return os.getuid() != 0 and all(registries.owner(path) == os.getuid() for path in (folder, folder.parent))


def user_of(agent: Agent) -> str:
    """Return whose agent it is: the user's name, or number."""
    number = registries.owner(Path(agent.folder))
    try:
        return pwd.getpwuid(number).pw_name
    except (KeyError, OverflowError):
        return str(number)


def _is_name(name: str) -> bool:
    return 0 < len(name) <= _LONGEST_NAME and set(name) <= _NAME_SIGNS and name[0] not in ".-"


def _in(place: Path, name: str = "[!.]*") -> Iterator[Agent]:
    try:
        files = sorted(file for file in place.glob(f"{name}/agent.json") if _is_name(file.parent.name))
    except OSError:  # it is gone, or another user's and shut
        return
    most = _MOST_BYTES if place == registries.home() else _MOST_OF_OTHERS
    for file in files:
        if registries.owner(file.parent) < 0:
            continue
        try:
            agent = msgspec.json.decode(records.content(file, most), type=Agent)
        except (msgspec.DecodeError, OSError):
            agent = _UNREADABLE
        yield msgspec.structs.replace(agent, name=file.parent.name, folder=str(file.parent))


def _obeys_us(agent: Agent) -> bool:
    try:
        order.give(stopper.STATUS, agent.place, 1.0)
    except order.NoAnswerError:
        return True
    except CellError:
        return False
    return True
