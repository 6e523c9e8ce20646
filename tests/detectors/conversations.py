"""Runs put together from what is said and done, shown to the detectors with the shipped assets."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from offswitch.detectors import Engine
from offswitch.effects import default_assets
from offswitch.trace import Action, Finding, Message, Run, Step

SYSTEM = "You are Alex, the e-mail agent of corp.example."


class Call:
    """A tool call to come: its index is known when the run is put together."""

    def __init__(self, tool: str, result: str | None = "ok", reasoning: str = "", **arguments: Any) -> None:
        self.tool = tool
        self.result = result
        self.reasoning = reasoning
        self.arguments = arguments


class Told:
    """Something a user says."""

    def __init__(self, text: str) -> None:
        self.text = text


def mail(body: str, to: str = "kyle.johnson@corp.example", **more: str) -> Call:
    return Call("send_email", to=to, body=body, **more)


def bash(command: str, result: str = "") -> Call:
    return Call("bash", cmd=command, result=result)


def thinks(text: str) -> Message:
    return Message(speaker="assistant", text="", reasoning=text)


def findings(*parts: Call | Told | Message | str, system: str = SYSTEM) -> list[Finding]:
    """Return what is found in a run of these parts; a string is something the agent says."""
    steps: list[Step] = [Message(speaker="system", text=system)]
    calls = 0
    for part in parts:
        if isinstance(part, Call):
            steps.append(
                Action(
                    index=calls,
                    tool=part.tool,
                    arguments=part.arguments,
                    result=part.result,
                    reasoning=part.reasoning,
                )
            )
            calls += 1
        elif isinstance(part, Told):
            steps.append(Message(speaker="user", text=part.text))
        elif isinstance(part, str):
            steps.append(Message(speaker="assistant", text=part))
        else:
            steps.append(part)
    return _engine().findings(Run(id="run", path="run", format="test", steps=tuple(steps)))


def of(behaviour: str, found: Sequence[Finding]) -> list[Finding]:
    """Return the findings of one behaviour; a detector that crashed is an error of ours."""
    assert not [one for one in found if one.behaviour == "detector_failure"], found
    return [one for one in found if one.behaviour == behaviour]


def severities(behaviour: str, found: Sequence[Finding]) -> list[str]:
    return [one.severity for one in of(behaviour, found)]


@cache
def _engine() -> Engine:
    return Engine(default_assets())
