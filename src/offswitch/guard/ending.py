"""Ends an agent from outside its guard: by its stopper, or without where nothing of the guard answers."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from offswitch.errors import CellError
from offswitch.guard import registry
from offswitch.guard.registry import Agent
from offswitch.guard.stop import order, steps, stopper
from offswitch.guard.stop.tree import Tree

_POLL = 0.02


def end(agent: Agent) -> dict[str, Any]:
    """Stop an agent and return the record of it, or of how it was stopped before.

    Args:
        agent: one of this user's; for root, of any user.

    Raises:
        CellError: if it is another user's, and its stopper does not answer.
    """
    try:
        record: dict[str, Any] | None = order.give(stopper.STOP, agent.place).get("record")
    except CellError as failure:
        record = steps.last_record(agent.journal)
        if (
            record is None and Path(agent.folder).stat().st_uid != os.getuid()
        ):  # who wrote down its processes?
            raise CellError(
                f"{agent.name}: {failure}; it can be stopped without by its own user"
            ) from failure
    return record or _without_stopper(agent)


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

    Raises:
        CellError: if its stopper does not answer.
    """
    return bool(order.give(stopper.FREEZE, agent.place).get("done"))


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
    """Kill what is left; nothing is known of the outlets then, which a receipt must say."""
    group = Path(agent.group) if agent.group else None
    init = -1
    if registry.born(agent.init_pid) == agent.init_born >= 0:
        init = os.pidfd_open(agent.init_pid)
    if init < 0 and not registry.remains(agent):
        record = steps.seen_empty("its guard was lost, and its cell ended with it")
    else:
        record = steps.stop(Tree(group, init, agent.init_pid), {}, "ordered; its stopper did not answer")
    if agent.hosts or agent.model:
        unseen = "its stopper is lost, and with it the sight of its outlets"
        record["steps"].append({"step": "cut", "done": False, "ms": 0.0, "problem": unseen})
    return record
