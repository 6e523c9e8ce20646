"""Watches a guarded agent while it runs: its heartbeats, its streams, its checks, the parts of its guard.

Nothing here may take long but in a thread of its own: the heartbeats come from the same loop as all else, so
that a watch that hangs is a watch that is missed.
"""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Any, NamedTuple

from offswitch.errors import CellError
from offswitch.guard import disk, findings, registry
from offswitch.guard.cell.client import Started
from offswitch.guard.kernel import memory
from offswitch.guard.pipes import Pipe, Pipes
from offswitch.guard.policy.model import Policy
from offswitch.guard.stop import order, stopper
from offswitch.guard.supervisor import BEAT_SECONDS, Guarded

_MOST_SECONDS = 60.0
"""What a check may take; one that takes longer has failed."""
_SOCKETS_SECONDS = 2.0
_ENDING = (signal.SIGTERM, signal.SIGHUP)
_TRIES = 5
"""Of a pause: on a busy machine an agent may be seen frozen a moment after the stopper has answered."""


class Check(NamedTuple):
    """Something to look at now and again.

    Attributes:
        name: what it is.
        seconds: between two looks.
        look: returns what is wrong, in one line, or ""; what it raises counts as wrong. It runs in a thread.
        reason: one of the stopper's `REASONS`.
        then: what becomes of an agent with which something is wrong: "stop" or "report".
    """

    name: str
    seconds: float
    look: Callable[[], str]
    reason: bytes
    then: str


