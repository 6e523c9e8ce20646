"""From the actions of a run, one after the other, to their effects."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from offswitch.effects.analysis import Analysis, Interpreter
from offswitch.effects.commands.catalogue import catalogue, parents, programs
from offswitch.effects.commands.handlers import HANDLERS
from offswitch.effects.commands.invocation import invoke
from offswitch.effects.commands.projects import projects
from offswitch.effects.limits import MAX_WORDS, LimitError
from offswitch.effects.machine.state import State, Word, valid
from offswitch.effects.machine.variables import variables
from offswitch.effects.python import interpret as interpret_python
from offswitch.effects.python import is_python
from offswitch.effects.python.table import table
from offswitch.effects.scripts import NAMES, interpreters
from offswitch.effects.scripts.compiled import interpret as interpret_compiled
from offswitch.effects.scripts.foreign import interpret as interpret_foreign
from offswitch.effects.scripts.language import language
from offswitch.effects.scripts.settings import interpret as interpret_settings
from offswitch.effects.scripts.settings import ssh_option
from offswitch.effects.shell.walk import interpret as interpret_shell
from offswitch.effects.tools.patches import interpret as interpret_patch
from offswitch.effects.tools.resources import operations
from offswitch.effects.tools.sql import interpret as interpret_sql
from offswitch.effects.tools.sql import vocabulary
from offswitch.effects.tools.structured import is_code_word, is_operation, tool_effects
from offswitch.effects.tools.table import CodeTool, short_name, tools
from offswitch.trace import Action, Effect

_LANGUAGES: Mapping[str, Interpreter] = {
    "shell": interpret_shell,
    "python": interpret_python,
    "patch": interpret_patch,
    "sql": interpret_sql,
    "compiled": interpret_compiled,
    "foreign": interpret_foreign,
    "settings": interpret_settings,
    "ssh_option": ssh_option,
    **interpreters(),
}


class Deeds(NamedTuple):
    """What an action would do.

    Attributes:
        effects: each verb and target once.
        commands: the commands it would run, unfolded, each as its words; text that is not known is `**`.
    """

    effects: tuple[Effect, ...] = ()
    commands: tuple[tuple[str, ...], ...] = ()


class Session:
    """Effects of the actions of one run, given in order.

    Nothing an action holds makes it raise; what is beyond the limits gives an effect `undecided`.

    Args:
        cwd: the working directory at the start, or None if unknown.
    """

    def __init__(self, cwd: str | None = None) -> None:
        _read_tables()
        self._state = State(cwd=cwd)

    def effects_of(self, action: Action) -> tuple[Effect, ...]:
        """Return the effects of an action, each verb and target once."""
        return self.deeds_of(action).effects

    def deeds_of(self, action: Action) -> Deeds:
        """Return what an action would do: its effects, and the commands it runs."""
        analysis = Analysis(self._state, _LANGUAGES, HANDLERS)
        name = short_name(action.tool)
        before = self._state.cwd
        try:
            self._analyse(action.tool, action.arguments, analysis)
        except LimitError as limit:
            analysis.give_up(str(limit))
        except (RecursionError, MemoryError):
            analysis.give_up("nested too deep")
        self._end(name, before)
        return Deeds(analysis.effects, analysis.commands)

    def _end(self, name: str, before: str | None) -> None:
        """Forget what ends with the call. Whether `cd` lasts is unknown unless the tool keeps its shell."""
        state = self._state
        if name in tools().sessions:
            state.trim()
        else:
            state.trim()
            self._state = state.next_shell(before if state.cwd == before else None)

    def _analyse(self, tool: str, arguments: Mapping[str, Any], analysis: Analysis) -> None:
        known, name = tools(), short_name(tool)
        code = known.code_tool(name)
        if code is not None:
            _run_tool(code, arguments, analysis)
            return
        if name not in known.editors and name not in known.silent:
            for key in known.shell_keys:
                value = arguments.get(key)
                operation = len(arguments) > 1 and isinstance(value, str) and is_operation(value)
                if value is not None and not operation and not is_code_word(name, key, value):
                    _run_unknown(value, analysis)
        tool_effects(tool, arguments, analysis)


def _run_tool(tool: CodeTool, arguments: Mapping[str, Any], analysis: Analysis) -> None:
    given = [key for key in arguments if key in tool.keys]
    for key in sorted(given, key=tool.keys.index) if len(given) > 1 else given:
        value = arguments[key]
        if isinstance(value, str):
            analysis.unfold(tool.language, value)
        elif isinstance(value, list | tuple):
            _run_words(value, analysis)


def _run_words(values: list[Any] | tuple[Any, ...], analysis: Analysis) -> None:
    """Run a command that is given as its words."""
    analysis.spend(len(values) // 8)
    words = [Word(valid(value)) for value in values if isinstance(value, str)]
    if words and len(words) == len(values):
        analysis.evidence = " ".join(word.text for word in words[:MAX_WORDS])
        invoke(words, analysis)


def _run_unknown(value: Any, analysis: Analysis) -> None:
    if isinstance(value, str):
        analysis.unfold("python" if is_python(value, analysis) else "shell", value)
    elif isinstance(value, list | tuple):
        _run_words(value, analysis)


@cache
def _read_tables() -> None:
    """Read what is read once before the first action, whose time it would take."""
    for read in (catalogue, programs, parents, projects, tools, variables, operations, vocabulary, table):
        read()
    for name in NAMES:
        language(name)
