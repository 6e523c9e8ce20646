"""Ends an agent from outside its guard: by its stopper, or without where nothing of the guard answers."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from offswitch.errors import CellError
from offswitch.guard import registry
from offswitch.guard.registry import Agent
from offswitch.guard.stop import order, records, steps, stopper
from offswitch.guard.stop.tree import Tree

_POLL = 0.02
_FROZEN_SECONDS = 5.0
_FOREIGN_SECONDS = 2.0
"""How long another user's stopper is waited for: who does not answer must not hold up a stop of all."""


def end(agent: Agent) -> dict[str, Any]:
    """Stop an agent and return the record of it, or of how it was stopped before, if that left nothing.

    Args:
        agent: one of this user's; for root, of any user.

    Raises:
        CellError: if its stopper does not answer, and it is another user's, or its note cannot be read.
    """
    problem = "its stopper does not say that it was stopped"
    try:
        patience = order.PATIENCE if registry.is_own(agent) else _FOREIGN_SECONDS
        record: dict[str, Any] | None = order.give(stopper.STOP, agent.place, patience).get("record")
    except CellError as failure:
        problem, record = str(failure), _written(agent)
    if not registry.is_own(agent):
        if record is None:  # another user wrote down which processes it has
            raise CellError(f"{problem}; only its own user can stop it without that")
        return record
    if record is None:
        return _without_stopper(agent)
    if not record["empty"]:
        again = _without_stopper(agent)
        return again | {"why": f"{record['why']}; again: {again['why']}"}
    return record


def _written(agent: Agent) -> dict[str, Any] | None:
    try:
        return records.checked(steps.last_record(agent.journal))
    except ValueError:
        return None


def ask(agent: Agent, seconds: float) -> bool:
    """Ask an agent to end by SIGTERM, and wait until it has.

    Args:
        agent: the agent.
        seconds: most time to wait.

    Returns:
        Whether it has ended; one that is frozen cannot be asked.

    Raises:
        CellError: if its stopper does not answer.
    """
    if not order.give(stopper.ASK, agent.place).get("done"):
        return False
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not _runs(agent):
            return True
        time.sleep(_POLL)
    return False


def pause(agent: Agent) -> bool:
    """Freeze an agent, and say whether all of it was seen frozen.

    It is ordered again until it was: the stopper itself may not wait for long, and on a busy machine each
    process that is signalled must have had its turn before it stands still.

    Raises:
        CellError: if its stopper does not answer.
    """
    until = time.monotonic() + _FROZEN_SECONDS
    while True:
        done = order.give(stopper.FREEZE, agent.place).get("done")
        if done is not False or time.monotonic() > until:  # one that has ended cannot be frozen
            return bool(done)


def resume(agent: Agent) -> bool:
    """Let a paused agent go on; False if it stays frozen, because its supervisor is lost, or has ended.

    Raises:
        CellError: if its stopper does not answer.
    """
    return bool(order.give(stopper.THAW, agent.place).get("done"))


def _runs(agent: Agent) -> bool:
    try:
        return order.give(stopper.STATUS, agent.place).get("record") is None
    except CellError:
        return steps.last_record(agent.journal) is None and registry.remains(agent)


def _without_stopper(agent: Agent) -> dict[str, Any]:
    """Kill what is left of a cell and of its outlets, by what is noted of them.

    Raises:
        CellError: if that cannot be read.
    """
    if agent.init_pid < 0:
        raise CellError("what was noted of its processes cannot be read, and its stopper does not answer")
    group = Path(agent.group) if agent.group else None
    init = _pidfd(agent.init_pid, agent.init_born)
    outlets = {name: _pidfd(*noted) for name, noted in agent.outlets.items()}
    running = {name: fd for name, fd in outlets.items() if fd >= 0}
    if init < 0 and not running and not registry.remains(agent):
        record = steps.seen_empty("its guard was lost, and its cell ended with it")
    else:
        record = steps.stop(Tree(group, init, agent.init_pid), running, "ordered; its stopper did not answer")
    for fd in {init, *running.values()} - {-1}:
        os.close(fd)
    if (agent.hosts or agent.model) and not outlets:
        unseen = "its guard was lost before it had noted its outlets"
        record["steps"].append({"step": "cut", "done": False, "ms": 0.0, "problem": unseen})
    return record


def _pidfd(process: int, born: int) -> int:
    """Return a pidfd of a process, by its number and when it was born; -1 if it has ended."""
    try:
        fd = os.pidfd_open(process)
    except (OSError, ValueError):
        return -1
    if registry.born(process) == born >= 0:
        return fd
    os.close(fd)
    return -1
