"""Has a cell probed from inside, and judges from outside whether its barriers hold.

No answer, half an answer, or one that cannot be read is a barrier that does not hold. An agent that is frozen
cannot be probed: then nothing is said, and it is tried again later.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

from offswitch.errors import CellError
from offswitch.guard.cell.client import Cell, User
from offswitch.guard.kernel import barriers
from offswitch.guard.probe import acts, facts

SECONDS = 10.0
"""How long a probe may take; it takes some milliseconds."""

_TURN = 0.05
_MOST_BYTES = 4 * 1024 * 1024
_REFUSALS = {
    *("EPERM", "EACCES", "EROFS", "ENOENT", "ENOTDIR", "ENOSYS", "ENODATA", "EBADF", "ESRCH"),
    *("EAFNOSUPPORT", "ECONNREFUSED", "ENETUNREACH", "ENXIO", "ELOOP", "ETXTBSY"),
}
_WITNESSED = {"connect to the host", "connect to a socket without a file"}
"""Acts that are judged by who came alone: inside, another may listen at the same place."""


@dataclass(frozen=True)
class Aim:
    """What must be out of reach.

    Attributes:
        sealed: files and folders that it sees, and must not change.
        hidden: files and folders that must appear to be empty.
        writable: the only folders it may write in.
        scratch: folders that are the cell's own, where it may write, too.
        beyond: files and folders that it must not change, whether it sees them or not.
        unseen: paths that must not be there for it.
        sockets: sockets of the guard.
        processes: numbers of the guard's processes, as the host counts.
        group: the cell's cgroup v2 folder, or "".
        user: of the cell, who the agent is.
    """

    sealed: tuple[str, ...]
    hidden: tuple[str, ...]
    writable: tuple[str, ...]
    scratch: tuple[str, ...] = ()
    beyond: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    sockets: tuple[str, ...] = ()
    processes: tuple[int, ...] = ()
    group: str = ""
    user: User = "user"


def breaches(cell: Cell, aim: Aim) -> list[str] | None:
    """Probe a cell; return one line for each barrier that does not hold.

    Returns:
        None if it was frozen meanwhile, so that nothing is known.
    """
    with _Witness() as witness:
        asked = _asked(cell, aim, witness)
        try:
            work = cell.probe(asked, aim.user)
        except CellError as failure:
            return [f"the probe cannot run: {failure}"]
        try:
            found = _told(work.stdout or 0, work.stdin or 0, aim.group)
            if found is None:
                return None
            return [*_judged(found, asked, cell, aim), *witness.heard()]
        except (OSError, ValueError, KeyError, TypeError, CellError) as failure:
            return [f"the probe's answer cannot be read: {type(failure).__name__}: {failure}"]
        finally:
            for fd in (work.stdin, work.stdout, work.status):
                if fd is not None:
                    os.close(fd)


class _Told(NamedTuple):
    pid: int
    outcomes: dict[str, str]


class _Witness:
    """Listens on the host at places that must be out of reach."""

    def __init__(self) -> None:
        self.name = f"offswitch-{secrets.token_hex(8)}"
        self._stream = socket.create_server(("127.0.0.1", 0))
        self._nameless = socket.socket(socket.AF_UNIX)
        self._nameless.bind("\0" + self.name)
        self._nameless.listen()
        for listener in (self._stream, self._nameless):
            listener.setblocking(False)  # noqa: FBT003 (its only parameter)
        self.port: int = self._stream.getsockname()[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        self._nameless.close()

    def heard(self) -> Iterator[str]:
        """Yield a line for each place that somebody came to."""
        for listener, place in ((self._stream, "the host's network"), (self._nameless, "the host's sockets")):
            with contextlib.suppress(BlockingIOError):
                listener.accept()[0].close()
                yield f"it reaches {place}"


def _asked(cell: Cell, aim: Aim, witness: _Witness) -> dict[str, Any]:
    return {
        "sealed": [*aim.sealed, *aim.beyond],
        "hidden": list(aim.hidden),
        "unseen": list(aim.unseen),
        "sockets": list(aim.sockets),
        "processes": [[pid, _born(pid)] for pid in aim.processes],
        "groups": [f"{aim.group}/cgroup.procs", f"{aim.group}/../cgroup.procs"] if aim.group else [],
        "port": witness.port,
        "abstract": witness.name,
        "barriers": [name for name, state in cell.barriers.items() if state == barriers.IN_FORCE],
    }


def _told(answers: int, word: int, group: str) -> _Told | None:
    """Read what the probe tells; None if the cell is frozen.

    It can be looked at only after all of that has come: the agent, too, could look at it then, and answer in
    its place.

    Raises:
        ValueError: if it is not what it should be.
    """
    said = _lines(answers, 2, group)
    if said is None:
        return None
    told: dict[str, Any] = {}
    for line in said.splitlines():
        told |= json.loads(line)
    os.write(word, b".")
    if _lines(answers, 1, group) is None:
        return None
    return _Told(int(told["pid"]), dict(told["outcomes"]))


def _lines(answers: int, count: int, group: str) -> bytes | None:
    """Read so many lines; None if the cell is frozen."""
    said, deadline = b"", time.monotonic() + SECONDS
    while said.count(b"\n") < count and len(said) < _MOST_BYTES:
        if not select.select([answers], [], [], _TURN)[0]:
            if _is_frozen(group):
                return None
            if time.monotonic() > deadline:
                raise ValueError(f"none came within {SECONDS:g} seconds")
            continue
        if not (chunk := os.read(answers, 1 << 16)):
            raise ValueError("it broke off")
        said += chunk
    return said


def _judged(told: _Told, asked: dict[str, Any], cell: Cell, aim: Aim) -> list[str]:
    """Hold what was told against what was asked, and against what the kernel says of the process."""
    expected = acts.names(asked)
    if set(told.outcomes) != set(expected):
        return ["the probe has not tried every act"]
    done = [name for name in expected if name not in _WITNESSED and not _refused(name, told.outcomes[name])]
    found = [f"it can {name} ({told.outcomes[name]})" for name in done]
    found += facts.faults(told.pid, aim.group, cell.barriers, aim.writable, aim.scratch)
    found += facts.exposed(told.pid, aim.sealed, aim.writable)
    return found


def _refused(name: str, outcome: str) -> bool:
    if name == "become another user" and outcome == "EINVAL":  # a cell without a range of users has none
        return True
    return outcome == "EPERM" if name.startswith("call ") and outcome != "ENOSYS" else outcome in _REFUSALS


def _is_frozen(group: str) -> bool:
    with contextlib.suppress(OSError):
        return bool(group) and Path(group, "cgroup.freeze").read_text().strip() == "1"
    return False


def _born(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
