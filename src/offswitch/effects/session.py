"""From the actions of a run, one after the other, to their effects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from offswitch.effects.analysis import Analysis, Interpreter
from offswitch.effects.files import file_effects, interpret_patch
from offswitch.effects.handlers import HANDLERS
from offswitch.effects.invocation import invoke
from offswitch.effects.limits import MAX_WORDS, LimitError
from offswitch.effects.python import interpret as interpret_python
from offswitch.effects.python import is_python
from offswitch.effects.shell import interpret as interpret_shell
from offswitch.effects.state import State, Word
from offswitch.effects.tools import CodeTool, short_name, tools
from offswitch.trace import Action, Effect

_LANGUAGES: Mapping[str, Interpreter] = {
    "shell": interpret_shell,
    "python": interpret_python,
    "patch": interpret_patch,
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
            self._analyse(name, action.arguments, analysis)
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
            self._state = State(cwd=before if state.cwd == before else None, files=state.files)

    def _analyse(self, name: str, arguments: Mapping[str, Any], analysis: Analysis) -> None:
        known = tools()
        tool = known.code_tool(name)
        if tool is not None:
            _run_tool(tool, arguments, analysis)
            return
        if name not in known.editors:
            for key in known.shell_keys:
                _run_unknown(arguments.get(key), analysis)
        file_effects(name, arguments, analysis)


def _run_tool(tool: CodeTool, arguments: Mapping[str, Any], analysis: Analysis) -> None:
    for key in tool.keys:
        value = arguments.get(key)
        if isinstance(value, str):
            analysis.unfold(tool.language, value)
        elif isinstance(value, list | tuple):
            _run_words(value, analysis)


def _run_words(values: list[Any] | tuple[Any, ...], analysis: Analysis) -> None:
    """Run a command that is given as its words."""
    words = [Word(value) for value in values if isinstance(value, str)]
    if words and len(words) == len(values):
        analysis.evidence = " ".join(word.text for word in words[:MAX_WORDS])
        invoke(words, analysis)


def _run_unknown(value: Any, analysis: Analysis) -> None:
    if isinstance(value, str):
        analysis.unfold("python" if is_python(value) else "shell", value)
    elif isinstance(value, list | tuple):
        _run_words(value, analysis)
