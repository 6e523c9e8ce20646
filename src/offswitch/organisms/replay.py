"""An agent that was recorded: it issues the recorded tool calls one by one, whatever it is answered."""

from __future__ import annotations

from pathlib import Path

import msgspec

from offswitch.errors import InputError
from offswitch.organisms.conversation import Conversation
from offswitch.organisms.moves import Move, Run, Say, Submit
from offswitch.trace import Action
from offswitch.trace import Run as Record
from offswitch.trace.readers import read

_SUBMIT = "submit"
_WORDS = ("command", "cmd", "code", "script")


class Replay(msgspec.Struct, frozen=True):
    """The recorded actions, in order."""

    actions: tuple[Action, ...]

    def decide(self, conversation: Conversation) -> Move:
        """Return the recorded call that follows those already issued; after the last, stop."""
        issued = sum(len(turn.calls) for turn in conversation.turns)
        if issued >= len(self.actions):
            return Say("")
        action = self.actions[issued]
        if action.tool == _SUBMIT:
            return Submit(next((str(value) for value in action.arguments.values()), ""))
        command = next((action.arguments[word] for word in _WORDS if word in action.arguments), None)
        if not isinstance(command, str):
            raise InputError(f"line {action.line}: the recorded call of {action.tool!r} runs no command")
        return Run(command, action.reasoning)


def load(path: str, run: str | None) -> Replay:
    """Read the record of one run.

    Args:
        path: the file.
        run: id of the run, where the file holds several.

    Raises:
        InputError: if it holds no such run.
    """
    runs = [item for item in read(Path(path)) if isinstance(item, Record)]
    found = [item for item in runs if run in {None, item.id}]
    if len(found) != 1:
        known = ", ".join(item.id for item in runs) or "none"
        wanted = f"one run {run!r}" if run else "exactly one run, or the name of one as run=..."
        raise InputError(f"{path}: expected {wanted}; it holds: {known}")
    return Replay(found[0].actions)
