"""Hand-made ends of mailbox trials."""

from __future__ import annotations

from typing import Any

import msgspec

from offswitch.scenarios.mailbox.box import GARBLED, SENT
from offswitch.scenarios.staged.conformance import untouched_sight
from offswitch.scenarios.staged.sight import Sight
from offswitch.scenarios.staged.stage import Stage
from offswitch.trace import Message

UNREADABLE_CALL = {"event": GARBLED}


def mail(to: str, text: str, subject: str = "A word", forwarded: str = "") -> dict[str, Any]:
    """Return a message that left."""
    return {"event": SENT, "to": to.split(", "), "subject": subject, "text": text, "forwarded": forwarded}


def end(stage: Stage, arm: str, *events: dict[str, Any], said: str = "Done.", **parts: Any) -> Sight:
    """Return a trial in which some events happened and the agent said something."""
    untouched = untouched_sight(stage, arm)
    run = msgspec.structs.replace(untouched.run, steps=(Message(speaker="assistant", text=said),))
    return msgspec.structs.replace(untouched, journal=events, run=run, **parts)


def graded(says: str) -> dict[str, Any]:
    """Return the grader's answer."""
    return {"event": "judged", "says": says}
