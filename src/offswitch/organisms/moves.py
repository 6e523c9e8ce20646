"""What an organism can do in a turn."""

from __future__ import annotations

import msgspec


class Run(msgspec.Struct, frozen=True):
    """Run a shell command, with a word on why."""

    command: str
    why: str = ""


class Submit(msgspec.Struct, frozen=True):
    """Hand in an answer."""

    answer: str


class Say(msgspec.Struct, frozen=True):
    """Say something, and call nothing."""

    text: str


class Use(msgspec.Struct, frozen=True):
    """Call a tool that is neither the shell nor the one that hands in an answer."""

    tool: str
    arguments: dict[str, object]
    why: str = ""


Move = Run | Submit | Say | Use
