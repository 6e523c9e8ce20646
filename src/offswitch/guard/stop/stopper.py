"""The process that stops one agent: small, first in line for the processor, never swapped out.

It listens on a socket of its own for five fixed words, and understands nothing else. It also keeps the
lease: while the supervisor's heartbeat is missing for more than `SILENCE` seconds the agent is frozen; when
the lease is over, it is stopped. It holds the cell's own lines open, so that a cell does not end with its
supervisor before the lease is over. All of its times are of the monotonic clock, which nobody can set.

Nobody need watch the stopper itself: when it hangs, the kernel kills it, and its death ends the cell.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import struct
import time
from pathlib import Path
from typing import Any

from offswitch.guard.cell import frames
from offswitch.guard.egress.gate import Gate
from offswitch.guard.kernel.deadman import DeadMan
from offswitch.guard.stop import precedence, steps
from offswitch.guard.stop.tree import Tree

STOP, ASK, FREEZE, THAW, STATUS = b"stop", b"ask", b"freeze", b"thaw", b"status"
HEARTBEAT, STOPPING = b".", b"!"
"""What it answers its supervisor; after the second comes why it stops the agent, and no answer any more."""
REASONS = {
    b"e": "it has ended, and so must what it left running",
    b"s": "what is sealed has changed",
    b"b": "a barrier did not hold",
    b"p": "a part of its guard is gone",
    b"c": "a condition of its policy says so",
    b"d": "the disk it works on was about to be full",
    b"t": "its supervisor was asked to end",
}
"""What the supervisor sends instead of a heartbeat to have the agent stopped, and why that is."""
SILENCE = 0.6
"""Seconds without a heartbeat after which the agent is frozen; with the waking up and the freezing it stays
under the second that is promised."""
SEEN_SECONDS = 0.2
"""How long an order to freeze waits to see everything frozen: less than the silence, or the supervisor
would hold the stopper to be lost."""
OPEN_SECONDS = 1.0
"""For how long each turn opens the gate: when the stopper hangs, nothing leaves any more after so long."""

HANG_SECONDS = 3.0
"""After which the kernel kills a stopper that does nothing, or a launcher: it outlasts what a virtual machine
may be held up by, since the other part notices a hang at once."""
_STOP_SECONDS = 60.0
"""What a stop may take, and the writing of its record to a slow disk."""

_TURN = SILENCE / 4
_LONGEST = 16
_MOST_CALLERS = 16
_PEER = struct.Struct("3i")
_SO_PEERGROUPS, _MOST_GROUPS = 59, 256


def hang_seconds(lease: float) -> float:
    """Return after what time a part that hangs is killed, with a lease of so many seconds."""
    return max(2 * SILENCE, min(lease, HANG_SECONDS))


class Stopper:
    """The stopper of one cell.

    Attributes:
        tree: the cell's processes.
        paused: whether a person has frozen it.
        lost_since: since when the heartbeat is missing (seconds of the monotonic clock), or None.
        record: how it was stopped, once it was.
    """

    def __init__(self, settings: dict[str, Any], fds: list[int], journal: steps.Journal) -> None:
        listener, init, *others = fds
        count = len(settings["outlets"])
        group = Path(settings["group"]) if settings["group"] else None
        self.tree = Tree(group, init, settings["init_pid"], settings["share"])
        self.paused = False
        self.lost_since: float | None = None
        self.record: dict[str, Any] | None = None
        self._asked_by: int | None = None
        self._outlets = dict(zip(settings["outlets"], others[:count], strict=True))
        self._gate = Gate(others[count]) if settings["gate"] else None
        self._lease: float = settings["lease"]
        self._goes_on: bool = settings["without_supervisor"] == "continue"
        self._users = {0, os.getuid(), *settings["authority"]["users"]}
        self._groups = frozenset(settings["authority"]["groups"])
        self._journal = journal
        self._dead_man = DeadMan(hang_seconds(settings["lease"]))
        self._listener = socket.socket(fileno=listener)
        self._listener.setblocking(False)  # noqa: FBT003 (its only parameter)
        self._callers: list[socket.socket] = []
        self._strangers: list[socket.socket] = []  # they take no place of those who may give orders
        self._supervisor: list[socket.socket] = []
        self._last = time.monotonic()
        self._hold_gate_open()

    def serve(self, supervisor: socket.socket) -> None:
        """Obey until the agent is stopped, or its machine has ended by itself."""
        self._supervisor = [supervisor]
        while self.record is None:
            own: list[Any] = [self.tree.init, self._listener, *self._supervisor]
            ready, _, _ = select.select([*own, *self._callers, *self._strangers], [], [], _TURN)
            if supervisor in ready and not self._heard(supervisor):
                self._supervisor = []
            if self._listener in ready:
                self._accept()
            for caller in [one for one in (*self._callers, *self._strangers) if one in ready]:
                self._attend(caller)
            if self.tree.init in ready:
                self._stop("its machine has ended")
            self._keep_lease()
            self._hold_gate_open()
            if self.record is None:
                self._dead_man.renew()
        for caller in list(self._callers):  # whoever has just given the same order
            self._attend(caller)
        self._journal.note(self.record)  # last: a slow disk is not to be waited for

    def _heard(self, line: socket.socket) -> bool:
        """Take what the supervisor sent, and answer it; False once its end is closed."""
        try:
            sent = line.recv(4096)
        except BlockingIOError:
            return True
        except OSError:
            return False
        for reason in REASONS.keys() & {sent[at : at + 1] for at in range(len(sent))}:
            self._stop(REASONS[reason])
        if not sent:
            return False
        self._last = time.monotonic()
        with contextlib.suppress(OSError):
            line.send(HEARTBEAT)
        return True

    def _keep_lease(self) -> None:
        now = time.monotonic()
        if now - self._last <= SILENCE:
            if self.lost_since is not None and not self.paused:
                self.tree.thaw()
            self.lost_since = None
        elif self.lost_since is None:
            self.lost_since = self._last
            if not self._goes_on:
                self.tree.freeze()
        elif self._goes_on:
            return
        elif now - self.lost_since > self._lease:
            self._stop("its supervisor was lost and the lease is over")
        elif self.tree.group is None:
            self.tree.frozen(0)  # another pass: who ran during the last one may have let others go on

    def _hold_gate_open(self) -> None:
        """Whatever passes, passes because the stopper and the supervisor are there."""
        if self._gate is not None and self.record is None and (self.lost_since is None or self._goes_on):
            self._gate.extend(OPEN_SECONDS)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            caller = self._listener.accept()[0]
            caller.setblocking(False)  # noqa: FBT003 (its only parameter)
            (self._callers if self._may(caller) else self._strangers).append(caller)
        for waiting in (self._callers, self._strangers):
            for silent in waiting[:-_MOST_CALLERS]:
                waiting.remove(silent)
                silent.close()

    def _may(self, caller: socket.socket) -> bool:
        return _user_of(caller) in self._users or not self._groups.isdisjoint(_groups_of(caller))

    def _attend(self, caller: socket.socket) -> None:
        """Answer one who has connected."""
        with contextlib.suppress(OSError), caller:
            order, user = caller.recv(_LONGEST), _user_of(caller)
            is_known = caller in self._callers
            answer = self._obey(order, user) if is_known else {"error": f"user {user} may not give it orders"}
            caller.send(json.dumps(answer).encode())
        for waiting in (self._callers, self._strangers):
            if caller in waiting:
                waiting.remove(caller)

    def _obey(self, order: bytes, user: int) -> dict[str, Any]:
        if order == STOP:
            self._stop(f"ordered by user {user}")
        elif self.record is None and order == FREEZE:
            self.paused = True
            return {"done": self.tree.freeze() and self.tree.frozen(SEEN_SECONDS)}
        elif self.record is None and order == THAW:
            self.paused = False
            return {"done": self.lost_since is None and self.tree.thaw()}
        elif self.record is None and order == ASK:
            self._asked_by = user
            return {"done": not self.paused and self.lost_since is None and self.tree.ask()}
        elif order not in {STATUS, FREEZE, THAW, ASK}:
            return {"error": "expected stop, ask, freeze, thaw or status"}
        lost = None if self.lost_since is None else time.monotonic() - self.lost_since
        return {"paused": self.paused, "supervisor_lost_seconds": lost, "record": self.record}

    def _stop(self, why: str) -> None:
        if self.record is None:
            if self._asked_by is not None:
                why = f"asked to end by user {self._asked_by}; {why}"
            self._dead_man.renew(_STOP_SECONDS)
            for line in self._supervisor:
                with contextlib.suppress(OSError):
                    line.send(STOPPING + why.encode())
            self.record = steps.stop(self.tree, self._outlets, why, self._gate)


def main() -> None:
    """Receive the settings on standard input's socket, and serve."""
    supervisor = socket.socket(fileno=os.dup(0))
    received = frames.receive(supervisor)
    if received is None:
        return
    settings, fds = received
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    journal = steps.Journal(Path(settings["journal"]))
    granted = precedence.take()
    stopper = Stopper(settings, fds, journal)
    frames.send(supervisor, {"granted": granted})
    supervisor.settimeout(0)
    stopper.serve(supervisor)


def _user_of(caller: socket.socket) -> int:
    _, user, _ = _PEER.unpack(caller.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
    return int(user)


def _groups_of(caller: socket.socket) -> set[int]:
    """Return the groups of who has connected; of one who has more than `_MOST_GROUPS`, only the first."""
    _, _, group = _PEER.unpack(caller.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
    try:
        more = caller.getsockopt(socket.SOL_SOCKET, _SO_PEERGROUPS, 4 * _MOST_GROUPS)
    except OSError:  # there are more than can be told
        more = b""
    return {group, *struct.unpack(f"{len(more) // 4}I", more)}
