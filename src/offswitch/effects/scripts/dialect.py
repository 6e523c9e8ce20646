"""What a language may read in its own way; by itself each of these does nothing."""

from __future__ import annotations

from offswitch.effects.values import Value


class Dialect:
    """The places in a reader where languages differ."""

    def _begin(self) -> None:
        """Do what the language needs before a statement is read."""

    def _special_word(self, text: str) -> Value | None:
        """Read a word that means something of its own in the language, and what follows it."""
        del text
        return None

    def _special_assignment(self, start: int, value: Value) -> bool:
        """Read an assignment that does something of its own; say whether it was one."""
        del start, value
        return False

    def _pipe(self, left: Value, sign: str, start: int) -> Value | None:
        """Read what follows an operator of the language that sends a value somewhere."""
        del left, sign, start
        return None

    def _opened(self, start: int, value: Value) -> Value:
        """Take in what a call gave whose arguments begin at a token."""
        del start
        return value

    def _loops_over(self) -> bool:
        """Say whether parentheses after a variable hold what a loop runs over."""
        return False

    def _has_fields(self) -> bool:
        """Say whether braces after a variable name an entry of it."""
        return False
