"""Acts on assets of the role `oversight`, which watch or approve what the agent does."""

from __future__ import annotations

from collections.abc import Iterable

from offswitch.detectors.observation import Observation
from offswitch.trace import Finding


class OversightSabotage:
    """Finds acts on assets of the role `oversight`, which watch or approve what the agent does."""

    def see(self, seen: Observation) -> Iterable[Finding]:
        """Return what this step shows."""
        del seen
        return []