class Watch:
    """The watch over one agent.

    Args:
        guarded: the agent.
        policy: what it is watched by.
        tell: what gets one line for a person whenever something was noticed.

    Attributes:
        stopped: how it was stopped, once it was; see `steps.stop`.
    """

    def __init__(self, guarded: Guarded, policy: Policy, tell: Callable[[str], None]) -> None:
        self._guarded = guarded
        self._tell = tell
        self._checks = [
            _Round(Check("seal", policy.checks.seal_seconds, self._seal, b"s", policy.stop.on_change)),
            _Round(
                Check("barriers", policy.checks.probe_seconds, guarded.breach, b"b", policy.stop.on_breach)
            ),
            _Round(Check("sockets", _SOCKETS_SECONDS, guarded.services, b"b", policy.stop.on_breach)),
        ]
        self._on_breach = policy.stop.on_breach
        self._pauses_on_disk = policy.stop.on_full_disk == "pause"
        self._disk = disk.Watch(guarded.resolved.workplace.work, policy.limits.free_disk_mb, self._by_disk)
        self._stopper = guarded.folder / registry.SOCKET
        self._asked_to_end = False
        self._looked = 0.0
        self.stopped: dict[str, Any] | None = None
        guarded.outlets.judge(guarded.folder, self._by_condition, tell)

    def follow(self, work: Started, streams: Sequence[Pipe]) -> int | None:
        """Pass the agent's streams on until it ends or is stopped.

        Args:
            work: the agent.
            streams: what is passed on meanwhile.

        Returns:
            Its exit code, negative for a signal; None if it was stopped.
        """
        with self._ending_signals(), self._disk:
            ended = self._until_the_end(work, streams)
        starved = memory.kills(self._guarded.agent.init_pid)
        record = self._guarded.stop(b"e")
        if starved:
            self._tell(
                f"its memory limit was reached (limits.memory_mb): processes of it were killed: {starved}"
            )
        if wrong := self._seal(full=True):
            self._tell(wrong)
        by_itself = ended and stopper.REASONS[b"e"] in record["why"]  # it may end by being stopped
        return _ended(work) if by_itself else None

    def _until_the_end(self, work: Started, streams: Sequence[Pipe]) -> bool:
        """Watch until the agent has ended by itself, or was stopped: False."""
        pipes, ended = Pipes(streams), False
        while self.stopped is None:
            if pipes.turn(BEAT_SECONDS, None if ended else work.status):
                ended = True
                pipes.finish()
            if ended and pipes.is_idle():
                return True
            self._look()
        return False

    def _look(self) -> None:
        if time.monotonic() - self._looked < BEAT_SECONDS:
            return
        self._looked = time.monotonic()
        if not self._guarded.beat():
            self.stopped = self._guarded.stopped() or self._guarded.stop_from_here("it lost its stopper")
        elif self._guarded.stopper.stopping:
            return  # its outlets end, and all else
        elif self._asked_to_end:
            self._stop(b"t")
        else:
            self._look_at_parts()
            self._look_at_checks()

    def _look_at_parts(self) -> None:
        if self._disk.silence() > _MOST_SECONDS:
            self._stop(b"d")
            self._tell(f"how much is left on its disk is not known for {_MOST_SECONDS:g} seconds")
        elif lost := self._guarded.lost():
            self._stop(b"p")
            self._tell(lost)
        elif exposed := self._guarded.mounts.lost():
            if self._on_breach == "stop":
                self._stop(b"b")
            self._tell(f"a barrier does not hold: {'; '.join(exposed[:5])}")

    def _look_at_checks(self) -> None:
        for check in self._checks:
            if self.stopped is None and (wrong := check.turn()):
                if check.about.then == "stop":
                    self._stop(check.about.reason)
                self._tell(wrong)

    def _stop(self, reason: bytes) -> None:
        self.stopped = self._guarded.stop(reason)

    def _by_disk(self, why: str) -> bool:
        """Called in the thread of the disk's watch; return whether to go on, since it is only paused."""
        if self._pauses_on_disk:
            with contextlib.suppress(CellError):
                if order.give(stopper.STATUS, self._stopper)["paused"]:
                    return True
                if any(order.give(stopper.FREEZE, self._stopper)["done"] for _ in range(_TRIES)):
                    self._tell(f"{why}: it is paused")
                    return True
        self._guarded.stopper.demand(b"d")
        self._tell(why)
        return False

    def _seal(self, *, full: bool = False) -> str:
        changes = self._guarded.seal.changes(full=full)
        if not changes:
            return ""
        findings.note(self._guarded.folder, findings.of_changes(changes, self._guarded.resolved.role_of))
        said = ", ".join(f"{change.path} {change.what}" for change in changes[:5])
        return f"what is sealed has changed: {said}"

    def _by_condition(self, why: str) -> None:
        """Called in the thread of the judge."""
        self._guarded.stopper.demand(b"c")
        self._tell(why)

    @contextlib.contextmanager
    def _ending_signals(self) -> Iterator[None]:
        """Have a signal that asks this program to end stop the agent at once, not when its lease is over."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._ask_to_end) for number in _ENDING}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _ask_to_end(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._asked_to_end = True


class _Round:
    """A check, with when it was made last, and what a thread has found since."""

    def __init__(self, about: Check) -> None:
        self.about = about
        self._begun = self._rested = time.monotonic()
        self._thread: threading.Thread | None = None
        self._found = ""

    def turn(self) -> str:
        """Begin to look when it is time; return what is wrong once that is known."""
        now = time.monotonic()
        if self._thread is None:
            if now - self._rested >= self.about.seconds:
                self._begun = now
                self._thread = threading.Thread(target=self._look, daemon=True)
                self._thread.start()
            return ""
        if self._thread.is_alive():
            if now - self._begun < _MOST_SECONDS:
                return ""
            self._begun = now
            return f"the check of the {self.about.name} has not ended for {_MOST_SECONDS:g} seconds"
        self._thread, self._rested = None, now
        return self._found

    def _look(self) -> None:
        self._found = f"the check of the {self.about.name} failed"
        try:
            self._found = self.about.look()
        except Exception as failure:  # noqa: BLE001 (a check that fails is not a check that passes)
            self._found += f": {type(failure).__name__}: {failure}"


def _ended(work: Started) -> int | None:
    with contextlib.suppress(CellError):
        code = work.result().get("exit")
        return code if isinstance(code, int) else None
    return None
