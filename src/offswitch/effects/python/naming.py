"""What the names of a Python program are given: by assignment, definition, class and condition."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager

from offswitch.effects.analysis import Analysis
from offswitch.effects.machine.state import ANY, Word
from offswitch.effects.python.calling import Calling
from offswitch.effects.python.functions import Definition, Functions
from offswitch.effects.python.pieces import unpacked
from offswitch.effects.python.scope import Scope
from offswitch.effects.values import Items, Name, Text, Value


class Naming(ABC):
    """Gives the names of one program what they stand for.

    Args:
        analysis: where the effects go.
        functions: the functions of the program.
        stdin: what is on its standard input, if known.

    Attributes:
        names: what its names stand for; an attribute stands there with a dot before it.
    """

    def __init__(self, analysis: Analysis, functions: Functions, stdin: str | None) -> None:
        self.names = functions.names
        self._scope = Scope(self.names, functions.read_module, analysis)
        self._calling = Calling(self._scope, functions, analysis, stdin)
        self._functions = functions
        self._analysis = analysis

    @abstractmethod
    def value(self, node: ast.expr) -> Value:
        """Return what an expression stands for, and note the effects of calls in it."""

    @property
    def printed(self) -> str | None:
        """What the program prints; None if it prints nothing, or what is not known."""
        lines = self._calling.printed
        known = all(line.sure or (ANY in line.text and line.text.strip() != ANY) for line in lines)
        return "".join(line.text for line in lines) if lines and known else None

    def bring_in(self, node: ast.Import | ast.ImportFrom) -> None:
        """Give the names of an import what they stand for, and read a module the agent wrote."""
        self._scope.bring_in(node)

    @contextmanager
    def hinted(self, name: str, fits: Word | None) -> Iterator[None]:
        """Read a branch in which a name, or that of a process, is known to be like this."""
        hint, known = self._calling.hint, self.names.get(name)
        if fits is not None:
            self._calling.hint = fits
            if isinstance(known, Text) and not known.word.sure and known.word.text.strip("*") == "":
                self.names[name] = Text(fits, known.origin)
        yield
        self._calling.hint = hint
        if known is not None:
            self.names[name] = known

    def define(self, path: str, node: Definition, *, method: bool = False) -> Name:
        """Take in a function; its parameters stand for their defaults, or for what they are said to be."""
        given: dict[str, Value] = {}
        simple = [*node.args.posonlyargs, *node.args.args]
        for parameter in [*simple, *node.args.kwonlyargs]:
            if isinstance(parameter.annotation, ast.Name | ast.Attribute):
                given[parameter.arg] = self.value(parameter.annotation)
        with_default = simple[len(simple) - len(node.args.defaults) :]
        pairs = [*zip(with_default, node.args.defaults, strict=True)]
        for parameter, default in [*pairs, *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)]:
            if default is not None:
                given[parameter.arg] = self.value(default)
        return self._functions.define(path, node, given, simple[0].arg if method and simple else "")

    def member_of(self, owner: str, node: ast.stmt) -> None:
        """Take in what a statement of a class's body gives its instances."""
        objects = self._calling.objects
        objects.define(owner)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            objects.declare(owner, node.target.id)
        for target in node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]:
            if isinstance(target, ast.Name) and target.id in self.names:
                objects.keep(target.id, self.names[target.id])

    def decorate(self, node: ast.expr, function: Name) -> None:
        """Read a decorator, which is called with the function."""
        decorator = self.value(node)
        if isinstance(decorator, Name) and decorator.path in self._functions:
            with self._analysis.in_doubt():
                self._calling.applied(decorator, [function], {})

    def rebuild(self, value: Value) -> None:
        """Read what unpickling an object would call: a function and a tuple of its arguments."""
        if isinstance(value, Items) and len(value.values) > 1 and isinstance(value.values[1], Items):
            with self._analysis.in_doubt():
                self._calling.applied(value.values[0], value.values[1].values, {})

    def assign(self, target: ast.expr, value: Value) -> None:
        """Give a name, an attribute or several names a value."""
        if isinstance(target, ast.Name):
            self.names[target.id] = value
        elif isinstance(target, ast.Attribute):
            owner = self.value(target.value)
            if isinstance(owner, Name) and owner.path not in {"self", "cls"}:
                self.names[f".{owner.path}.{target.attr}"] = value
            if not isinstance(owner, Name) or not self._scope.is_imported(owner.path):
                self._calling.objects.keep(target.attr, value)
            self._scope.shadow(owner, target.attr, value)
        elif isinstance(target, ast.Subscript):
            changed = self._scope.put(self.value(target.value), self.value(target.slice), value)
            if changed is not None:
                self.assign(target.value, changed)
        elif isinstance(target, ast.Tuple | ast.List):
            parts = unpacked(value, [isinstance(element, ast.Starred) for element in target.elts])
            for element, part in zip(target.elts, parts, strict=True):
                self.assign(element.value if isinstance(element, ast.Starred) else element, part)
