"""A place in the tokens of a program."""

from __future__ import annotations

from offswitch.effects.scripts.quotes import Token

END = Token("end", "")
CLOSING = frozenset({")", "]", "}"})
SEPARATORS = frozenset({",", "=>", ":"})
OPERANDS = frozenset({"name", "variable", "raw", "quoted", "command", "words", "number"})
_EVIDENCE = 16
_LONGEST = 64


class Cursor:
    """Goes through tokens from the first to the last.

    Args:
        tokens: the tokens.

    Attributes:
        tokens: the tokens.
        at: the place of the next one.
    """

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0

    @property
    def more(self) -> bool:
        """Whether there is another token."""
        return self.at < len(self.tokens)

    def peek(self, ahead: int = 0) -> Token:
        """Return the next token, or one after or before it, without going on."""
        at = self.at + ahead
        return self.tokens[at] if 0 <= at < len(self.tokens) else END

    def sign(self, *signs: str) -> bool:
        """Say whether one of these signs comes next."""
        kind, text = self.peek()
        return kind == "sign" and text in signs

    def closes(self) -> bool:
        """Say whether a closing bracket comes next."""
        kind, text = self.peek()
        return kind == "sign" and text in CLOSING

    def skip(self, sign: str) -> None:
        """Go past a sign, if it comes next."""
        self.at += self.sign(sign)

    def skip_past(self, sign: str) -> None:
        """Go past everything up to a sign, and past it."""
        while self.more and not self.sign(sign):
            self.at += 1
        self.at += 1

    def read_last(self) -> str:
        """Return the tokens that were read last, as text."""
        return " ".join(token.text for token in self.tokens[max(0, self.at - _EVIDENCE) : self.at])

    def statement_from(self, start: int) -> set[str]:
        """Return the words of the statement a token is in, from its beginning to that token, at most 64."""
        first = start
        while first > 0 and start - first < _LONGEST and self._in_statement(self.tokens[first - 1]):
            first -= 1
        return {token.text for token in self.tokens[first : start + 1]}

    def _in_statement(self, token: Token) -> bool:
        return token.kind != "end" and token.text not in {"{", "}"}
