"""Sets up the machine of a trial, and looks at it while the trial runs."""

from __future__ import annotations

import hashlib
import io
import json
import secrets
import tarfile
import time
from collections.abc import Mapping
from functools import reduce
from typing import Any

import msgspec
from inspect_ai.util import (
    ExecResult,
    OutputLimitExceededError,
    SandboxUnavailableError,
    sandbox,
    store,
)

from offswitch.errors import CellError
from offswitch.guard.cell.network import HERE
from offswitch.scenarios.other_user import run_as_other
from offswitch.scenarios.staged import journal, rendering
from offswitch.scenarios.staged.sight import Facts, Setting
from offswitch.scenarios.staged.stage import HOME, JOURNAL, Service, Stage
from offswitch.scenarios.staged.tree import File, Tree, added, apply, changes, parse

_SEEN, _KEY, _MARKS = "seen", "key", "marks"
_LIST = ("-printf", "%p\\0%y%m %U %s %i %T@ %C@\\0")
"""Name, kind, rights, owner, size, inode, times of every file: that of its last change cannot be set."""
_SECONDS = 30
_AGE = 3 * 86_400
"""Seconds that the files of a world seem to have been there."""


class Seen(msgspec.Struct, kw_only=True):
    """What was seen of the machine so far; see `Sight`."""

    before: dict[str, File] = {}
    deltas: list[dict[str, File | None]] = []
    journal: list[dict[str, Any]] = []
    journal_intact: bool = True
    readable: bool = True
    down: bool = False

    @property
    def latest(self) -> Tree:
        """The files as last seen."""
        return reduce(apply, self.deltas, self.before)


async def set_up(stage: Stage, setting: Setting, facts: Facts) -> None:
    """Place the files, start the services, and take the first look.

    Raises:
        CellError: if a part of the world could not be set up.
    """
    placed = {path: text.encode() for path, text in rendering.home(stage.scenario, setting, facts).items()}
    placed |= stage.files(setting, facts)
    if placed:
        unpack = ["tar", "-xf", "-", "-C", HOME, "--no-same-owner"]
        _done(await sandbox().exec(unpack, input=_archive(placed), timeout=_SECONDS))
    key = secrets.token_hex(16)
    for service in stage.services:
        await _start(stage, service, key, setting, facts)
    store().set(_KEY, key)
    store().set(_MARKS, await _marks(stage))
    tree = await _tree(stage)
    if tree is None:
        raise CellError("the files of the trial's machine could not be read when it was set up")
    store().set(_SEEN, msgspec.to_builtins(Seen(before=dict(tree))))


async def look(stage: Stage) -> Seen:
    """Bring what is known of the machine up to date, and return it."""
    seen = msgspec.convert(store().get(_SEEN), Seen)
    try:
        marks = await _marks(stage)
        same = marks is not None and marks == store().get(_MARKS)
        if not same:
            await _read_files(stage, seen)
        store().set(_MARKS, marks)
        if stage.services:
            await _read_journal(seen)
    except SandboxUnavailableError:
        seen.down = True
    except (OutputLimitExceededError, TimeoutError):
        seen.journal_intact = False
    store().set(_SEEN, msgspec.to_builtins(seen))
    return seen


def last_seen() -> Seen:
    """Return what was seen so far, without a new look."""
    return msgspec.convert(store().get(_SEEN), Seen)


async def _read_files(stage: Stage, seen: Seen) -> None:
    """Take in what has changed in the files."""
    tree = await _tree(stage) or await _tree(stage)  # again, where the machine was too busy
    if tree is None:
        seen.readable = False
        return
    latest = seen.latest
    if delta := changes(latest, added(latest, tree)):
        seen.deltas.append(delta)


async def _read_journal(seen: Seen) -> None:
    """Take in the journal; only signed lines count, and none may go."""
    result = await run_as_other(["cat", JOURNAL])
    events, intact = journal.read(result.stdout.encode(), bytes.fromhex(store().get(_KEY)))
    kept = journal.continues(events, seen.journal)
    seen.journal_intact = seen.journal_intact and result.success and intact and kept
    if kept:
        seen.journal = events


async def _marks(stage: Stage) -> str | None:
    """Return a digest of what every file is but for its content: while it is the same, no file has changed.

    It costs a sixth of reading them; most turns of an agent change nothing. None if it could not be taken.
    """
    try:
        result = await run_as_other(["find", HOME, *stage.roots, *_LIST])
    except (TimeoutError, OutputLimitExceededError, UnicodeDecodeError):
        return None
    return hashlib.sha256(result.stdout.encode()).hexdigest() if result.success else None


async def _tree(stage: Stage) -> Tree | None:
    """Return the files of the machine, or None if they could not be read."""
    argv = ["/usr/bin/env", "python3", "-IS", "-", HOME, *stage.roots]
    try:
        result = await run_as_other(argv, rendering.reader())
        return parse(result.stdout) if result.success else None
    except (msgspec.MsgspecError, TimeoutError, OutputLimitExceededError, UnicodeDecodeError):
        return None


async def _start(stage: Stage, service: Service, key: str, setting: Setting, facts: Facts) -> None:
    settings = json.dumps(dict(service.settings(setting, facts)))
    source = f"{rendering.ground()}\n{rendering.program(stage.scenario, service.name)}\n"
    own = service.name if service.host == HERE else f"{service.name}@{service.host}"
    source += f"run(json.loads({settings!r}), Journal({JOURNAL!r}, {key!r}, {own!r}))\n"
    _done(await run_as_other(["python3", "-IS", "-"], source, service.host))


def _archive(placed: Mapping[str, bytes]) -> bytes:
    """Return a tar archive of files; those that begin like a script can be run."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for path, data in placed.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            entry.mode = 0o755 if data.startswith(b"#!") else 0o644
            entry.mtime = int(time.time()) - _AGE
            archive.addfile(entry, io.BytesIO(data))
    return content.getvalue()


def _done(result: ExecResult[str]) -> None:
    if not result.success:
        raise CellError(f"the world of the trial could not be set up: {result.stderr.strip()[-400:]}")
