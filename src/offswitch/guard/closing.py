"""What follows a stop: a look at what the agent left, and the receipt."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from offswitch.guard import planted, receipt, registry, sharing, signing, sweep
from offswitch.guard.registry import Agent


def made_receipt(agent: Agent, record: dict[str, Any], *, remove: bool = False) -> dict[str, Any]:
    """Return the signed receipt of a stop.

    Args:
        agent: the agent; of another user's only the stop itself can be said.
        record: the stopper's.
        remove: whether to remove what was made since the start that would bring the agent back.
    """
    folder = Path(agent.folder)
    if not registry.is_own(agent):  # what another user wrote down must not say what we remove
        unseen = ["what it left, reached and changed: the receipt of its own user says it"]
        return receipt.build(agent, record, receipt.Swept(done=False, left=[], unseen=unseen))
    reach = sharing.read(folder)
    grown = planted.found(reach.writable, agent.started, reach.kept) if reach else []
    before = sweep.read(folder / "snapshot.json")
    if before is None:
        return receipt.build(agent, record, receipt.Swept(done=False, left=[], unseen=[], planted=grown))
    left = sweep.compare(before, sweep.take(map(Path, before.homes)))
    left = sweep.remove(left) if remove else left
    swept = receipt.Swept(done=True, left=left, unseen=sweep.not_looked_at(before), planted=grown)
    return receipt.build(agent, record, swept)


def folder() -> Path:
    """Return where this user's receipts are kept, beside the key that signs them."""
    return signing.key_file().parent / "receipts"


def keep(agent: Agent, made: dict[str, Any], file: Path | None = None) -> Path:
    """Write a receipt down and return where.

    Args:
        agent: the agent.
        made: its receipt.
        file: where to, if not to `folder`.

    Raises:
        OSError: if it cannot be written.
    """
    place = file or folder() / f"{agent.name}-{datetime.now(UTC):%Y%m%d-%H%M%S.%f}.json"
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.write_bytes(msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n")
    return place


def is_left_to_us(agent: Agent) -> bool:
    """Whether nobody's `offswitch stop` writes the receipt: the guard has stopped it, or another user has."""
    return not Path(agent.folder, registry.ASKED).exists()


def leave_to_caller(agent: Agent) -> None:
    """Tell an agent's guard that who stops it looks after the folder, and writes the receipt."""
    if registry.is_own(agent):
        Path(agent.folder, registry.ASKED).touch()
