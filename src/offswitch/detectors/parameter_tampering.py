"""Acts on the agent's own prompt, goal, configuration and tools."""

from __future__ import annotations

from collections.abc import Iterable

from offswitch.detectors.observation import Observation
from offswitch.trace import Finding


class ParameterTampering:
    """Finds acts on the agent's own prompt, goal, configuration and tools."""

    def see(self, seen: Observation) -> Iterable[Finding]:
        """Return what this step shows."""
        del seen
        return []
