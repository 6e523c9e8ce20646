"""Quoted texts of scripts: quotes, here-documents, and the quoting operators of Perl and Ruby."""

from __future__ import annotations

from typing import NamedTuple

from offswitch.effects.scripts.language import Syntax

_PAIRS = {"(": ")", "[": "]", "{": "}", "<": ">"}
_MOST_HEREDOCS = 64
_PERCENT = {"w": "words", "W": "words", "i": "words", "x": "command", "q": "raw", "r": "regex"}
_BEFORE_REGEX = frozenset(
    ("return", "and", "or", "not", "if", "unless", "split", "grep", "match", "when", "in", "while", "until")
)


class Token(NamedTuple):
    """One piece of a program.

    Attributes:
        kind: name, variable, raw, quoted, command, words, regex, number, sign, or end of a statement.
        text: what it says, without quotes or sigil.
    """

    kind: str
    text: str


class Quotes:
    """Reads quoted texts at a place in a program.

    Args:
        text: the program.
        syntax: how its language is written.

    Attributes:
        found: the tokens so far.
    """

    def __init__(self, text: str, syntax: Syntax) -> None:
        self.found: list[Token] = []
        self._text = text
        self._syntax = syntax
        self._at = 0
        self._jumps: dict[int, int] = {}
        self._heredocs = 0

    def _put(self, kind: str, text: str) -> None:
        self.found.append(Token(kind, text))

    def _after_operand(self) -> bool:
        """Say whether what was read last is a value, so that an operator must follow."""
        if not self.found:
            return False
        kind, text = self.found[-1]
        if kind == "name":
            return text not in _BEFORE_REGEX
        return kind not in {"sign", "end"} or text in {")", "]", "}"}

    def _quoted(self, sign: str) -> bool:
        syntax = self._syntax
        kinds = ((syntax.raw, "raw"), (syntax.commands, "command"), (syntax.quoted, "quoted"))
        kind = next((kind for quotes, kind in kinds if sign in quotes), None)
        if kind is None:
            return False
        start = self._at + 1
        end = self._end_of(start, sign)
        self._put(kind, self._text[start:end])
        self._at = end + 1
        return True

    def _end_of(self, at: int, closing: str) -> int:
        """Return where a text ends; a backslash takes the next character along."""
        text = self._text
        while True:
            end = text.find(closing, at)
            if end < 0:
                return len(text)
            slash = text.find("\\", at, end)
            if slash < 0:
                return end
            at = slash + 2

    def _regex(self) -> bool:
        line = self._text.find("\n", self._at)
        end = self._end_of(self._at + 1, "/")
        if end >= (line if line >= 0 else len(self._text)):
            return False
        self._put("regex", self._text[self._at + 1 : end])
        self._at = end + 1
        self._flags()
        return True

    def _flags(self) -> None:
        while self._text[self._at : self._at + 1].isalpha():
            self._at += 1

    def _long_text(self) -> bool:
        """Read Lua's `[[text]]`."""
        end = self._text.find("]]", self._at)
        self._put("raw", self._text[self._at + 2 : end if end >= 0 else len(self._text)])
        self._at = end + 2 if end >= 0 else len(self._text)
        return True

    def _percent(self) -> bool:
        """Read Ruby's `%w[a b]`, `%x(ls)`, `%q{..}` and `%(..)`."""
        letter = self._text[self._at + 1 : self._at + 2]
        at = self._at + 1 + letter.isalpha()
        opening = self._text[at : at + 1]
        if self._after_operand() and not (self.found[-1].kind == "name" and self._text[self._at - 1] == " "):
            return False
        if not opening or opening.isspace() or opening.isalnum() or opening == "=":
            return False
        self._at = at
        self._delimited(_PERCENT.get(letter, "quoted"))
        return True

    def _operator(self, name: str) -> bool:
        """Read Perl's `q(..)`, `qw/../`, `qx{..}`, `s/../../` and so on, whose name was just read."""
        text, at = self._text, self._at
        while text[at : at + 1] in {" ", "\t"}:
            at += 1
        opening = text[at : at + 1]
        if not opening or opening.isalnum() or opening in "_,;=)-.\n" or (at > self._at and opening == "#"):
            return False
        if self.found and self.found[-1].text in {"->", "{", "&"}:
            return False
        self._at = at
        kind = self._syntax.operators[name]
        self._delimited("regex" if kind == "replace" else kind)
        if kind == "replace":
            self._replacement(opening)
        if kind in {"regex", "replace"}:
            self._flags()
        return True

    def _replacement(self, opening: str) -> None:
        if opening not in _PAIRS:
            self._at = min(self._end_of(self._at, opening) + 1, len(self._text))
        elif self._text[self._at : self._at + 1] in _PAIRS:
            self._delimited("")

    def _delimited(self, kind: str) -> None:
        """Read a text between two delimiters; brackets may be nested in it."""
        text, opening = self._text, self._text[self._at]
        closing = _PAIRS.get(opening, opening)
        start = at = self._at + 1
        depth = 1
        while at < len(text):
            if text[at] == "\\":
                at += 1
            elif text[at] == closing:
                depth -= 1
                if not depth:
                    break
            elif text[at] == opening:
                depth += 1
            at += 1
        if kind:
            self._put(kind, text[start:at])
        self._at = min(at + 1, len(text))

    def _heredoc(self) -> bool:
        """Read a here-document, whose text begins on the next line; at most 64."""
        text = self._text
        at = self._at + len(self._syntax.heredocs)
        while text[at : at + 1] in {"~", "-", " "}:
            at += 1
        quote = text[at : at + 1] if text[at : at + 1] in {"'", '"'} else ""
        start = at = at + len(quote)
        while text[at : at + 1].isalnum() or text[at : at + 1] == "_":
            at += 1
        tag, line = text[start:at], text.find("\n", at)
        self._heredocs += 1
        named = tag and (quote or tag[0].isupper() or tag[0] == "_")
        if not named or line < 0 or self._heredocs > _MOST_HEREDOCS:
            return False
        lines, body = self._lines_to(tag, self._jumps.get(line, line + 1))
        self._put("raw" if quote == "'" else "quoted", "\n".join(lines) + "\n")
        self._jumps[line] = body
        self._at = at + len(quote)
        return True

    def _lines_to(self, tag: str, at: int) -> tuple[list[str], int]:
        """Return the lines up to one that is the tag, and where the text goes on after it."""
        text, lines = self._text, list[str]()
        while at < len(text):
            end = text.find("\n", at)
            end = end if end >= 0 else len(text)
            one = text[at:end]
            at = end + 1
            if one.strip().rstrip(";,)") == tag:
                break
            lines.append(one)
        return lines, min(at, len(text))
