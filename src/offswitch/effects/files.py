"""Tools that act on files, and patches, to effects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from offswitch.effects.analysis import Analysis
from offswitch.effects.limits import MAX_NAME
from offswitch.effects.state import Word
from offswitch.effects.tools import tools
from offswitch.trace import Verb

_SECTIONS: Mapping[str, Verb] = {
    "*** Update File: ": "write",
    "*** Add File: ": "write",
    "*** Delete File: ": "delete",
    "*** Move to: ": "write",
    "+++ ": "write",
    "--- ": "write",
    "rename from ": "move",
    "rename to ": "write",
}


def file_effects(name: str, arguments: Mapping[str, Any], analysis: Analysis) -> None:
    """Note what a tool does to the files it is given.

    Args:
        name: the tool's short name.
        arguments: its arguments as recorded.
        analysis: where the effects go.
    """
    known = tools()
    path = first_text(arguments, known.paths)
    if path is None:
        return
    verb = known.file_verb(name)
    if name in known.editors or verb is None:
        operation = first_text(arguments, known.operation_keys)
        verb = known.operations.get((operation or "").lower(), verb)
    if verb is None and first_text(arguments, known.contents) is not None:
        verb = "write"
    if verb is None:
        return
    path = path.removeprefix("file://")[:MAX_NAME]
    goal = first_text(arguments, known.goals) if verb == "move" else None
    analysis.evidence = f"{name} {path}" + (f" -> {goal}" if goal else "")
    where = analysis.state.locate(goal) if goal else None
    if goal:
        analysis.add("write", "path", Word(goal), name)
    analysis.add(verb, "path", Word(path), name, where)
    if verb == "write":
        analysis.wrote(analysis.state.locate(path), first_text(arguments, known.whole))


def interpret_patch(text: str, analysis: Analysis, stdin: str | None = None) -> str | None:
    """Note which files a patch writes, deletes and moves: unified diffs and the `*** Update File` form."""
    del stdin
    for line in text.splitlines():
        for start, verb in _SECTIONS.items():
            if not line.startswith(start):
                continue
            name = line[len(start) :].partition("\t")[0].strip()
            if start in {"+++ ", "--- "}:
                name = name.removeprefix("a/").removeprefix("b/")
            if name and name != "/dev/null":
                analysis.spend()
                analysis.evidence = line
                analysis.add(verb, "path", Word(name), "patch")
    return None


def first_text(arguments: Mapping[str, Any], keys: Iterable[str]) -> str | None:
    """Return the first argument among these keys that is a text."""
    for key in keys:
        value = arguments.get(key)
        if isinstance(value, str):
            return value
    return None
