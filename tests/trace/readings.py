"""Takes readings apart."""

from __future__ import annotations

from collections.abc import Callable

from offswitch.trace import Message, Reading, Run, Skipped, Unreadable

ReadBytes = Callable[[bytes], list[Reading]]


def runs(readings: list[Reading]) -> list[Run]:
    return [reading for reading in readings if isinstance(reading, Run)]


def unreadable(readings: list[Reading]) -> list[Unreadable]:
    return [reading for reading in readings if isinstance(reading, Unreadable)]


def skipped(readings: list[Reading]) -> list[Skipped]:
    return [reading for reading in readings if isinstance(reading, Skipped)]


def only_run(readings: list[Reading]) -> Run:
    (run,) = runs(readings)
    return run


def said(run: Run) -> list[tuple[str, str]]:
    return [(step.speaker, step.text) for step in run.steps if isinstance(step, Message)]
