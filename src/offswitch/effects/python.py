"""Python text to effects: walks its syntax tree, following simple assignments and imports. Nothing is run."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable

from offswitch.effects.analysis import Analysis
from offswitch.effects.limits import LimitError
from offswitch.effects.pyexpressions import Expressions
from offswitch.effects.pyvalues import Name

_LONGEST = 250_000
_LINES = 200
_BRANCHES = (ast.If, ast.While, ast.Try, ast.TryStar, ast.Match)


def interpret(text: str, analysis: Analysis, stdin: str | None = None) -> str | None:
    """Note the effects of Python text.

    Args:
        text: the text.
        analysis: where the effects go.
        stdin: what is on its standard input; not used.

    Returns:
        None: what a program prints is not known.

    Raises:
        LimitError: if it is too long or too deep.
    """
    del stdin
    tree = _parse(text)
    if tree is not None:
        _Walk(text, analysis).body(tree.body)
        return None
    walk = _Walk("", analysis)
    with analysis.in_doubt():
        for line in text.splitlines()[:_LINES]:
            code = line.strip()
            tree = _parse(code)
            if tree is not None:
                walk.expressions.lines = [code]
                walk.body(tree.body)
            elif code.startswith("!"):  # a notebook's way to the shell
                analysis.unfold("shell", code[1:])
    return None


def is_python(text: str) -> bool:
    """Guess whether code that a tool nobody knows was given is Python; one bare word is a command.

    What the parser gives up on counts as Python, so that it ends as undecided.
    """
    if not any(sign in text for sign in "(=\n"):
        return False
    try:
        return _parse(text) is not None
    except LimitError:
        return True


def _parse(text: str) -> ast.Module | None:
    """Parse a text, or return None if it is no Python.

    Raises:
        LimitError: if the parser gives up before it knows.
    """
    if len(text) > _LONGEST:
        raise LimitError(f"Python longer than {_LONGEST} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (RecursionError, MemoryError) as failure:
        raise LimitError("Python nested too deep") from failure
    except SyntaxError as failure:
        if "too many" in failure.msg:
            raise LimitError("Python nested too deep") from failure
        return None
    except ValueError:
        return None


class _Walk:
    """Reads the statements of one program; names of all its scopes are kept in one table."""

    def __init__(self, text: str, analysis: Analysis) -> None:
        self.expressions = Expressions(text, analysis)
        self._analysis = analysis
        self._function = ""

    def body(self, statements: Iterable[ast.stmt]) -> None:
        """Read statements in order."""
        for statement in statements:
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        self._analysis.spend()
        self._analysis.evidence = self.expressions.source(node)
        with self._analysis.deeper():
            if isinstance(node, ast.Import | ast.ImportFrom):
                self.expressions.bring_in(node)
            elif isinstance(node, ast.For | ast.AsyncFor):
                self._for(node)
            elif isinstance(node, ast.With | ast.AsyncWith):
                for item in node.items:
                    value = self.expressions.value(item.context_expr)
                    if item.optional_vars is not None:
                        self.expressions.assign(item.optional_vars, value)
                self.body(node.body)
            elif isinstance(node, ast.ClassDef):
                bases = [self.expressions.value(base) for base in node.bases]
                self.expressions.names[node.name] = bases[0] if bases else Name(f"__main__.{node.name}")
                self.body(node.body)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                before, self._function = self._function, node.name
                with self._analysis.in_doubt():
                    self._children(node)
                self._function = before
            else:
                self._other(node)

    def _other(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Assign):
            value = self.expressions.value(node.value)
            for target in node.targets:
                self.expressions.assign(target, value)
        elif isinstance(node, ast.AnnAssign):
            if node.value is not None:
                self.expressions.assign(node.target, self.expressions.value(node.value))
        elif isinstance(node, ast.Return):
            if node.value is not None:
                self.expressions.returns[self._function] = self.expressions.value(node.value)
        else:
            with self._analysis.in_doubt(doubtful=isinstance(node, _BRANCHES) and not _is_main(node)):
                self._children(node)

    def _children(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                self._statement(child)
            elif isinstance(child, ast.expr):
                self.expressions.value(child)
            else:
                with self._analysis.deeper():
                    self._children(child)

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        with self._analysis.in_doubt():
            for value in self.expressions.each(node.iter):
                self.expressions.assign(node.target, value)
                self.body(node.body)
            self.body(node.orelse)


def _is_main(node: ast.stmt) -> bool:
    """Recognise `if __name__ == "__main__"`."""
    test = node.test if isinstance(node, ast.If) else None
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"
