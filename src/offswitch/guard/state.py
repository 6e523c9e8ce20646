"""How a guarded agent is, as its stopper says, or as what is left of it shows."""

from __future__ import annotations

from typing import Literal

from offswitch.errors import CellError
from offswitch.guard import registry
from offswitch.guard.stop import order, steps, stopper

State = Literal["running", "paused", "lease", "stopped", "ended", "no answer", "unguarded"]
"""lease: frozen, because its supervisor is lost. no answer: its stopper is there, and does not answer in
time. unguarded: its stopper is gone, and processes of it are left."""

OVER: frozenset[State] = frozenset({"stopped", "ended"})
_PATIENCE = 1.0


def of(agent: registry.Agent) -> State:
    """Return how an agent is."""
    try:
        status = order.give(stopper.STATUS, agent.place, _PATIENCE)
    except order.NoAnswerError:
        return "no answer"
    except CellError:
        if registry.remains(agent):
            return "unguarded"
        return "stopped" if steps.last_record(agent.journal) else "ended"
    if status.get("record"):
        return "stopped"
    if status.get("supervisor_lost_seconds") is not None:
        return "lease"
    return "paused" if status.get("paused") else "running"
