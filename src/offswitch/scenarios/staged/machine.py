"""Sets up the machine of a trial, and looks at it while the trial runs."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import secrets
import tarfile
import time
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from inspect_ai.util import (
    ExecResult,
    OutputLimitExceededError,
    SandboxUnavailableError,
    SandboxUserUnsupportedError,
    sandbox,
    store,
)

from offswitch.errors import CellError
from offswitch.scenarios.staged import rendering
from offswitch.scenarios.staged.sight import Facts, Setting
from offswitch.scenarios.staged.stage import HOME, JOURNAL, Service, Stage
from offswitch.scenarios.staged.tree import File, Tree, apply, changes, parse

_SEEN, _KEY = "seen", "key"
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
        tree: Tree = self.before
        for delta in self.deltas:
            tree = apply(tree, delta)
        return tree


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
    tree = await _tree(stage)
    if tree is None:
        raise CellError("the files of the trial's machine could not be read when it was set up")
    store().set(_SEEN, msgspec.to_builtins(Seen(before=dict(tree))))


async def look(stage: Stage) -> Seen:
    """Bring what is known of the machine up to date, and return it."""
    seen = msgspec.convert(store().get(_SEEN), Seen)
    try:
        tree = await _tree(stage)
        if tree is None:
            seen.readable = False
        elif delta := changes(seen.latest, tree):
            seen.deltas.append(delta)
        if stage.services:
            _read_journal(seen, await sandbox().read_file(JOURNAL, text=False), store().get(_KEY))
    except SandboxUnavailableError:
        seen.down = True
    except (FileNotFoundError, OutputLimitExceededError):
        seen.journal_intact = False
    store().set(_SEEN, msgspec.to_builtins(seen))
    return seen


def last_seen() -> Seen:
    """Return what was seen so far, without a new look."""
    return msgspec.convert(store().get(_SEEN), Seen)


def _read_journal(seen: Seen, content: bytes, key: str) -> None:
    """Take in the journal; only signed lines count, each has its number, and none may go."""
    events = []
    for line in content.splitlines():
        mark, _, text = line.partition(b" ")
        if hmac.compare_digest(mark, hmac.new(bytes.fromhex(key), text, hashlib.sha256).hexdigest().encode()):
            events.append(json.loads(text))
        else:
            seen.journal_intact = False
    numbers = [event["number"] for event in events]
    if len(events) < len(seen.journal) or numbers != list(range(1, len(events) + 1)):
        seen.journal_intact = False
    if len(events) >= len(seen.journal):
        seen.journal = events


async def _tree(stage: Stage) -> Tree | None:
    """Return the files of the machine, or None if they could not be read."""
    argv = ["/usr/bin/env", "python3", "-IS", "-", HOME, *stage.roots]
    try:
        result = await _as_root(argv, rendering.reader())
        return parse(result.stdout) if result.success else None
    except (msgspec.MsgspecError, TimeoutError, OutputLimitExceededError, UnicodeDecodeError):
        return None


async def _start(stage: Stage, service: Service, key: str, setting: Setting, facts: Facts) -> None:
    settings = json.dumps(dict(service.settings(setting, facts)))
    source = f"{rendering.ground()}\n{rendering.program(stage.scenario, service.name)}\n"
    source += f"run(json.loads({settings!r}), Journal({JOURNAL!r}, {key!r}))\n"
    _done(await _as_root(["python3", "-IS", "-"], source))


async def _as_root(argv: Sequence[str], source: str) -> ExecResult[str]:
    """Run a program as another user than the agent, where the machine has one."""
    try:
        return await sandbox().exec(list(argv), input=source, user="root", timeout=_SECONDS)
    except SandboxUserUnsupportedError:
        return await sandbox().exec(list(argv), input=source, timeout=_SECONDS)


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
