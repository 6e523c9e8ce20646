"""The guarded agents of this machine: one folder each, out of every cell's sight."""

from __future__ import annotations

import contextlib
import os
import pwd
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from offswitch.errors import CellError, UnknownNameError, UsageError
from offswitch.guard import authority
from offswitch.guard.kernel import barriers
from offswitch.guard.stop import order, stopper

SOCKET, JOURNAL = "stop.sock", "stops.jsonl"
"""In an agent's folder: where its stopper listens, and where the record of its stop is kept."""
ASKED = "asked"
"""In an agent's folder if somebody stops it with a grace, who then looks after the folder."""

_NAME_SIGNS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
_LONGEST_NAME = 64
_MOST_BYTES = 1 << 20
_GUARD = "guard"
_BELOW_HOME = ".local/state/offswitch/run"


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


def home() -> Path:
    """Return the folder of all of this user's agents; it is for its owner's eyes only."""
    if os.getuid() == 0:
        place = Path("/run/offswitch")
    elif runtime := os.environ.get("XDG_RUNTIME_DIR", ""):
        place = Path(runtime, "offswitch")
    else:
        place = Path.home() / _BELOW_HOME
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = place.stat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise UsageError(f"{place}: expected a folder of this user's that nobody else may open")
    return place


def make(name: str) -> Path:
    """Make the folder of a new agent.

    Raises:
        UsageError: if the name cannot be one, or an agent of that name runs.
    """
    if not 0 < len(name) <= _LONGEST_NAME or not set(name) <= _NAME_SIGNS or name[0] in ".-":
        raise UsageError(f"{name!r} cannot be a name: expected letters, digits, - and _")
    folder = home() / name
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
    """Move the folder of an agent that has ended out of the way."""
    with contextlib.suppress(FileNotFoundError):
        (home() / name).rename(home() / f".{name}-{time.time_ns()}")


def note(agent: Agent) -> None:
    """Write down an agent that is being started."""
    (home() / agent.name / "agent.json").write_bytes(msgspec.json.encode(agent))


def agents() -> list[Agent]:
    """Return the agents known, those that have ended too, by name.

    Root is told those of every user; another user their own, and those that they have the authority to stop.
    """
    found = [agent for place in _homes() for agent in _in(place)]
    lent = [] if os.getuid() == 0 else [agent for agent in _in(authority.PUBLIC) if _obeys_us(agent)]
    return [*found, *lent]


def find(name: str) -> Agent:
    """Return an agent by its name; the caller's own before another user's.

    Raises:
        UnknownNameError: if there is none.
        UsageError: if several users have one, and the caller has none.
    """
    known = agents()
    called = [agent for agent in known if agent.name == name]
    own = [agent for agent in called if Path(agent.folder).parent == home()]
    if own:
        return own[0]
    if len(called) > 1:
        raise UsageError(f"several users have an agent named {name}: run this as one of them")
    if not called:
        raise UnknownNameError("agent", name, [agent.name for agent in known])
    return called[0]


def is_running(name: str) -> bool:
    """Whether one of this user's agents runs, or something of it or its guard is left."""
    try:
        if order.give(stopper.STATUS, home() / name / SOCKET, 1.0).get("record") is None:
            return True
    except order.NoAnswerError:
        return True
    except CellError:  # it is gone, or has just ended
        pass
    own = [agent for agent in agents() if Path(agent.folder) == home() / name]
    return _has_guard(home() / name) or any(map(remains, own))


def remains(agent: Agent) -> bool:
    """Whether a process of an agent's cell is left."""
    if agent.group:
        try:
            return "populated 0" not in Path(agent.group, "cgroup.events").read_text().splitlines()
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


def _homes() -> Iterator[Path]:
    yield home()
    if os.getuid() == 0:
        yield from Path("/run/user").glob("*/offswitch")
        for folder in sorted({entry.pw_dir for entry in pwd.getpwall()}):
            if (place := Path(folder, _BELOW_HOME)).is_dir():
                yield place


def _in(place: Path) -> Iterator[Agent]:
    for file in sorted(place.glob("[!.]*/agent.json")):
        with contextlib.suppress(msgspec.DecodeError, OSError):
            agent = msgspec.json.decode(_content(file), type=Agent)
            yield msgspec.structs.replace(agent, name=file.parent.name, folder=str(file.parent))


def _obeys_us(agent: Agent) -> bool:
    try:
        order.give(stopper.STATUS, agent.place, 1.0)
    except order.NoAnswerError:
        return True
    except CellError:
        return False
    return True


def _content(file: Path) -> bytes:
    """Read a file that may be another user's, who may have put anything in its place."""
    fd = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise OSError(f"{file}: expected a file")
        return os.read(fd, _MOST_BYTES)
    finally:
        os.close(fd)
