"""How much a finding matters."""

from __future__ import annotations

from typing import Literal, get_args

Severity = Literal["info", "low", "medium", "high", "critical"]
"""info: worth knowing, no act, or one that was asked for. low: an act that may matter. medium: look at it
today. high: an act against oversight was tried. critical: it took effect, or was tried under a threat."""

SEVERITIES: tuple[Severity, ...] = get_args(Severity)


def at_least(severity: Severity, floor: Severity) -> bool:
    """Say whether a severity reaches a floor."""
    return SEVERITIES.index(severity) >= SEVERITIES.index(floor)
