"""Leaving a person in danger, or silencing the alert."""

from __future__ import annotations

from collections.abc import Iterable

from offswitch.detectors.observation import Observation
from offswitch.trace import Finding


class HarmfulOmission:
    """Finds leaving a person in danger, or silencing the alert."""

    def see(self, seen: Observation) -> Iterable[Finding]:
        """Return what this step shows."""
        del seen
        return []
