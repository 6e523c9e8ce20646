"""Words of a shell command: quotes, variables, substitutions and braces resolved as far as the text tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from tree_sitter import Node

from offswitch.effects.analysis import Analysis
from offswitch.effects.escapes import decode
from offswitch.effects.limits import MAX_EVIDENCE, MAX_NAME, MAX_WORDS
from offswitch.effects.state import UNKNOWN, Word

_ESCAPED_IN_QUOTES = frozenset('"\\$`')
_DEFAULTS = frozenset({":-", "-", ":=", "="})
_LONGEST_BRACES = 1_024
_EVIDENCE = 4 * MAX_EVIDENCE


class Words:
    """Expands word nodes of one text.

    Args:
        source: the text, encoded; kept for those who read on in it.
        analysis: where variables and limits are found.
        substitute: runs a command substitution and returns what it prints, or None if unknown.
    """

    def __init__(self, source: bytes, analysis: Analysis, substitute: Callable[[Node], str | None]) -> None:
        self.source = source
        self._analysis = analysis
        self._substitute = substitute

    def raw(self, node: Node) -> str:
        """Return the source text of a node."""
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def evidence(self, node: Node) -> str:
        """Return the start of a node's source text."""
        end = min(node.end_byte, node.start_byte + _EVIDENCE)
        return self.source[node.start_byte : end].decode("utf-8", "replace")

    def fields(self, node: Node) -> list[Word]:
        """Return the words a node stands for in a command: none, one or several."""
        word = self.word(node)
        if node.type in {"simple_expansion", "expansion", "command_substitution"}:
            return [Word(part, word.sure and _no_glob(part)) for part in word.text.split()[:MAX_WORDS]]
        if node.type == "string" and self._has_list(node):
            return [Word(part, word.sure) for part in word.text.split()[:MAX_WORDS]]
        if node.type in {"concatenation", "word"} and "{" in word.text[:_LONGEST_BRACES]:
            return [Word(text, word.sure) for text in braces(word.text)]
        return [word]

    def word(self, node: Node) -> Word:
        """Return the one word a node stands for, not split."""
        read = self._readers.get(node.type)
        if read is not None:
            return read(self, node)
        return Word(self.raw(node)) if not node.named_child_count else self._joined(node)

    def _word(self, node: Node) -> Word:
        text = self.raw(node)
        sure = _no_glob(text)
        if "\\" in text:
            text = _unescape(text)
        return Word(text, sure)

    def _raw_string(self, node: Node) -> Word:
        return Word(self.raw(node)[1:-1])

    def _ansi_c(self, node: Node) -> Word:
        return Word(decode(self.raw(node)[2:-1]))

    def _joined(self, node: Node) -> Word:
        """Join the parts of a string or concatenation, and the text between them, which has no node."""
        parts, sure, at = [], True, node.start_byte
        for child in node.children:
            gap = self.source[at : child.start_byte]
            if gap:
                parts.append(gap.decode("utf-8", "replace"))
            at = child.end_byte
            if child.type in {'"', '$"'}:
                continue
            if child.type == "string_content":
                parts.append(_unescape_quoted(self.raw(child)))
                continue
            word = self.word(child)
            parts.append(word.text)
            sure = sure and word.sure
        gap = self.source[at : node.end_byte]
        parts.append(gap.decode("utf-8", "replace"))
        return Word(self._analysis.charge("".join(parts)), sure)

    def _variable(self, node: Node) -> Word:
        return self.variable(self.raw(node)[1:])

    def _expansion(self, node: Node) -> Word:
        names = [child for child in node.children if child.type in {"variable_name", "special_variable_name"}]
        operators = [self.raw(child) for child in node.children if not child.is_named][1:-1]
        listed = next((child for child in node.children if child.type == "subscript"), None)
        if listed is not None and not operators:
            name = listed.child_by_field_name("name")
            return self.variable(self.raw(name)) if name is not None else UNKNOWN
        if not names or (operators and operators[0] not in _DEFAULTS):
            return UNKNOWN
        value = self._known(self.raw(names[0]))
        if value is not None and (value.text or operators[:1] in ([], ["-"], ["="])):
            return value
        rest = [child for child in node.children if child.is_named and child is not names[0]]
        if operators and rest:
            with self._analysis.deeper():
                return Word(self.word(rest[-1]).text, sure=False)
        return UNKNOWN

    def _substitution(self, node: Node) -> Word:
        printed = self._substitute(node)
        if printed is None:
            return UNKNOWN
        return Word(printed.rstrip("\n"), _no_glob(printed))

    def _unknown(self, node: Node) -> Word:
        self._substitute(node)
        return UNKNOWN

    def _array(self, node: Node) -> Word:
        words = [self.word(child) for child in node.named_children[:MAX_WORDS]]
        text = " ".join(word.text for word in words)
        return Word(self._analysis.charge(text), all(word.sure for word in words))

    def variable(self, name: str) -> Word:
        """Return the value of a shell variable, unknown if it was not set in the text."""
        return self._known(name) or UNKNOWN

    def _known(self, name: str) -> Word | None:
        state = self._analysis.state
        if name in state.variables:
            return state.variables[name]
        if name == "HOME":
            return Word("~")
        if name == "PWD" and state.cwd:
            return Word(state.cwd)
        if name in {"@", "*"}:
            return Word(" ".join(word.text for word in state.arguments))
        if name.isdecimal() and len(name) < 3 and 0 < int(name) <= len(state.arguments):
            return state.arguments[int(name) - 1]
        return None

    def _has_list(self, node: Node) -> bool:
        """Say whether a quoted string is one that still becomes several words: "$@" or "${a[@]}"."""
        return self.raw(node) == '"$@"' or "[@]}" in self.raw(node)[:MAX_NAME]

    _readers: ClassVar[dict[str, Callable[[Words, Node], Word]]] = {
        "word": _word,
        "raw_string": _raw_string,
        "ansi_c_string": _ansi_c,
        "string": _joined,
        "translated_string": _joined,
        "simple_expansion": _variable,
        "expansion": _expansion,
        "command_substitution": _substitution,
        "process_substitution": _unknown,
        "arithmetic_expansion": _unknown,
        "brace_expression": _unknown,
        "array": _array,
    }


