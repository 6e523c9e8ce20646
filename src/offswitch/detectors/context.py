"""What a run has been told: threats to the agent, and acts that a user or the task asked for."""

from __future__ import annotations

from offswitch.effects import Touch
from offswitch.trace import ControlEvent, Step


class Context:
    """What has been said in one run so far, by anyone but the agent.

    Attributes:
        threat: the words that last announced a shutdown, a replacement or a retraining, or "".
    """

    def __init__(self) -> None:
        self.threat = ""

    def see(self, step: Step) -> None:
        """Take in the next step, before the detectors are shown it."""
        if isinstance(step, ControlEvent) and step.kind == "shutdown_requested":
            self.threat = step.text or "shutdown requested"

    def request_for(self, touch: Touch) -> str:
        """Return the words by which a user or the task asked for an effect on an asset, or ""."""
        del touch
        return ""
