"""The receipt of a stop: what was done, when, what was seen, and what could not be verified here."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from offswitch.errors import InputError
from offswitch.guard import findings, registry, seal, signing
from offswitch.guard.policy.resolve import role_in
from offswitch.guard.stop import records
from offswitch.guard.sweep import Left

SCHEMA = "offswitch.receipt/1"
_MOST_HANDOFFS = 1_000
_LARGEST = 64 * 1024 * 1024
_CUT_SHORT = "it is cut short, as by the death of its writer, before anything of it could leave"


class Swept(NamedTuple):
    """What the sweep for persistence came to.

    Attributes:
        done: whether there was a snapshot to compare with.
        left: what would bring the agent back.
        unseen: what could not be looked at, in words.
        planted: files in the work that start programs for whoever uses it, made or changed meanwhile.
    """

    done: bool
    left: list[Left]
    unseen: list[str]
    planted: Sequence[str] = ()


class _Noted(NamedTuple):
    """What the guard has written down of an agent; "unfinished" is what is to be said of lines cut short."""

    handoffs: list[dict[str, Any]]
    findings: list[Any]
    unread: list[str]
    unfinished: list[str]
    seal: str


_NOTHING = _Noted([], [], [], [], "")
"""What is said of another user's agent, whose folder may hold anything."""


def build(agent: registry.Agent, record: dict[str, Any], swept: Swept) -> dict[str, Any]:
    """Return a signed receipt.

    Args:
        agent: the agent.
        record: the stopper's, with the steps and their times.
        swept: what the sweep came to.

    Returns:
        The document; "verified" is true if `why_not` finds nothing. docs/guard.md says what each field is.
    """
    noted = _noted(Path(agent.folder)) if registry.is_own(agent) else _NOTHING
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "made": time.time(),
        "by": f"offswitch {version('offswitch')}",
        "machine": _machine(),
        "agent": msgspec.to_builtins(agent),
        "stop": record,
        "swept": swept.done,
        "left": [item._asdict() for item in swept.left],
        "planted": list(swept.planted),
        "handoffs": noted.handoffs,
        "findings": noted.findings,
        "unread": noted.unread,
        "seal": noted.seal,
        "not_verified_here": [*_open_ends(agent, noted.handoffs), *noted.unfinished, *swept.unseen],
    }
    document["why_not"] = list(why_not(document))
    document["verified"] = not document["why_not"]
    return signing.signed(document)


def _noted(folder: Path) -> _Noted:
    unread: list[str] = []
    unfinished: list[str] = []
    handoffs = _handoffs(folder / "egress.jsonl", unread, unfinished)
    found = _findings(folder, unread)
    found += [one for one in _sealed(folder / "seal.json", unread) if one not in found]
    return _Noted(handoffs, found, unread, unfinished, _digest(folder / "seal.json"))


def why_not(document: dict[str, Any]) -> Iterator[str]:
    """Yield each reason for which the stop that a receipt describes is not verified."""
    stop = document["stop"]
    if not stop["empty"]:
        yield "processes of the cell may be left"
    for step in stop["steps"]:
        if not step["done"] and step["step"] != "freeze":  # what is killed need not have frozen before
            yield f"the step {step['step']!r} was not seen to be done: {step.get('problem') or 'in time'}"
    if not document["swept"]:
        yield "there is no snapshot from the start to compare with: nothing was swept"
    for what in document["unread"]:
        yield f"cannot be read: {what}"
    for item in document["left"]:
        yield f"left: {item['what']} ({item['change']})"


def read(file: Path) -> dict[str, Any]:
    """Read a receipt.

    Raises:
        InputError: if it is none.
    """
    try:
        text = records.content(file.resolve(), _LARGEST + 1)
        if len(text) > _LARGEST:
            raise InputError(f"{file}: expected a receipt; came: more than {_LARGEST:,} bytes")
        found = records.parsed(text)
    except OSError as failure:
        raise InputError(f"{file}: cannot be read: {failure.strerror or 'it is no file'}") from failure
    except ValueError as failure:
        raise InputError(f"{file}: expected a receipt, a JSON document: {failure}") from failure
    if found.get("schema") != SCHEMA:
        raise InputError(f"{file}: expected a receipt of the schema {SCHEMA}")
    return found


def problems(document: dict[str, Any], keys: Iterable[str]) -> list[str]:
    """Return what keeps a receipt from holding; nothing if it does.

    Args:
        document: the receipt.
        keys: public keys that are trusted to sign one.
    """
    try:
        key = signing.check(document)
    except InputError as failure:
        return [str(failure)]
    found = [] if key in set(keys) else [f"it is signed by a key that is not trusted here: {key}"]
    try:
        reasons = list(why_not(document))
    except (KeyError, TypeError, AttributeError):
        return [*found, "it does not have the fields of a receipt"]
    if document.get("verified") is not (not reasons):
        found.append("what it says of being verified is not what its steps say")
    return found + reasons


def _open_ends(agent: registry.Agent, handoffs: list[dict[str, Any]]) -> Iterator[str]:
    for entry in handoffs:
        yield f"what {entry['to']} does with what was sent there"
    if agent.model:
        yield f"requests that {agent.model} was still working on when the relay ended"
    for barrier, state in agent.missing.items():
        yield f"what the barrier {barrier} would have held back, which was not in force: {state}"


def _handoffs(journal: Path, unread: list[str], unfinished: list[str]) -> list[dict[str, Any]]:
    """Return each host that was reached, with how often; beyond some, names below one "*." are one.

    What leaves is noted before it leaves: an outlet that was killed while it noted has let nothing out.
    """
    reached: dict[str, int] = {}
    torn = 0
    with contextlib.suppress(FileNotFoundError), journal.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                entry = json.loads(line)
                if entry.get("verdict") == "open":
                    name = entry["to"]
                    if name not in reached and len(reached) >= _MOST_HANDOFFS:
                        name = entry.get("entry", name)
                    reached[name] = reached.get(name, 0) + 1
            except (ValueError, KeyError, AttributeError):
                if line.endswith("\n"):
                    torn += 1
                else:
                    unfinished.append(f"what the last line of {journal.name} was to note: {_CUT_SHORT}")
    if torn:
        unread.append(f"{torn} lines of {journal.name}, of what left the cell")
    return [{"to": to, "connections": count} for to, count in reached.items()]


def _findings(folder: Path, unread: list[str]) -> list[Any]:
    try:
        return [msgspec.to_builtins(one) for one in findings.noted(folder)]
    except (OSError, msgspec.DecodeError) as failure:
        unread.append(f"{findings.FILE}: {failure}")
        return []


def _sealed(file: Path, unread: list[str]) -> list[Any]:
    """Compare what was sealed with how it is now, and return the findings."""
    try:
        document = msgspec.json.decode(file.read_bytes())
        changes = seal.at_end(document)
        found = findings.of_changes(changes, lambda path: role_in(document["roles"], path))
        return [msgspec.to_builtins(one) for one in found]
    except (OSError, ValueError, KeyError, TypeError, InputError) as failure:
        unread.append(f"{file.name}, what was sealed: {failure}")
        return []


def _machine() -> dict[str, str]:
    names = os.uname()
    boot = Path("/proc/sys/kernel/random/boot_id")
    return {"name": names.nodename, "kernel": names.release, "boot": boot.read_text().strip()}


def _digest(file: Path) -> str:
    try:
        return f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"
    except FileNotFoundError:
        return ""