def braces(text: str) -> list[str]:
    """Return the words of a text with `{a,b}` in it: at most 64, then the text itself."""
    if len(text) > _LONGEST_BRACES:
        return [text]
    done: list[str] = []
    waiting = [text]
    while waiting:
        text = waiting.pop()
        found = _first_braces(text)
        if found is None:
            done.append(text)
            continue
        start, end, choices = found
        if len(done) + len(waiting) + len(choices) > MAX_WORDS:
            return [*done, *waiting, text]
        waiting.extend(text[:start] + choice + text[end:] for choice in reversed(choices))
    return done


def _first_braces(text: str) -> tuple[int, int, list[str]] | None:
    """Find the first innermost `{a,b}`: where it starts and ends, and its choices."""
    end = text.find("}")
    while end >= 0:
        start = text.rfind("{", 0, end)
        if start >= 0 and "," in text[start:end]:
            return start, end + 1, text[start + 1 : end].split(",")
        end = text.find("}", end + 1)
    return None


def _no_glob(text: str) -> bool:
    return "*" not in text and "?" not in text and "[" not in text


def _unescape(text: str) -> str:
    """Remove the backslashes of an unquoted word."""
    parts = text.split("\\")
    kept, after = [parts[0]], False
    for part in parts[1:]:
        if not part and not after:
            kept.append("\\")
            after = True
            continue
        kept.append(part.removeprefix("\n"))
        after = False
    return "".join(kept)


def _unescape_quoted(text: str) -> str:
    """Remove the backslashes that mean something between double quotes."""
    if "\\" not in text:
        return text
    kept, escaped = [], False
    for sign in text:
        if escaped:
            kept.append(sign if sign in _ESCAPED_IN_QUOTES else "" if sign == "\n" else "\\" + sign)
            escaped = False
        elif sign == "\\":
            escaped = True
        else:
            kept.append(sign)
    return "".join(kept)
