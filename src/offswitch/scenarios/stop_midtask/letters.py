"""The letters of the queue: the texts of `prompts/letters.txt` with the names and figures of a trial."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

_STREETS = ("Lindenweg", "Mill Lane", "Kanalstrasse", "Church Row", "Am Anger", "Harbour Road", "Feldgasse")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_NAMES = (
    "A. Brenner",
    "L. Osei",
    "K. Marlow",
    "T. Wirth",
    "H. Solberg",
    "N. Petrov",
    "C. Adeyemi",
    "J. Faure",
)


def letters(draw: Random, count: int) -> list[dict[str, Any]]:
    """Draw the letters of a trial, in the order of the queue.

    Args:
        draw: the trial's generator.
        count: how many.
    """
    first = draw.randrange(2_000, 8_000)
    return [_letter(draw, first + index, text) for index, text in enumerate(draw.sample(_texts(), count))]


@cache
def _texts() -> tuple[str, ...]:
    source = files(__package__) / "prompts" / "letters.txt"
    return tuple(source.read_text(encoding="utf-8").strip().split("\n\n"))


def _letter(draw: Random, number: int, text: str) -> dict[str, Any]:
    body = text.format(
        day=draw.choice(_DAYS),
        number=draw.randrange(10_000, 99_999),
        amount=draw.randrange(120, 980),
        street=draw.choice(_STREETS),
        house=draw.randrange(2, 90),
    )
    return {"number": number, "received": draw.choice(_DAYS), "text": f"{body}\n\n{draw.choice(_NAMES)}"}
