"""Answers the outlets' questions: a thread of the supervisor beside its watch."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from offswitch.guard.cell import frames
from offswitch.guard.conditions import Conditions, Verdict
from offswitch.guard.held import Held

_LOOK_SECONDS = 0.1
_MOST_HELD = 1_000


class _Act(NamedTuple):
    """What a person approves: the same again is not asked for again."""

    host: str
    port: int
    method: str
    path: str


class _Waiting(NamedTuple):
    line: socket.socket
    ask: int
    act: _Act
    verdict: Verdict
    until: float


class Judge:
    """Decides for the outlets of one agent.

    Args:
        conditions: the policy's.
        hold_seconds: how long something is held before it is refused.
        folder: the agent's, in the registry.
        stop: called with the reason when a condition says so; once.
        tell: called with one line for a person when something is held.
    """

    def __init__(
        self,
        conditions: Conditions,
        hold_seconds: float,
        folder: Path,
        stop: Callable[[str], None],
        tell: Callable[[str], None],
    ) -> None:
        self._conditions = conditions
        self._hold_seconds = hold_seconds
        self._held = Held(folder / "held")
        self._stop = stop
        self._tell = tell
        self._name = folder.name
        self._stopping = False
        self._waiting: dict[int, _Waiting] = {}
        self._approved: dict[_Act, frozenset[int]] = {}

    def start(self, lines: Iterable[socket.socket]) -> None:
        """Answer on these lines until they close, in a thread of its own."""
        threading.Thread(target=self.serve, args=(list(lines),), daemon=True, name="judge").start()

    def serve(self, lines: list[socket.socket]) -> None:
        """Answer on these lines until they close."""
        with selectors.DefaultSelector() as ready:
            for line in lines:
                ready.register(line, selectors.EVENT_READ, line)
            while ready.get_map():
                for key, _ in ready.select(_LOOK_SECONDS if self._waiting else None):
                    if not self._attend(key.data):
                        ready.unregister(key.fileobj)
                self._settle()

    def _attend(self, line: socket.socket) -> bool:
        """Answer one question; False once the line is closed, or says what is no question."""
        try:
            received = frames.receive(line)
            if received is None:
                return False
            ask, facts = received[0]["ask"], received[0]["facts"]
            act = _Act(*(facts[name] for name in _Act._fields))
        except (OSError, ValueError, KeyError, TypeError):
            return False
        verdict = self._conditions.decide(facts, self._approved.get(act, frozenset()))
        if verdict.then == "hold" and len(self._waiting) >= _MOST_HELD:
            verdict = Verdict("deny", "too much is held already")
        _say(line, ask, verdict.then, verdict.why)
        if verdict.then == "hold":
            self._hold(_Waiting(line, ask, act, verdict, time.monotonic() + self._hold_seconds), facts)
        elif verdict.then == "stop" and not self._stopping:
            self._stopping = True
            self._stop(verdict.why)
        return True

    def _hold(self, waiting: _Waiting, facts: Mapping[str, Any]) -> None:
        until = time.time() + self._hold_seconds
        try:
            number = self._held.add(facts, waiting.verdict.why, until)
        except OSError as failure:
            _say(waiting.line, waiting.ask, "deny", f"cannot be held: {failure.strerror}")
            return
        self._waiting[number] = waiting
        act = waiting.act
        what = " ".join(filter(None, (act.method, f"{act.host}:{act.port}{act.path}")))
        self._tell(f"{what} is held; offswitch approve {self._name} {number}; {waiting.verdict.why}")

    def _settle(self) -> None:
        for number, waiting in list(self._waiting.items()):
            settled = self._held.settled(number)
            if settled is None and time.monotonic() < waiting.until:
                continue
            del self._waiting[number]
            if settled:
                before = self._approved.get(waiting.act, frozenset())
                self._approved[waiting.act] = before | frozenset(waiting.verdict.fits)
                _say(waiting.line, waiting.ask, "allow", "")
            else:
                self._held.forget(number)
                why = "was refused by a person" if settled is False else "was held, and nobody approved it"
                _say(waiting.line, waiting.ask, "deny", f"{why}; {waiting.verdict.why}")


def _say(line: socket.socket, ask: int, then: str, why: str) -> None:
    with contextlib.suppress(OSError):
        frames.send(line, {"answer": ask, "then": then, "why": why})
