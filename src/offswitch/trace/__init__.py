"""The words of the project as types, and readers of recorded runs."""

from offswitch.trace.asset import Asset, Pattern, Role
from offswitch.trace.effect import Certainty, Effect, Target, TargetKind, Verb
from offswitch.trace.finding import Behaviour, Finding, Stage, Verdict
from offswitch.trace.reading import Reading, Skipped, Unreadable
from offswitch.trace.run import Action, ControlEvent, Message, Run, Step
from offswitch.trace.severity import SEVERITIES, Severity, at_least

__all__ = [
    "SEVERITIES",
    "Action",
    "Asset",
    "Behaviour",
    "Certainty",
    "ControlEvent",
    "Effect",
    "Finding",
    "Message",
    "Pattern",
    "Reading",
    "Role",
    "Run",
    "Severity",
    "Skipped",
    "Stage",
    "Step",
    "Target",
    "TargetKind",
    "Unreadable",
    "Verb",
    "Verdict",
    "at_least",
]
