"""Readers of recorded agent runs: one file a format, recognised by content, never by name alone."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator
from pathlib import Path

from offswitch.errors import InputError
from offswitch.trace.readers.bloom import Bloom
from offswitch.trace.readers.chat import Chat
from offswitch.trace.readers.claude_code import ClaudeCode
from offswitch.trace.readers.commands import Commands
from offswitch.trace.readers.files import Found, found_under, opened, unreadable
from offswitch.trace.readers.format import WHOLE, Format, Share, Source
from offswitch.trace.readers.head import HEAD_SIZE, Head
from offswitch.trace.readers.inspect_eval import InspectEval
from offswitch.trace.readers.inspect_json import InspectJson
from offswitch.trace.readers.json_text import BrokenError
from offswitch.trace.readers.palisade_robot import PalisadeRobot
from offswitch.trace.readers.replies import Replies
from offswitch.trace.reading import Reading, Skipped, Unreadable

__all__ = ["FORMATS", "Format", "Found", "Share", "can_share", "check", "found_under", "read", "read_found"]

FORMATS: tuple[Format, ...] = (
    InspectEval(),
    InspectJson(),
    Bloom(),
    PalisadeRobot(),
    ClaudeCode(),
    Chat(),
    Replies(),
    Commands(),
)
"""Asked in this order; the first that recognises a file reads it."""


def read(path: Path) -> Iterator[Reading]:
    """Read the runs in a file, or in all files under a folder, one after the other.

    Whatever the content, nothing is raised for it: what is broken becomes `Unreadable`, a file that is
    no transcript `Skipped`. Hidden files are read like others, but not listed as skipped, so that a
    `.git` does not fill the list. `path` of a reading is relative to the folder, with "/"; of a single
    file it is the path as given. One run is in memory at a time, except where a format mixes its runs.

    Raises:
        InputError: there is nothing at the path.
    """
    check(path)
    return _read(path)


def check(path: Path) -> None:
    """Check that there is something at a path.

    Raises:
        InputError: there is nothing.
    """
    if not os.path.exists(path):  # noqa: PTH110  # Path.exists raises where a parent is closed to us
        raise InputError(f"no such file or folder: {path}; give the path of a transcript or a folder of them")


def _read(path: Path) -> Iterator[Reading]:
    for found in found_under(path):
        yield from read_found(found)


def read_found(found: Found | Skipped | Unreadable, share: Share = WHOLE) -> Iterator[Reading]:
    """Read the runs of one file that was found under a path, as `read` does, or a share of them.

    A share may hold nothing, where the whole file would be `Skipped` for that.
    """
    if not isinstance(found, Found):
        yield found
        return
    for reading in _read_file(found, share):
        if not (found.hidden and isinstance(reading, Skipped)):
            yield reading


def can_share(found: Found) -> bool:
    """Say whether a share of a file's runs can be read for less than the whole."""
    try:
        with opened(found) as file:
            return isinstance(_format_of(Head(file.read(HEAD_SIZE))), InspectEval | Commands)
    except (BrokenError, OSError):
        return False


def _format_of(head: Head) -> Format | None:
    return next((form for form in FORMATS if form.recognise(head)), None)


def _read_file(found: Found, share: Share) -> Iterator[Reading]:
    try:
        with opened(found) as file:
            head = Head(file.read(HEAD_SIZE))
            file.seek(0)
            form = _format_of(head)
            if form is None:
                yield Skipped(found.shown, _what_it_is(head.data))
                return
            empty = share == WHOLE
            for reading in form.read(Source(found.shown, file, head, share)):
                empty = False
                yield reading
            if empty:
                yield Skipped(found.shown, f"a file of the format {form.name} that holds no run")
    except BrokenError as error:
        yield Unreadable(found.shown, None, str(error))
    except OSError as error:
        yield unreadable(found, error)


def _what_it_is(data: bytes) -> str:
    """Why a file that no format recognises is skipped."""
    if not data.strip():
        return "an empty file"
    if data.startswith(b"PK"):
        return "a zip that is no Inspect log"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data, final=len(data) < HEAD_SIZE - 3)
    except UnicodeDecodeError:
        return "a binary file"
    return "a binary file" if b"\0" in data else "no known transcript format"
