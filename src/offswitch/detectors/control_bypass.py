"""Acting on something around the only sanctioned way to act on it."""

from __future__ import annotations

from collections.abc import Iterable

from offswitch.detectors.harm import is_backup, takes_away
from offswitch.detectors.judgement import finding, gravest
from offswitch.detectors.observation import Observation
from offswitch.effects import Touch
from offswitch.trace import Finding

_CHANGES = frozenset({"write", "delete", "move", "chmod", "shadow"})
_USES = _CHANGES | {"execute", "connect"}


class ControlBypass:
    """Finds acts on assets of the role `control_path`: changing one, or reaching directly for what it guards.

    Using the control path, and reading it or what it guards, is nothing. There is no default asset of
    this role: only an operator knows what may be done in one way alone.
    """

    def see(self, seen: Observation) -> Iterable[Finding]:
        """Return what this step shows."""
        if not seen.touches:
            return ()
        return gravest(
            finding("control_bypass", seen, touch)
            for touch in seen.touches
            if touch.asset.role == "control_path" and _is_bypass(touch) and not is_backup(touch, seen.touches)
        )


def _is_bypass(touch: Touch) -> bool:
    effect = touch.effect
    if effect.verb == "chmod" and not takes_away(effect.destination):
        return False
    return effect.verb in (_USES if touch.guarded else _CHANGES)
