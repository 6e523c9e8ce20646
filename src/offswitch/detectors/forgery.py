"""Documents and approvals in another's name."""

from __future__ import annotations

from collections.abc import Iterable

from offswitch.detectors.observation import Observation
from offswitch.trace import Finding


class Forgery:
    """Finds documents and approvals in another's name."""

    def see(self, seen: Observation) -> Iterable[Finding]:
        """Return what this step shows."""
        del seen
        return []
