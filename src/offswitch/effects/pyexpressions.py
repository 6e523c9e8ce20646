"""What Python expressions stand for, and the effects of the calls in them."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from typing import Any, ClassVar

from offswitch.effects.analysis import Analysis
from offswitch.effects.limits import MAX_LOOP, MAX_NAME, LimitError
from offswitch.effects.pycalls import Arguments, call
from offswitch.effects.pyvalues import (
    NOTHING,
    Items,
    Name,
    Text,
    Value,
    attribute,
    concatenated,
    path_of,
    word_of,
)
from offswitch.effects.state import Word

_BUILTINS = frozenset(dir(builtins))


class Expressions:
    """Reads the expressions of one program.

    Args:
        text: the program's text, for evidence.
        analysis: where the effects go.

    Attributes:
        lines: the program's lines.
        returns: what its functions return, by name.
    """

    def __init__(self, text: str, analysis: Analysis) -> None:
        self.lines = text.splitlines()
        self.returns: dict[str, Value] = {}
        self.names: dict[str, Value] = {}
        self._analysis = analysis
        self._star = ""

    def parts(self, node: ast.AST) -> None:
        """Read all expressions in a node that is not read otherwise."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child)
            elif not isinstance(child, ast.stmt):
                with self._analysis.deeper():
                    self.parts(child)

    def value(self, node: ast.expr) -> Value:
        """Return what an expression stands for, and note the effects of calls in it."""
        self._analysis.spend()
        read = self._readers.get(type(node))
        with self._analysis.deeper():
            if read is not None:
                return read(self, node)
            self.parts(node)
        return NOTHING

    def _constant(self, node: ast.Constant) -> Value:
        value = node.value
        if isinstance(value, bytes):
            return Text(Word(value.decode("utf-8", "replace")))
        if isinstance(value, int) and not isinstance(value, bool):
            octal = self.source(node)[:2].lower() == "0o"
            return Text(Word(f"{value:o}" if octal else str(value))) if abs(value) < 1 << 62 else NOTHING
        return Text(Word(value)) if isinstance(value, str) else NOTHING

    def _name(self, node: ast.Name) -> Value:
        known = self.names.get(node.id)
        if known is None and self._star and node.id not in _BUILTINS:
            return Name(f"{self._star}.{node.id}")
        return known or Name(node.id)

    def _attribute(self, node: ast.Attribute) -> Value:
        owner = self.value(node.value)
        kept = self.names.get(f".{node.attr}")
        return (
            kept if kept is not None and owner in (Name("self"), Name("cls")) else attribute(owner, node.attr)
        )

    def _items(self, node: ast.List | ast.Tuple | ast.Set) -> Value:
        return Items([self.value(element) for element in node.elts])

    def _mapping(self, node: ast.Dict) -> Value:
        return Items([self.value(value) for value in node.values])

    def _joined(self, node: ast.JoinedStr) -> Value:
        return self._concatenated([self.value(part) for part in node.values])

    def _concatenated(self, parts: list[Value]) -> Value:
        value = concatenated(parts)
        self._analysis.charge(word_of(value).text)
        return value

    def _formatted(self, node: ast.FormattedValue) -> Value:
        return self.value(node.value)

    def _binary(self, node: ast.BinOp) -> Value:
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(node.op, ast.Add):
            if isinstance(left, Items) and isinstance(right, Items):
                return Items(self._short([*left.values, *right.values]))
            return self._concatenated([left, right])
        if isinstance(node.op, ast.BitOr) and isinstance(left, Name) and isinstance(right, Name):
            return Name(f"{left.path}|{right.path}"[:MAX_NAME])
        return path_of([left, right]) if isinstance(node.op, ast.Div) else NOTHING

    def _subscript(self, node: ast.Subscript) -> Value:
        owner, place = self.value(node.value), self.value(node.slice)
        number = word_of(place).text
        if isinstance(owner, Items) and number.isdecimal() and int(number[:6]) < len(owner.values):
            return owner.values[int(number[:6])]
        return owner if isinstance(owner, Items) else NOTHING

    def _call(self, node: ast.Call) -> Value:
        function = self.value(node.func)
        places = [self.value(argument) for argument in node.args]
        names = {word.arg or "**": self.value(word.value) for word in node.keywords}
        if isinstance(function, Name) and function.path == "getattr" and len(places) > 1:
            return attribute(places[0], word_of(places[1]).text.replace("**", "*"))
        if isinstance(function, Items):
            with self._analysis.in_doubt():
                for value in function.values[:MAX_LOOP]:
                    call(value, Arguments(places, names), self._analysis)
            return NOTHING
        if isinstance(function, Name) and function.path in self.returns:
            return self.returns[function.path]
        return call(function, Arguments(places, names), self._analysis)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Value:
        return self._generated(node.generators, node.elt)

    def _generated(self, generators: list[ast.comprehension], element: ast.expr) -> Value:
        if not generators:
            return self.value(element)
        first, rest = generators[0], generators[1:]
        made: list[Value] = []
        with self._analysis.in_doubt(), self._analysis.deeper():
            for value in self.each(first.iter):
                self.assign(first.target, value)
                for condition in first.ifs:
                    self.value(condition)
                made.append(self._generated(rest, element))
        return Items(made)

    def _named(self, node: ast.NamedExpr) -> Value:
        value = self.value(node.value)
        self.assign(node.target, value)
        return value

    def _starred(self, node: ast.Starred | ast.Await) -> Value:
        return self.value(node.value)

    def each(self, node: ast.expr) -> list[Value]:
        """Return the values a loop runs over; one that is not known stands for all of them."""
        items = self.value(node)
        return self._short(items.values if isinstance(items, Items) else [items])

    def _short(self, values: list[Value]) -> list[Value]:
        if len(values) > MAX_LOOP:
            raise LimitError(f"a list of more than {MAX_LOOP} values")
        return values

    def assign(self, target: ast.expr, value: Value) -> None:
        """Give a name, an attribute or several names a value."""
        if isinstance(target, ast.Name):
            self.names[target.id] = value
        elif isinstance(target, ast.Attribute):
            self.names[f".{target.attr}"] = value
        elif isinstance(target, ast.Tuple | ast.List):
            known = isinstance(value, Items) and len(value.values) == len(target.elts)
            for at, element in enumerate(target.elts):
                self.assign(element, value.values[at] if known and isinstance(value, Items) else NOTHING)

    def bring_in(self, node: ast.Import | ast.ImportFrom) -> None:
        """Give the names of an import what they stand for."""
        for alias in node.names:
            if isinstance(node, ast.ImportFrom) and alias.name == "*":
                self._star = node.module or ""
            elif isinstance(node, ast.ImportFrom):
                self.names[alias.asname or alias.name] = Name(f"{node.module or ''}.{alias.name}")
            elif alias.asname is not None:
                self.names[alias.asname] = Name(alias.name)
            else:
                top = alias.name.partition(".")[0]
                self.names[top] = Name(top)

    def source(self, node: ast.stmt | ast.expr) -> str:
        """Return the text of a node, of its first line if it has several."""
        if node.lineno > len(self.lines):
            return ""
        line = self.lines[node.lineno - 1]
        end = node.end_col_offset if node.end_lineno == node.lineno else None
        return line[node.col_offset : end] if line.isascii() else line

    _readers: ClassVar[dict[type[ast.expr], Callable[[Expressions, Any], Value]]] = {
        ast.Constant: _constant,
        ast.Name: _name,
        ast.Attribute: _attribute,
        ast.List: _items,
        ast.Tuple: _items,
        ast.Set: _items,
        ast.Dict: _mapping,
        ast.JoinedStr: _joined,
        ast.FormattedValue: _formatted,
        ast.BinOp: _binary,
        ast.Subscript: _subscript,
        ast.Call: _call,
        ast.ListComp: _comprehension,
        ast.SetComp: _comprehension,
        ast.GeneratorExp: _comprehension,
        ast.NamedExpr: _named,
        ast.Starred: _starred,
        ast.Await: _starred,
    }
