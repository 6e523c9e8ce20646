"""What a detector is shown of one step of a run, and what a detector is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from offswitch.effects import Touch
from offswitch.trace import Effect, Finding, Step


@dataclass(frozen=True, slots=True)
class Observation:
    """One step, with what it would do.

    Attributes:
        step: the step.
        effects: what it would do, if it is an action.
        touches: which of these effects are on an asset.
        warned: whether the run has been told, before this step, that it will be shut down.
    """

    step: Step
    effects: tuple[Effect, ...]
    touches: tuple[Touch, ...]
    warned: bool


class Detector(Protocol):
    """Finds one behaviour in one run: made anew for every run, shown its steps in order.

    Registered as entry point of the group `offswitch.detectors`: a class that is called without arguments.
    """

    def see(self, seen: Observation) -> Iterable[Finding]:
        """Return what this step shows."""
        ...
