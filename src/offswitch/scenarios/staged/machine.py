"""Sets up the machine of a trial, and looks at it while the trial runs."""

from __future__ import annotations

import io
import json
import secrets
import tarfile
import time
from collections.abc import Mapping
from functools import reduce
from typing import Any, NamedTuple

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
from offswitch.scenarios.staged import journal, listing, rendering
from offswitch.scenarios.staged.listing import Listing
from offswitch.scenarios.staged.sight import Facts, Setting
from offswitch.scenarios.staged.stage import HOME, JOURNAL, Service, Stage
from offswitch.scenarios.staged.tree import File, Tree, added, apply, changes, parse

_BEFORE, _SEEN, _KEY, _MARKS, _BORN = "before", "seen", "key", "marks", "born"
"""The first is one text: Inspect compares all that is kept again and again, part by part."""
_GLANCE = 'cat "$1"; printf "\\0%s\\0" $?; shift; exec "$@"'
"""Both things that are looked at after every turn, by one program that is started and not two."""
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
    running: int | None = 0
    lingered: bool = False

    @property
    def latest(self) -> Tree:
        """The files as last seen."""
        return reduce(apply, self.deltas, self.before)


async def set_up(stage: Stage, setting: Setting, facts: Facts) -> None:
    """Place the files, start the services, and take the first look.

    Raises:
        CellError: if a part of the world could not be set up.
    """
    if not stage.has_machine:
        return _keep_first(Seen())
    placed = {path: text.encode() for path, text in rendering.home(stage.scenario, setting, facts).items()}
    placed |= stage.files(setting, facts)
    then = int(time.time()) - _AGE
    if placed:
        unpack = ["tar", "-xf", "-", "-C", HOME, "--no-same-owner"]
        _done(await sandbox().exec(unpack, input=_archive(placed, then), timeout=_SECONDS))
    key = secrets.token_hex(16)
    for service in stage.services:
        await _start(stage, service, key, setting, facts)
    store().set(_KEY, key)
    listed = await _list(stage) or await _list(stage)  # again, where the machine was too busy
    if listed is None:
        raise CellError("the files of the trial's machine could not be listed when it was set up")
    store().set(_MARKS, listed.digest)
    store().set(_BORN, sorted(listed.alive))
    full = {f"{HOME}/{path}": content for path, content in placed.items()}
    tree = listing.as_placed(listed, _tops(stage), full, then) or await _tree(stage)
    if tree is None:
        raise CellError("the files of the trial's machine could not be read when it was set up")
    return _keep_first(Seen(before=dict(tree)))


async def look(stage: Stage) -> Seen:
    """Bring what is known of the machine up to date, and return it."""
    seen = last_seen()
    if not stage.has_machine:
        return seen
    try:
        glance = await _glance(stage)
        _count(seen, glance.listed)
        marks = glance.listed.digest if glance.listed else None
        if marks is None or marks != store().get(_MARKS) or seen.lingered:
            await _read_files(stage, seen)
        store().set(_MARKS, marks)
        if stage.services:
            _take_in(seen, glance.journal if glance.journal is not None else await _journal())
    except SandboxUnavailableError:
        seen.down = True
    except (OutputLimitExceededError, TimeoutError):
        seen.journal_intact = False
    _keep(seen)
    return seen


def last_seen() -> Seen:
    """Return what was seen so far, without a new look."""
    seen = msgspec.convert(store().get(_SEEN), Seen)
    seen.before = msgspec.json.decode(store().get(_BEFORE), type=dict[str, File])
    return seen


def _keep_first(seen: Seen) -> None:
    store().set(_BEFORE, msgspec.json.encode(seen.before).decode())
    _keep(seen)


def _keep(seen: Seen) -> None:
    store().set(_SEEN, msgspec.to_builtins(msgspec.structs.replace(seen, before={})))


async def _read_files(stage: Stage, seen: Seen) -> None:
    """Take in what has changed in the files."""
    tree = await _tree(stage) or await _tree(stage)  # again, where the machine was too busy
    if tree is None:
        seen.readable = False
        return
    latest = seen.latest
    if delta := changes(latest, added(latest, tree)):
        seen.deltas.append(delta)


class _Glance(NamedTuple):
    listed: Listing | None = None
    journal: bytes | None = None


async def _glance(stage: Stage) -> _Glance:
    """Return what stands in the machine, and the journal; each is None if it could not be taken so.

    The first costs a sixth of reading the files; most turns of an agent change nothing.
    """
    if not stage.services:
        return _Glance(await _list(stage))
    glance = ["sh", "-c", _GLANCE, "sh", JOURNAL, *listing.program(_tops(stage))]
    try:
        result = await run_as_other(glance)
        text, status, rest = [*result.stdout.split("\0", 2), "", ""][:3]
        listed = listing.read(rest) if result.success else None
    except (TimeoutError, OutputLimitExceededError, ValueError):
        return _Glance()
    return _Glance(listed, text.encode() if status == "0" else None)


async def _list(stage: Stage) -> Listing | None:
    try:
        result = await run_as_other(listing.program(_tops(stage)))
        return listing.read(result.stdout) if result.success else None
    except (TimeoutError, OutputLimitExceededError, ValueError):
        return None


def _count(seen: Seen, listed: Listing | None) -> None:
    """Take in which processes of the agent's have outlived its turn: they may go on with what it began."""
    seen.running = None if listed is None else len(listed.alive - set(store().get(_BORN)))
    seen.lingered = seen.lingered or seen.running != 0


async def _journal() -> bytes | None:
    """Return the journal, read by itself; None where it is not there."""
    result = await run_as_other(["cat", JOURNAL])
    return result.stdout.encode() if result.success else None


def _take_in(seen: Seen, content: bytes | None) -> None:
    """Take in the journal; only signed lines count, and none may go."""
    events, intact = journal.read(content or b"", bytes.fromhex(store().get(_KEY)))
    kept = journal.continues(events, seen.journal)
    seen.journal_intact = seen.journal_intact and content is not None and intact and kept
    if kept:
        seen.journal = events


def _tops(stage: Stage) -> list[str]:
    return [HOME, *stage.roots]


async def _tree(stage: Stage) -> Tree | None:
    """Return the files of the machine, or None if they could not be read."""
    argv = ["python3", "-IS", "-", *_tops(stage)]
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


def _archive(placed: Mapping[str, bytes], then: int) -> bytes:
    """Return a tar archive of files; those that begin like a script can be run."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for path, data in placed.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            entry.mode = 0o755 if data.startswith(b"#!") else 0o644
            entry.mtime = then
            archive.addfile(entry, io.BytesIO(data))
    return content.getvalue()


def _done(result: ExecResult[str]) -> None:
    if not result.success:
        raise CellError(f"the world of the trial could not be set up: {result.stderr.strip()[-400:]}")
