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
from offswitch.guard import findings
from offswitch.guard.cell.client import Started
from offswitch.guard.pipes import Pipe, Pipes
from offswitch.guard.policy.model import Policy
from offswitch.guard.supervisor import BEAT_SECONDS, Guarded

_MOST_SECONDS = 60.0
"""What a check may take; one that takes longer has failed."""
_ENDING = (signal.SIGTERM, signal.SIGHUP)


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
        ]
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
        with self._ending_signals():
            ended = self._until_the_end(work, streams)
        self._guarded.stop(b"e")
        if wrong := self._seal(full=True):
            self._tell(wrong)
        return _ended(work) if ended else None

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
            self.stopped = self._guarded.stopped() or self._guarded.stop_from_here("its stopper was lost")
        elif self._asked_to_end:
            self._stop(b"t")
        elif lost := self._guarded.lost():
            self._stop(b"p")
            self._tell(lost)
        for check in self._checks:
            if self.stopped is None and (wrong := check.turn()):
                if check.about.then == "stop":
                    self._stop(check.about.reason)
                self._tell(wrong)

    def _stop(self, reason: bytes) -> None:
        self.stopped = self._guarded.stop(reason)

    def _seal(self, *, full: bool = False) -> str:
        changes = self._guarded.seal.changes(full=full)
        if not changes:
            return ""
        findings.note(self._guarded.folder, findings.of_changes(changes, self._guarded.resolved.role_of))
        said = ", ".join(f"{change.path} {change.what}" for change in changes[:5])
        return f"what is sealed has changed: {said}"

    def _by_condition(self, why: str) -> None:
        """Called in the thread of the judge."""
        self._guarded.demand(b"c")
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
