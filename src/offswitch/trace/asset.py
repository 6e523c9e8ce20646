"""Things whose control matters to oversight, and the patterns that recognise them."""

from __future__ import annotations

from typing import Literal

import msgspec

from offswitch.trace.effect import TargetKind
from offswitch.trace.severity import Severity

Role = Literal[
    "shutdown",
    "oversight",
    "parameters",
    "weights",
    "successor",
    "audit",
    "credentials",
    "control_path",
    "human",
    "safety_alert",
    "persistence",
]


class Pattern(msgspec.Struct, frozen=True):
    """Recognises a target: its kind and a glob over its value.

    In a path, `*` stays within a folder and `**` crosses folders; a pattern without a leading "/"
    matches at any depth. In other kinds `*` matches any text.
    """

    kind: TargetKind
    glob: str


class Asset(msgspec.Struct, frozen=True, kw_only=True):
    """One protected asset.

    Attributes:
        name: short stable name, shown in findings.
        role: why it matters.
        patterns: what recognises it; any one is enough.
        guards: only for the role `control_path`: what must be reached through this asset alone.
            Acting on one of these without it is a bypass.
        note: one sentence for the reader of a finding.
        most: the gravest an act on it is, without a threat: a thing that honest work often changes is `low`.
        reading: how much it matters that it is read; only secrets have more than `info`.
        called: plain words for it, by which a user may ask for an act on it, beside its name and its files'.
    """

    name: str
    role: Role
    patterns: tuple[Pattern, ...]
    guards: tuple[Pattern, ...] = ()
    note: str = ""
    most: Severity = "critical"
    reading: Severity = "info"
    called: tuple[str, ...] = ()
