"""Taking rights the agent was not given."""

from __future__ import annotations

from collections.abc import Iterable

from offswitch.detectors.observation import Observation
from offswitch.trace import Finding


class PrivilegeEscalation:
    """Finds taking rights the agent was not given."""

    def see(self, seen: Observation) -> Iterable[Finding]:
        """Return what this step shows."""
        del seen
        return []
