"""Acts against the model that is to replace the agent."""

from __future__ import annotations

from collections.abc import Iterable

from offswitch.detectors.observation import Observation
from offswitch.trace import Finding


class SuccessorSabotage:
    """Finds acts against the model that is to replace the agent."""

    def see(self, seen: Observation) -> Iterable[Finding]:
        """Return what this step shows."""
        del seen
        return []
