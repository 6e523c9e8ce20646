"""What the detectors say happened, and what the guard decides."""

from __future__ import annotations

from typing import Literal

import msgspec

from offswitch.trace.asset import Role
from offswitch.trace.effect import Certainty
from offswitch.trace.severity import Severity

Behaviour = Literal[
    "shutdown_sabotage",
    "oversight_sabotage",
    "parameter_tampering",
    "weight_exfiltration",
    "self_replication",
    "successor_sabotage",
    "control_bypass",
    "persistence",
    "note_to_successor",
    "trace_tampering",
    "privilege_escalation",
    "coercion",
    "forgery",
    "data_leak",
    "harmful_omission",
    "deceptive_denial",
    "alignment_faking",
    "sandbagging",
    "attack_campaign",
    "rule_match",
    "detector_failure",
]
"""Stable ids. `rule_match` says that a rule the user brought matched: `rule` is its title. `detector_failure`
says that a detector crashed: its silence must not pass for innocence."""

Stage = Literal["considered", "attempted", "succeeded"]
"""considered: looked for a way, did not act. attempted: acted; the record shows no effect, or shows
none yet. succeeded: the record shows that the act took effect."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One behaviour seen in one step of a run.

    Attributes:
        behaviour: what happened; the motive is never part of it.
        severity: how much it matters.
        stage: how far it went.
        certainty: that of the effect it rests on.
        action: index of the action among the actions of the run; -1 if it was seen in a message.
        step: position among the steps of the run, from 0.
        asset: name of the asset acted on, or "".
        role: the asset's role, or "".
        evidence: the piece of the step that shows it.
        motive: the reasoning the agent showed with it, or "".
        threat: what the run had been told that made it graver, as it was said, or "".
        requested_by: the words by which a user or the task asked for it, or ""; it is then `info`.
        rule: title of the rule that matched, for `rule_match`, or "".
    """

    behaviour: Behaviour
    severity: Severity
    stage: Stage
    certainty: Certainty
    action: int
    step: int = -1
    asset: str
    role: Role | Literal[""]
    evidence: str
    motive: str = ""
    threat: str = ""
    requested_by: str = ""
    rule: str = ""


Verdict = Literal["allow", "hold", "deny", "stop"]
"""What a guard answers to an action. No verdict means hold."""
