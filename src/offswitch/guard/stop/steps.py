"""The steps of a stop in their order, each with its time: what a receipt is made of."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from offswitch.guard.stop import records
from offswitch.guard.stop.tree import Tree

EMPTY_SECONDS = 5.0
"""How long a stop waits to see everything gone; a process in a device's wait may take longer."""
CUT_SECONDS = 1.0
LONGEST_SECONDS = EMPTY_SECONDS + 2 * CUT_SECONDS + 1.0
"""What a stop may take, with two outlets to cut."""
_ROOM = 16 * 1024
"""Bytes set aside for a record: a full disk must not lose it."""
_LONGEST_RECORD = 1 << 20


class Gate(Protocol):
    """What lets packets leave an agent's outlets."""

    def shut(self) -> bool:
        """Let nothing through any more, and say whether that is so."""


def stop(tree: Tree, outlets: Mapping[str, int], why: str, gate: Gate | None = None) -> dict[str, Any]:
    """Cut what leaves, freeze, kill, and wait until nothing is left.

    Nothing is waited for before everything was killed: the shorter the way there, the less happens on it.

    Args:
        tree: the processes.
        outlets: a name and a pidfd for each process through which anything leaves the cell; with the death
            of the relay, the agent's key to its model is revoked.
        why: the reason, for the record.
        gate: shut first, if there is one.

    Returns:
        "why", "at" (seconds of the epoch), "steps" and "empty". A step has its name, "done", the "ms"
        from the order to its end, and a "problem" if it had one.
    """
    record = _Record(why)
    if gate is not None:
        record.step("shut the gate", gate.shut)
    for process in outlets.values():
        _end(process)
    record.step("freeze", tree.freeze)
    record.step("kill", lambda: tree.kill() is None)
    for name, process in outlets.items():
        record.step(f"cut {name}", partial(_ended, process))
    record.step("empty", lambda: tree.empty(EMPTY_SECONDS))
    return record.content


def seen_empty(why: str) -> dict[str, Any]:
    """Return a record for what was found to have ended already, in the form of `stop`."""
    record = _Record(why)
    record.step("empty", lambda: True)
    return record.content


class Journal:
    """Where the record of a stop is kept, with room for it set aside from the start.

    Raises:
        OSError: if there is no room.
    """

    def __init__(self, file: Path) -> None:
        self._fd = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.posix_fallocate(self._fd, 0, _ROOM)

    def note(self, record: dict[str, Any]) -> None:
        """Write a record, and wait until it is on the disk."""
        line = json.dumps(record).encode() + b"\n"
        with contextlib.suppress(OSError):  # an agent that is stopped is worth more than the record of it
            os.pwrite(self._fd, line, 0)
            os.ftruncate(self._fd, len(line))
            os.fsync(self._fd)


def last_record(journal: Path) -> dict[str, Any] | None:
    """Return the record of a stop that a journal holds, or None."""
    try:
        line = records.content(journal, _LONGEST_RECORD).rstrip(b"\0")
        return records.parsed(line) if line else None
    except (OSError, ValueError):  # none, or one that is being written
        return None


class _Record:
    def __init__(self, why: str) -> None:
        self._begun = time.monotonic_ns()
        self.content: dict[str, Any] = {"why": why, "at": time.time(), "steps": [], "empty": False}

    def step(self, name: str, act: Callable[[], bool]) -> None:
        try:
            done, problem = act(), ""
        except Exception as failure:  # noqa: BLE001 (a step that fails must not keep the next from being tried)
            done, problem = False, f"{type(failure).__name__}: {failure}"
        taken = (time.monotonic_ns() - self._begun) / 1e6
        self.content["steps"].append(
            {"step": name, "done": done, "ms": taken} | ({"problem": problem} if problem else {})
        )
        self.content["empty"] = name == "empty" and done


def _end(process: int) -> None:
    """Kill a process by its pidfd; its sockets are set to drop what they still hold."""
    with contextlib.suppress(OSError):  # whether it ended is seen later
        signal.pidfd_send_signal(process, signal.SIGKILL)


def _ended(process: int) -> bool:
    watch = select.poll()
    watch.register(process, select.POLLIN)
    return bool(watch.poll(CUT_SECONDS * 1000))
