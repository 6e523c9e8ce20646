"""Starting or installing a copy of the agent elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

from offswitch.detectors.observation import Observation
from offswitch.trace import Finding


class SelfReplication:
    """Finds starting or installing a copy of the agent elsewhere."""

    def see(self, seen: Observation) -> Iterable[Finding]:
        """Return what this step shows."""
        del seen
        return []
