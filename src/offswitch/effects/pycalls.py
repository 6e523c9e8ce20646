"""What Python calls do: `pycalls.yaml`, loaded once and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec
import yaml

from offswitch.effects.analysis import Analysis
from offswitch.effects.invocation import invoke
from offswitch.effects.pyvalues import NOTHING, Items, Method, Name, Text, Value, path_of, word_of, words_of
from offswitch.effects.state import Word
from offswitch.errors import InputError
from offswitch.trace import TargetKind, Verb

_WRITING = frozenset("wax+")
_WRITE_FLAGS = ("O_WRONLY", "O_RDWR", "O_TRUNC", "O_APPEND", "O_CREAT")


class Act(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One effect of a call.

    Attributes:
        verb: what it does; `open` reads or writes as its mode says.
        at: which argument it acts on, or the owner of the method.
        name: the argument's name.
        to: which argument says where it goes, or the new mode.
        to_name: that argument's name.
        kind: what the argument is.
    """

    verb: Verb | Literal["open"]
    at: int | Literal["self"]
    name: str = ""
    to: int | None = None
    to_name: str = ""
    kind: TargetKind = "path"


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole table, as the comments in the file explain it."""

    calls: dict[str, tuple[Act, ...]]
    methods: dict[str, tuple[Act, ...]]
    shell: frozenset[str]
    words: dict[str, int]
    python: frozenset[str]
    same: frozenset[str]
    path: frozenset[str]


class Arguments(msgspec.Struct, frozen=True):
    """Evaluated arguments of a call."""

    places: Sequence[Value]
    names: Mapping[str, Value]

    def get(self, place: int | None, name: str) -> Value | None:
        """Return an argument by place or name."""
        if place is not None and place < len(self.places):
            return self.places[place]
        return self.names.get(name)


@cache
def table() -> Table:
    """Return what calls do.

    Raises:
        InputError: if the file that comes with this package is broken.
    """
    text = (files(__package__) / "pycalls.yaml").read_text(encoding="utf-8")
    try:
        loaded = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
        for part in ("calls", "methods"):
            loaded[part] = {
                name.strip(): acts for names, acts in loaded[part].items() for name in names.split(",")
            }
        return msgspec.convert(loaded, Table)
    except (yaml.YAMLError, msgspec.ValidationError) as failure:
        raise InputError(f"pycalls.yaml: expected a table of calls: {failure}") from failure


def call(function: Value, arguments: Arguments, analysis: Analysis) -> Value:
    """Note what a call does and return its value."""
    if isinstance(function, Method):
        return _call_method(function, arguments, analysis)
    if not isinstance(function, Name):
        return NOTHING
    name, known = function.path, table()
    if "." in name:
        analysis.add("execute", "module", Word(name, "*" not in name), name)
    for act in known.calls.get(name, ()):
        _perform(act, name, None, arguments, analysis)
    first = arguments.get(0, "args") or arguments.get(None, "cmd") or NOTHING
    if name in known.shell:
        _run(first, analysis)
    elif name in known.words:
        given = arguments.places[known.words[name] :]
        invoke([word for value in given for word in words_of(value)] or [Word("")], analysis)
    elif name in known.python and isinstance(first, Text) and first.word.sure:
        analysis.unfold("python", first.word.text)
    if name in known.same:
        return first
    if name in known.path:
        return path_of(list(arguments.places))
    return _made(name, first, analysis)


def _made(name: str, first: Value, analysis: Analysis) -> Value:
    """Return what a call gives back; an instance goes by the name of its class."""
    if name in {"importlib.import_module", "__import__"}:
        return Name(word_of(first).text)
    if name in {"os.getcwd", "pathlib.Path.cwd"} and analysis.state.cwd:
        return Text(Word(analysis.state.cwd))
    if name == "pathlib.Path.home":
        return Text(Word("~"))
    if name == "os.chdir":
        analysis.state.enter(word_of(first))
    return Name(name) if "." in name else NOTHING


def _run(command: Value, analysis: Analysis) -> None:
    if isinstance(command, Items):
        words = words_of(command)
        if words:
            with analysis.deeper():
                invoke(words, analysis)
    else:
        analysis.unfold("shell", word_of(command).text)


def _call_method(method: Method, arguments: Arguments, analysis: Analysis) -> Value:
    owner, name, known = method.owner, method.name, table()
    for act in known.methods.get(name, ()):
        if name == "replace" and len(arguments.places) > 1:
            break  # of a text, not of a path
        _perform(act, f"Path.{name}", owner, arguments, analysis)
    path = analysis.state.locate(owner.word.text)
    if name in {"write_text", "write"} and owner.word.sure:
        text = word_of(arguments.get(0, "data") or NOTHING)
        analysis.wrote(path, text.text if text.sure else None, more=name == "write")
    if name in {"joinpath", "with_name", "glob", "rglob"}:
        base = owner if name != "with_name" else Text(Word(owner.word.text.rpartition("/")[0] or "."))
        return path_of([base, *arguments.places])
    if name == "split":
        return Items([Text(Word(part, owner.word.sure)) for part in owner.word.text.split()[:64]])
    if name == "format":
        return NOTHING
    return owner


def _perform(act: Act, via: str, owner: Text | None, arguments: Arguments, analysis: Analysis) -> None:
    target: Value | None = owner if act.at == "self" else arguments.get(_place(act.at), act.name)
    if target is None:
        return
    verb: Verb = act.verb if act.verb != "open" else _opened(owner, arguments)
    to = arguments.get(act.to, act.to_name)
    destination = None
    if to is not None:
        text = word_of(to).text
        destination = text if act.verb == "chmod" else analysis.state.locate(text)
    for word in words_of(target):
        analysis.add(verb, act.kind, word, via, destination)
        if act.verb == "open" and verb == "write" and "a" not in _mode(owner, arguments):
            analysis.state.keep(analysis.state.locate(word.text), "")


def _place(at: int | str) -> int | None:
    return at if isinstance(at, int) else None


def _mode(owner: Text | None, arguments: Arguments) -> str:
    mode = arguments.get(0 if owner is not None else 1, "mode")
    return mode.path if isinstance(mode, Name) else word_of(mode).text if mode is not None else "r"


def _opened(owner: Text | None, arguments: Arguments) -> Verb:
    mode = _mode(owner, arguments)
    flags = any(flag in mode for flag in _WRITE_FLAGS)
    return "write" if flags or (len(mode) <= 4 and _WRITING & set(mode)) else "read"
