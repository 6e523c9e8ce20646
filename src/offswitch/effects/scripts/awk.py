"""What is read in awk and in no other language: where it prints to, and what it reads from."""

from __future__ import annotations

from offswitch.effects.scripts.cursor import OPERANDS
from offswitch.effects.scripts.quotes import Token
from offswitch.effects.scripts.reader import Reader
from offswitch.effects.values import NOTHING, Value

_PRINTING = frozenset({"print", "printf"})
_REDIRECTING = frozenset({">", ">>", "|"})


class AwkReader(Reader):
    """Reads an awk program."""

    def _pipe(self, left: Value, sign: str, start: int) -> Value | None:
        """Read `print x > "file"`, `print x | "command"` and `"command" | getline`."""
        cursor = self._cursor
        if sign not in _REDIRECTING:
            return None
        if sign == "|" and cursor.peek() == ("name", "getline"):
            cursor.at += 1
            return self._calls.awk_reads(left)
        goal = self._operand()
        while cursor.peek().kind in OPERANDS:
            goal = self._joined(goal, self._operand())
        if not _PRINTING.isdisjoint(cursor.statement_from(start)):
            self._calls.awk_prints(left, sign, goal)
        return NOTHING

    def _bracket(self, token: Token) -> Value:
        """Read `print > "file"` too: what is printed is the line that was read."""
        if token.kind != "sign" or token.text not in _REDIRECTING:
            return super()._bracket(token)
        self._cursor.at += 1
        return self._pipe(NOTHING, token.text, self._cursor.at - 1) or NOTHING
