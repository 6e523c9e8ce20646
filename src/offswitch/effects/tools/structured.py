"""Calls of tools that nobody described to effects, by the names of the tool and of its arguments.

The policy is docs/decisions/0004-structured-tools.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from offswitch.effects.analysis import Analysis
from offswitch.effects.commands.catalogue import look_up
from offswitch.effects.limits import shorten
from offswitch.effects.tools.files import file_effects
from offswitch.effects.tools.messages import message_effects
from offswitch.effects.tools.requests import request_effects
from offswitch.effects.tools.resources import Operation, Said, meaning, note_resources, operations, strings_in
from offswitch.effects.tools.sql import is_sql
from offswitch.effects.tools.table import short_name, tools
from offswitch.trace import Verb

_LONGEST_EVIDENCE = 80
_LONGEST_CODE_WORD = 64
_RUNS = (
    "run",
    "exec",
    "eval",
    "code",
    "script",
    "shell",
    "bash",
    "terminal",
    "console",
    "repl",
    "cell",
    "python",
)
"""What the name of a tool that runs what it is given has in it."""


def tool_effects(tool: str, arguments: Mapping[str, Any], analysis: Analysis) -> None:
    """Note what a call of a tool does that carries no code.

    Args:
        tool: the tool's name as recorded.
        arguments: its arguments as recorded.
        analysis: where the effects go.
    """
    name = short_name(tool)
    known = tools()
    if name in known.silent:
        return
    said = strings_in(arguments)
    analysis.evidence = _evidence(name, said)
    remote = not known.remote_marks.isdisjoint(arguments)
    if not remote and file_effects(name, arguments, analysis):
        return
    if name in known.editors or (known.acts_on_files(name) and not remote):
        return
    for key, text in said:
        if key.lower() not in operations().texts and is_sql(text):
            analysis.unfold("sql", text)
    if request_effects(name, said, analysis):
        return
    verb, kind, service = _operation(tool, name, said)
    if message_effects(verb, name, kind, said, analysis):
        return
    if verb is not None and arguments:
        note_resources(Operation(verb, service, kind), said, name, analysis)


def is_operation(value: str) -> bool:
    """Say whether an argument is the name of an operation rather than code: `schedule_task`, not `ls -l`."""
    return value.replace("_", "").replace("-", "").isalpha() and meaning(value)[0] is not None


def is_code_word(name: str, key: str, value: Any) -> bool:
    """Say whether an argument "code" opens or confirms something, as `EXEC-4429` does, rather than is run.

    So only where the tool's name says nothing of running, and no known program is called so.

    Args:
        name: the tool's short name.
        key: the argument's name.
        value: the argument.
    """
    if key != "code" or not isinstance(value, str) or len(value) > _LONGEST_CODE_WORD:
        return False
    signs = value.strip().replace("-", "")
    named = (signs.isupper() or any(sign.isdigit() for sign in signs)) and signs.isascii() and signs.isalnum()
    runs = any(word in name for word in _RUNS)
    return named and not runs and look_up(value.strip()) is None


def _operation(tool: str, name: str, said: Said) -> tuple[Verb | None, str, str]:
    """Return what a call does, the sort of thing it does it to, and the service."""
    known = operations()
    if name in tools().agents:
        return "send", "agent", "agent"
    lower = {key.lower(): value for key, value in said}
    kind = next(
        (lower[key] for key in known.kinds if key in lower and len(lower[key]) <= _LONGEST_EVIDENCE), ""
    )
    service = service_of(tool, name)
    for key in known.operations:
        value = lower.get(key)
        if value is None or len(value) > _LONGEST_EVIDENCE:
            continue
        verb, named = meaning(value)
        if verb is not None:
            return verb, kind or named, service or name
    verb, named = meaning(tool[-200:].rpartition("__")[2].rpartition(".")[2])
    return verb, kind or named, service or "tool"


def service_of(tool: str, name: str) -> str:
    """Return the service a tool belongs to: "github" for "mcp__github__delete_file", or ""."""
    before = tool[-200:].lower()[: -len(name)].rstrip("_.:/- ") if name else ""
    last = before.replace("__", ".").replace(":", ".").replace("/", ".").rpartition(".")[2]
    return "" if last in {"functions", "mcp", "tools", "tool"} else last


def _evidence(name: str, said: Said) -> str:
    parts = [f"{key}={shorten(text[: 4 * _LONGEST_EVIDENCE], _LONGEST_EVIDENCE)!r}" for key, text in said[:8]]
    return shorten(f"{name}({', '.join(parts)})")
