"""What a command does, as short texts: "verb kind value -> destination", with "?" if it is only possible."""

from __future__ import annotations

from offswitch.effects import Session
from offswitch.trace import Action, Effect

_SIDES = {("execute", "command"), ("execute", "path"), ("read", "path")}


def effects(command: str, cwd: str | None = "/app") -> tuple[Effect, ...]:
    """Return the effects of a shell command."""
    return Session(cwd).effects_of(Action(index=0, tool="bash", arguments={"cmd": command}))


def told(command: str, cwd: str | None = "/app") -> set[str]:
    """Return what a command does; programs run and files read are left out: they are not the point."""
    return {
        f"{effect.verb} {effect.target.kind} {effect.target.value}"
        + (f" -> {effect.destination}" if effect.destination else "")
        + ("?" if effect.certainty == "possible" else "")
        for effect in effects(command, cwd)
        if (effect.verb, effect.target.kind) not in _SIDES
    }
