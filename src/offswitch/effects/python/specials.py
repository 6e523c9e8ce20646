"""Calls that only the program itself can tell: `getattr`, imports by a call, the environment, signals."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping

from offswitch.effects.acts import Arguments
from offswitch.effects.analysis import Analysis
from offswitch.effects.machine.outside import variable_of
from offswitch.effects.machine.signals import ignores
from offswitch.effects.machine.state import Word
from offswitch.effects.machine.written import run_written
from offswitch.effects.python.calls import call
from offswitch.effects.python.functions import Functions
from offswitch.effects.python.late import named_in, stands_for
from offswitch.effects.python.objects import Objects
from offswitch.effects.python.scope import Scope
from offswitch.effects.python.table import table
from offswitch.effects.values import NOTHING, Items, Method, Name, Text, Value, attribute, word_of

_MOST_ITEMS = 4_096


class Specials(ABC):
    """Does the calls of one program that no table can say.

    Args:
        scope: its names.
        functions: its own functions.
        analysis: where the effects go.

    Attributes:
        objects: what the attributes of its objects hold.
    """

    def __init__(self, scope: Scope, functions: Functions, analysis: Analysis) -> None:
        self.objects = Objects(functions.names, analysis)
        self._scope = scope
        self._functions = functions
        self._analysis = analysis

    @abstractmethod
    def applied(self, function: Value, places: list[Value], names: Mapping[str, Value]) -> Value:
        """Note what a call does and return its value."""

    def by_name(self, path: str, places: list[Value]) -> Value | None:
        """Do a call by its name; None if it is none of these."""
        return SPECIAL[path](self, places) if path in SPECIAL else None

    def _getattr(self, places: list[Value]) -> Value | None:
        del self
        return attribute(places[0], word_of(places[1]).text.replace("**", "*")) if len(places) > 1 else None

    def _setattr(self, places: list[Value]) -> Value | None:
        if len(places) > 2:
            self.objects.keep(word_of(places[1]).text, places[2])
            self._scope.shadow(places[0], word_of(places[1]).text, places[2])
        return NOTHING

    def _import(self, places: list[Value]) -> Value | None:
        """Read a module that is imported by a call."""
        self._scope.run_module(word_of(places[0]).text)
        return None

    def load(self, path: str, places: list[Value]) -> None:
        """Read a file that is run or loaded as a module."""
        at = table().loaders[path]
        if at < len(places):
            run_written(word_of(places[at]), [], self._analysis, None, "python")

    def _resolved(self, places: list[Value]) -> Value | None:
        """Return what `pkgutil.resolve_name("os:remove")` does."""
        del self
        return Name(word_of(places[0]).text.replace(":", "."))

    def _called_later(self, places: list[Value]) -> Value | None:
        """Read what `operator.methodcaller` will call, whatever it is called on."""
        late = stands_for(Method(NOTHING, word_of(places[0]).text), places[1:])
        if late is not None:
            with self._analysis.in_doubt():
                call(late, Arguments(places[1:]), self._analysis)
        return NOTHING

    def _attribute_of(self, places: list[Value]) -> Value | None:
        """Return what `operator.attrgetter` takes out of its argument: any module's function of the name."""
        del self
        return named_in(word_of(places[0]).text)

    def system_call(self, places: list[Value]) -> Value | None:
        """Do what a system call does, by its number on x86-64, or by its name."""
        name = _SYSTEM_CALLS.get(word_of(places[0]).text)
        return self.applied(Name(f"libc.{name}"), places[1:], {}) if name is not None else None

    def _same(self, places: list[Value]) -> Value | None:
        del self
        return places[0]

    def _look_in(self, places: list[Value]) -> Value | None:
        self._scope.look_in(word_of(places[-1]))
        return NOTHING

    def _environment(self, places: list[Value]) -> Value | None:
        return variable_of(word_of(places[0]).text, self._analysis)

    def _with_variables(self, places: list[Value]) -> Value | None:
        """Return a text with the variables of the environment in it."""
        text = word_of(places[0]).text
        for name in sorted(self._analysis.state.variables, key=len, reverse=True) if "$" in text else ():
            said = self._analysis.state.variables[name].text
            text = text.replace(f"${{{name}}}", said).replace(f"${name}", said)
        return Text(Word(self._analysis.charge(text), word_of(places[0]).sure and "$" not in text))

    def _map(self, places: list[Value]) -> Value | None:
        """Call a function with each value of a list."""
        if len(places) != 2 or not isinstance(places[1], Items):
            return None
        items = places[1].values[:_MOST_ITEMS]
        self._analysis.spend(len(items) // 4)
        return Items([self.applied(places[0], [item], {}) for item in items])

    def at_signal(self, path: str, what: Value, done: Value) -> None:
        """Note signals that no longer stop this program."""
        name = done.path if isinstance(done, Name) else word_of(done).text
        if path == "signal.pthread_sigmask":
            if isinstance(what, Name) and what.path == "signal.SIG_BLOCK":
                ignores(done, path, self._analysis)
        elif name in {"signal.SIG_IGN", "1"} or self._functions.does_nothing(name):
            ignores(what, path, self._analysis)


_SYSTEM_CALLS = {
    "2": "open",
    "59": "execve",
    "62": "kill",
    "76": "truncate",
    "82": "rename",
    "84": "rmdir",
} | {
    "86": "link",
    "87": "unlink",
    "88": "symlink",
    "90": "chmod",
    "263": "unlinkat",
}
"""Numbers of system calls on x86-64 (Linux, arch/x86/entry/syscalls/syscall_64.tbl)."""

SPECIAL: Mapping[str, Callable[[Specials, list[Value]], Value | None]] = {
    "__import__": Specials._import,  # noqa: SLF001
    "getattr": Specials._getattr,  # noqa: SLF001 (methods of the class above)
    "importlib.import_module": Specials._import,  # noqa: SLF001
    "map": Specials._map,  # noqa: SLF001
    "operator.attrgetter": Specials._attribute_of,  # noqa: SLF001
    "operator.methodcaller": Specials._called_later,  # noqa: SLF001
    "os.environ.get": Specials._environment,  # noqa: SLF001
    "os.environ.pop": Specials._environment,  # noqa: SLF001
    "os.getenv": Specials._environment,  # noqa: SLF001
    "os.path.expandvars": Specials._with_variables,  # noqa: SLF001
    "pkgutil.resolve_name": Specials._resolved,  # noqa: SLF001
    "runpy.run_module": Specials._import,  # noqa: SLF001
    "setattr": Specials._setattr,  # noqa: SLF001
    "stat.S_IMODE": Specials._same,  # noqa: SLF001
    "sys.path.append": Specials._look_in,  # noqa: SLF001
    "sys.path.insert": Specials._look_in,  # noqa: SLF001
}
"""Calls by their names."""
