"""Which Inspect tasks the logs under a path record, without reading their samples."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from offswitch.trace.readers.documents import piece
from offswitch.trace.readers.fields import mapping, text
from offswitch.trace.readers.files import Found, found_under, opened
from offswitch.trace.readers.head import HEAD_SIZE, Head
from offswitch.trace.readers.inspect_eval import InspectEval
from offswitch.trace.readers.inspect_json import InspectJson
from offswitch.trace.readers.json_text import BrokenError
from offswitch.trace.readers.structure import slices

_FIRST = 4_096
"""Bytes in which a `.json` log names its evaluation."""


def tasks_under(path: Path) -> Iterator[str]:
    """Yield the task each Inspect log under a path names; a log that cannot be read names none."""
    for found in found_under(path):
        if isinstance(found, Found):
            try:
                with opened(found) as file:
                    yield from _task(file)
            except (BrokenError, OSError):
                continue


def _task(file: BinaryIO) -> Iterator[str]:
    start = file.read(_FIRST)
    if start.startswith(b"PK"):
        if InspectEval().recognise(Head(start)):
            yield InspectEval().task(file)
    elif b'"eval"' in start and InspectJson().recognise(Head(start + file.read(HEAD_SIZE - _FIRST))):
        file.seek(0)
        first = next(slices(file, whole=frozenset({"eval"}), each=frozenset()), None)
        if first is not None:
            _, begin, end = first
            yield text(mapping(piece(file, begin, end)).get("task"))
