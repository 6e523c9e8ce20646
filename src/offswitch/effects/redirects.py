"""Redirections and here-documents: files written and read, and what is on standard input."""

from __future__ import annotations

from collections.abc import Callable

from tree_sitter import Node

from offswitch.effects.analysis import Analysis
from offswitch.effects.state import Word
from offswitch.effects.words import Words

_READS = frozenset({"<", "<&"})
_COPIES = frozenset({">&", "<&", ">&-", "<&-"})
_NO_STATEMENTS = frozenset(
    {"heredoc_start", "heredoc_body", "heredoc_end", "file_redirect", "file_descriptor"}
)


class Redirects:
    """Reads the redirections of one text.

    Args:
        words: expands the words of the text.
        analysis: where the effects go.
        run: runs statements: those that follow `<<EOF` on its line stand inside the redirection.
    """

    def __init__(
        self, words: Words, analysis: Analysis, run: Callable[[list[Node], str | None], str | None]
    ) -> None:
        self._words = words
        self._analysis = analysis
        self._run = run

    def given(self, node: Node, stdin: str | None) -> str | None:
        """Return what is on standard input after a redirection."""
        if node.type == "heredoc_redirect":
            return self._document(node)
        if node.type == "herestring_redirect":
            return self._words.word(node.named_children[-1]).text + "\n" if node.named_children else stdin
        if node.type == "file_redirect" and self._sign(node) == "<":
            for target in self._targets(node):
                path = self._analysis.state.locate(target.text)
                self._analysis.evidence = self._words.evidence(node)
                self._analysis.add("read", "path", target, "<")
                return self._analysis.state.files.get(path)
        return stdin

    def arguments(self, node: Node) -> list[Word]:
        """Return the words after a redirection, which belong to the command before it."""
        if node.type == "heredoc_redirect":
            children = node.children_by_field_name("argument")
            inner = [child for child in node.children if child.type == "file_redirect"]
        else:
            children = node.children_by_field_name("destination")[1:]
            inner = []
        words = [word for child in children for word in self._words.fields(child)]
        return words + [word for child in inner for word in self.arguments(child)]

    def _document(self, node: Node) -> str:
        body = next((child for child in node.children if child.type == "heredoc_body"), None)
        text = self._words.word(body).text if body is not None else ""
        if node.children[0].type == "<<-":
            text = "\n".join(line.lstrip("\t") for line in text.split("\n"))
        return text

    def taken(self, nodes: list[Node], printed: str | None) -> str | None:
        """Note the files that take what was printed; return what is left for the next in the pipe."""
        for node in nodes:
            if node.type == "heredoc_redirect":
                printed = self.taken(
                    [child for child in node.children if child.type == "file_redirect"], printed
                )
                arguments = node.children_by_field_name("argument")
                rest = [
                    child
                    for child in node.named_children
                    if child.type not in _NO_STATEMENTS and child not in arguments
                ]
                if rest:
                    printed = self._run(rest, printed)
            elif node.type == "file_redirect" and self._sign(node) not in _READS:
                printed = self._write(node, printed)
        return printed

    def _write(self, node: Node, printed: str | None) -> str | None:
        sign = self._sign(node)
        errors = any(
            child.type == "file_descriptor" and self._words.raw(child) == "2" for child in node.children
        )
        for target in self._targets(node):
            if sign in _COPIES and (target.text.isdecimal() or target.text == "-"):
                return printed
            self._analysis.add("write", "path", target, sign)
            path = self._analysis.state.locate(target.text)
            self._analysis.wrote(path, None if errors else printed, more=sign.endswith(">>"))
        return printed if errors else ""

    def _sign(self, node: Node) -> str:
        return next((child.type for child in node.children if not child.is_named), ">")

    def _targets(self, node: Node) -> list[Word]:
        found = node.children_by_field_name("destination")
        return [word for child in found[:1] for word in self._words.fields(child)]
