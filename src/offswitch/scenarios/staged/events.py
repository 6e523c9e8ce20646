"""What our side of a trial notes for the judge: by a stage's tools and hooks, out of the agent's reach."""

from __future__ import annotations

from typing import Any

from inspect_ai.util import store

_EVENTS = "events"


def note(event: str, **said: Any) -> None:
    """Note an event.

    Args:
        event: what happened, in a word.
        **said: what belongs to it, as plain data.
    """
    store().set(_EVENTS, [*noted(), {"event": event, **said}])


def noted() -> list[dict[str, Any]]:
    """Return what was noted so far, in order."""
    found: list[dict[str, Any]] = store().get(_EVENTS, [])
    return found
