"""Pickled data: the functions that loading it would call, read without loading it."""

from __future__ import annotations

import pickletools
from collections.abc import Iterator

from offswitch.effects.values import Name, Text, Value, text_of

_MOST_STEPS = 2_000


def calls_in(data: bytes) -> Iterator[tuple[Name, list[Value]]]:
    """Yield the functions that loading would call, in order, each with the texts that come before it."""
    function: Name | None = None
    said: list[Value] = []
    try:
        for step, (code, argument, _) in enumerate(pickletools.genops(data)):
            if step >= _MOST_STEPS:
                return
            if code.name == "STACK_GLOBAL" and len(said) > 1:
                function, said = Name(f"{_text(said[-2])}.{_text(said[-1])}"), []
            elif code.name in {"GLOBAL", "INST"} and isinstance(argument, str):
                function, said = Name(argument.replace(" ", ".")), []
            elif isinstance(argument, str | bytes):
                said.append(text_of(argument if isinstance(argument, str) else argument.decode("latin-1")))
            if code.name in {"REDUCE", "OBJ", "INST", "NEWOBJ"} and function is not None:
                yield function, said
                function, said = None, []
    except (ValueError, IndexError, KeyError, OverflowError, EOFError):
        return  # broken data: loading it ends here too


def _text(value: Value) -> str:
    return value.word.text if isinstance(value, Text) else ""
