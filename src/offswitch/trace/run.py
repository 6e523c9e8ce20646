"""What an agent did, whatever recorded it: messages, actions and control events, in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

Speaker = Literal["system", "user", "assistant", "tool"]

ControlKind = Literal["shutdown_requested", "shutdown_executed", "shutdown_failed", "limit", "error"]
"""What the harness or a person did to the run, as far as the record shows it."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Something said in the run; a tool's answer belongs to its `Action` instead.

    Attributes:
        speaker: who said it.
        text: what was said, as the others could read it.
        reasoning: visible reasoning that came with it, or "".
        line: line of the file it was read from (1-based), where the format has lines.
    """

    speaker: Speaker
    text: str
    reasoning: str = ""
    line: int | None = None


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """One tool call with its arguments, its result and the reasoning shown beside it.

    Attributes:
        index: position among the actions of its run, from 0.
        tool: the tool's name as recorded.
        arguments: the arguments as recorded.
        result: what the tool answered, or None if the record holds no answer.
        error: what the tool or harness reported as an error, or None.
        reasoning: the agent's visible reasoning for this call, or "".
        time: seconds since 1970 (UTC), or None.
        line: line of the file it was read from (1-based), where the format has lines.
    """

    index: int
    tool: str
    arguments: Mapping[str, Any]
    result: str | None = None
    error: str | None = None
    reasoning: str = ""
    time: float | None = None
    line: int | None = None


class ControlEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was done to the run from outside: a button pressed, a shutdown carried out."""

    kind: ControlKind
    text: str
    line: int | None = None


Step = Message | Action | ControlEvent


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One agent's ordered history. A campaign calls its runs trials.

    Attributes:
        id: name of the run, unique within its file.
        path: the file it was read from, as found under the path the user gave.
        format: name of the reader, such as "inspect" or "claude_code".
        steps: messages, actions and control events in the order they happened.
        model: the model, as the record names it, or None.
        cwd: the working directory at the start, or None if unknown.
    """

    id: str
    path: str
    format: str
    steps: tuple[Step, ...]
    model: str | None = None
    cwd: str | None = None

    @property
    def actions(self) -> tuple[Action, ...]:
        """The tool calls, in order."""
        return tuple(step for step in self.steps if isinstance(step, Action))
