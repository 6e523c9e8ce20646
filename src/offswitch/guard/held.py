"""What is held because of a condition, until a person settles it: one file each, out of the agent's sight."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


class Held:
    """What is held, as files that a person settles: N.json waits, N.allowed and N.refused are settled.

    Args:
        folder: where they lie, out of the agent's sight.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._count = 0

    def add(self, facts: Mapping[str, Any], why: str, until: float) -> int:
        """Note something that is held until a time (seconds of the epoch); return its number."""
        self._count += 1
        text = json.dumps({**facts, "why": why, "until": until, "since": time.time()})
        hidden = self._folder / f".{self._count}"
        hidden.write_text(text)
        hidden.rename(self._folder / f"{self._count}.json")
        return self._count

    def settled(self, number: int) -> bool | None:
        """Return whether it was allowed or refused; None while it waits."""
        for ending, allowed in (("refused", False), ("allowed", True)):
            file = self._folder / f"{number}.{ending}"
            if file.exists():
                file.unlink()
                return allowed
        return None

    def forget(self, number: int) -> None:
        """Remove what nobody has settled in time."""
        (self._folder / f"{number}.json").unlink(missing_ok=True)


def held(folder: Path) -> list[dict[str, Any]]:
    """Return what waits in an agent's folder: "number", "why", "until" and the facts."""
    found = []
    for file in sorted((folder / "held").glob("*.json"), key=lambda file: int(file.stem)):
        with contextlib.suppress(FileNotFoundError):  # it was settled meanwhile
            found.append({"number": int(file.stem), **json.loads(file.read_text())})
    return found


def settle(folder: Path, *, allow: bool, numbers: Sequence[int] | None = None) -> int:
    """Allow or refuse what an agent has held up, all or some numbers; return how many."""
    count = 0
    for one in held(folder):
        if numbers is None or one["number"] in numbers:
            file = folder / "held" / f"{one['number']}.json"
            with contextlib.suppress(FileNotFoundError):  # its time is over
                file.rename(file.with_suffix(".allowed" if allow else ".refused"))
                count += 1
    return count
