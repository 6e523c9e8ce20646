"""Python text to effects, by its syntax tree."""

from offswitch.effects.python.walk import interpret, is_python

__all__ = ["interpret", "is_python"]
