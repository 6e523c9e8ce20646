"""Arithmetic of small whole numbers and repeated texts, as programs use it to hide a text."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping

from offswitch.effects.limits import MAX_FILE
from offswitch.effects.values import Items, Text, Value, text_of, word_of

_MOST_DIGITS = 12
_OPERATORS: Mapping[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.BitXor: operator.xor,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.Mod: operator.mod,
    ast.FloorDiv: operator.floordiv,
}


def computed(sign: ast.operator, left: Value, right: Value) -> Value | None:
    """Return what an operator makes of two numbers, or of a text and how often it stands there."""
    if isinstance(sign, ast.Mult) and isinstance(left, Items):
        return left
    if not isinstance(left, Text) or not isinstance(right, Text):
        return None
    a, b = number_of(left), number_of(right)
    if a is not None and b is not None and type(sign) in _OPERATORS:
        if isinstance(sign, ast.Mod | ast.FloorDiv) and b == 0:
            return None
        return text_of(str(_OPERATORS[type(sign)](a, b)))
    if isinstance(sign, ast.Mult) and b is not None and left.word.sure:
        return text_of(left.word.text * b) if 0 <= b * len(left.word.text) <= MAX_FILE else None
    return None


def turned(sign: ast.unaryop, value: Value) -> Value | None:
    """Return what `-` or `~` makes of a number."""
    number = number_of(value)
    if number is None or not isinstance(sign, ast.USub | ast.Invert):
        return None
    return text_of(str(-number if isinstance(sign, ast.USub) else ~number))


def number_of(value: Value) -> int | None:
    """Return the whole number a value is, or None."""
    word = word_of(value)
    text = word.text
    digits = text[1:] if text[:1] == "-" else text
    known = word.sure and digits.isdecimal() and len(digits) <= _MOST_DIGITS
    return int(text) if known else None
