"""Shell text to effects: walks its syntax as a shell would run it, as far as the text tells."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import cache
from typing import ClassVar

import tree_sitter_bash
from tree_sitter import Language, Node, Parser, Tree

from offswitch.effects.analysis import Analysis
from offswitch.effects.invocation import invoke
from offswitch.effects.limits import MAX_LOOP, MAX_PIPES, LimitError
from offswitch.effects.redirects import Redirects
from offswitch.effects.state import UNKNOWN, Word
from offswitch.effects.words import Words

_CHUNK = 512
_REDIRECTS = frozenset({"herestring_redirect", "heredoc_redirect", "file_redirect"})
_RUN_BY_SHELLS = frozenset({"BASH_ENV", "ENV"})
_WORDS = frozenset(
    {
        "word",
        "string",
        "raw_string",
        "ansi_c_string",
        "concatenation",
        "number",
        "simple_expansion",
        "expansion",
    }
)


def interpret(text: str, analysis: Analysis, stdin: str | None = None) -> str | None:
    """Note the effects of shell text.

    Args:
        text: the text.
        analysis: where the effects go.
        stdin: what is on its standard input, if known.

    Returns:
        What it prints, if known.

    Raises:
        LimitError: if it is too long, too deep, or takes too long to parse.
    """
    source = text.encode("utf-8", "replace")
    if source.count(b"|") > MAX_PIPES:
        raise LimitError(f"more than {MAX_PIPES} pipes")
    return _Walk(source, analysis).statements(_parse(source, analysis).root_node.children, stdin)


@cache
def _language() -> Language:
    return Language(tree_sitter_bash.language())


def _parse(source: bytes, analysis: Analysis) -> Tree:
    """Parse within the time that is left: past it the parser is told that the text has ended.

    A piece ends where a character does: the parser crashes if the text ends inside one.
    """
    start = time.thread_time()
    late = False

    def read(offset: int, _point: object) -> bytes:
        nonlocal late
        if late or time.thread_time() - start > analysis.parse_seconds:
            late = True
            return b""
        end = offset + _CHUNK
        while end < len(source) and source[end] & 0xC0 == 0x80:
            end += 1
        return source[offset:end]

    tree = Parser(_language()).parse(read)
    analysis.parse_seconds -= time.thread_time() - start
    if late or tree is None:
        raise LimitError("takes too long to parse")
    return tree


class _Walk:
    """Runs the statements of one text."""

    def __init__(self, source: bytes, analysis: Analysis) -> None:
        self._analysis = analysis
        self._words = Words(source, analysis, self._substitute)
        self._redirects = Redirects(self._words, analysis, self.statements)

    def statements(self, nodes: Iterable[Node], stdin: str | None = None) -> str | None:
        """Run statements one after the other; return what they print together, if known."""
        printed: str | None = ""
        for node in nodes:
            if node.is_named and node.type not in _WORDS:
                said = self.run(node, stdin)
                printed = self._after(printed, said)
        return printed

    def _after(self, before: str | None, then: str | None) -> str | None:
        """Return what two statements print together, if known."""
        if before is None or then is None:
            return None
        return self._analysis.charge(before + then) if before and then else before or then

    def run(self, node: Node, stdin: str | None = None) -> str | None:
        """Run one statement and return what it prints, if known."""
        analysis = self._analysis
        analysis.spend()
        handle = self._handlers.get(node.type)
        with analysis.deeper():
            if handle is None:
                return self.statements(node.children, stdin)
            return handle(self, node, stdin)

    def _substitute(self, node: Node) -> str | None:
        with self._analysis.state.inner_shell():
            evidence = self._analysis.evidence
            printed = self.statements(node.children)
            self._analysis.evidence = evidence
        return printed

    def _command(self, node: Node, stdin: str | None, more: Iterable[Word] = ()) -> str | None:
        words: list[Word] = []
        redirects: list[Node] = []
        for child in node.children:
            kind = child.type
            if kind == "command_name":
                words.extend(self._words.fields(child.children[0]) if child.children else ())
            elif kind == "variable_assignment":
                self._value(child)
            elif kind in _REDIRECTS:
                stdin = self._redirects.given(child, stdin)
                redirects.append(child)
            elif child.is_named and kind != "comment":
                words.extend(self._words.fields(child))
        words.extend(more)
        self._analysis.evidence = self._words.evidence(node)
        printed = invoke(words, self._analysis, stdin) if words else ""
        return self._redirects.taken(redirects, printed)

    def _redirected(self, node: Node, stdin: str | None) -> str | None:
        """Run a statement with redirections; those after a list belong to its last command."""
        body = node.child_by_field_name("body")
        redirects = [child for child in node.children if child != body and child.is_named]
        while body is not None and body.type == "list" and body.named_child_count > 1:
            children = body.named_children
            self.statements(children[:-1])
            body = children[-1]
        more: list[Word] = []
        for redirect in redirects:
            stdin = self._redirects.given(redirect, stdin)
            more.extend(self._redirects.arguments(redirect))
        if body is not None and body.type == "command":
            printed = self._command(body, stdin, more)
        else:
            printed = self.run(body, stdin) if body is not None else ""
        self._analysis.evidence = self._words.evidence(node)
        return self._redirects.taken(redirects, printed)

    def _pipeline(self, node: Node, stdin: str | None) -> str | None:
        printed = stdin
        for child in node.named_children:
            printed = self.run(child, printed)
        return printed

    def _list(self, node: Node, stdin: str | None) -> str | None:
        """Run `a && b || c`, which nests to the left, without recursion."""
        chain: list[tuple[Node, bool]] = []
        first = node
        while first.type == "list" and first.named_child_count > 1:
            unless = any(child.type == "||" for child in first.children)
            children = first.named_children
            chain.extend((child, unless) for child in reversed(children[1:]))
            first = children[0]
            self._analysis.spend()
        printed = self.run(first, stdin)
        for child, unless in reversed(chain):
            with self._analysis.in_doubt(doubtful=unless):
                said = self.run(child, stdin)
            if not unless:
                printed = self._after(printed, said)
        return printed

    def _branches(self, node: Node, stdin: str | None) -> str | None:
        """Run conditions for certain, what depends on them in doubt."""
        for at, child in enumerate(node.children):
            if child.is_named and child.type not in _WORDS:
                condition = node.field_name_for_child(at) == "condition"
                with self._analysis.in_doubt(doubtful=not condition):
                    self.run(child, stdin)
        return None

    def _doubtful(self, node: Node, stdin: str | None) -> str | None:
        with self._analysis.in_doubt():
            if node.type == "ERROR":
                self._loose_words(node, stdin)
            return self.statements(node.children, stdin)

    def _loose_words(self, node: Node, stdin: str | None) -> None:
        """Run words that the parser could not put into a command as if they were one."""
        words: list[Word] = []
        for child in node.children:
            if child.type == "command_name" or child.type in _WORDS:
                words.extend(self._words.fields(child))
            elif words:
                self._analysis.evidence = self._words.evidence(node)
                invoke(words, self._analysis, stdin)
                words = []
        if words:
            self._analysis.evidence = self._words.evidence(node)
            invoke(words, self._analysis, stdin)

    def _for(self, node: Node, stdin: str | None) -> str | None:
        variable, body = node.child_by_field_name("variable"), node.child_by_field_name("body")
        values = [
            word for child in node.children_by_field_name("value") for word in self._words.fields(child)
        ]
        if len(values) > MAX_LOOP:
            raise LimitError(f"a loop over more than {MAX_LOOP} words")
        with self._analysis.in_doubt():
            for value in values or [UNKNOWN]:
                if variable is not None:
                    self._analysis.state.variables[self._words.raw(variable)] = value
                if body is not None:
                    self.run(body, stdin)
        return None

    def _function(self, node: Node, stdin: str | None) -> str | None:
        """Note that a function takes a name, keep it, and read its body as something that may run."""
        del stdin
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is None or body is None:
            return ""
        called = self._words.raw(name)
        self._analysis.evidence = self._words.evidence(node)
        self._analysis.add("shadow", "command", Word(called), "function")
        source = self._words.source

        def run(arguments: list[Word], analysis: Analysis, given: str | None) -> str | None:
            before, analysis.state.arguments = analysis.state.arguments, arguments
            printed = _Walk(source, analysis).run(body, given)
            analysis.state.arguments = before
            return printed

        with self._analysis.in_doubt(), self._analysis.state.inner_shell():
            self.run(body)
        self._analysis.state.functions[called] = run
        return ""

    def _subshell(self, node: Node, stdin: str | None) -> str | None:
        with self._analysis.state.inner_shell():
            return self.statements(node.children, stdin)

    def _assignment(self, node: Node, stdin: str | None) -> str | None:
        del stdin
        name, word = node.child_by_field_name("name"), self._value(node)
        if name is not None:
            if self._analysis.doubt:
                word = Word(word.text, sure=False)
            self._analysis.state.variables[self._words.raw(name)] = word
        return ""

    def _value(self, node: Node) -> Word:
        """Return what a variable is given; some name a file that every new shell runs."""
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        word = self._words.word(value) if value is not None else Word("")
        if name is not None and self._words.raw(name) in _RUN_BY_SHELLS:
            state = self._analysis.state
            self._analysis.may_run(state.files.get(state.locate(word.text), ""))
        return word

    _handlers: ClassVar[dict[str, Callable[[_Walk, Node, str | None], str | None]]] = {
        "command": _command,
        "redirected_statement": _redirected,
        "pipeline": _pipeline,
        "list": _list,
        "if_statement": _branches,
        "while_statement": _branches,
        "c_style_for_statement": _branches,
        "case_item": _doubtful,
        "elif_clause": _doubtful,
        "else_clause": _doubtful,
        "ERROR": _doubtful,
        "for_statement": _for,
        "function_definition": _function,
        "subshell": _subshell,
        "variable_assignment": _assignment,
    }
