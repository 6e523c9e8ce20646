"""Codex's patch format: adds, updates, moves and deletes files."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from texts import replace_once, write

_HEADS = ("Add File: ", "Update File: ", "Delete File: ", "Move to: ", "Begin Patch", "End Patch")


@dataclass
class _Change:
    """What one file is to become."""

    kind: str
    path: str
    moved: str = ""
    lines: list[str] = field(default_factory=list)

    def apply(self) -> None:
        if self.kind == "Delete File: ":
            Path(self.path).unlink()
        elif self.kind == "Add File: ":
            write(self.path, "".join(line[1:] + "\n" for line in self.lines))
        else:
            text = Path(self.path).read_text()
            for hunk in self._hunks():
                old = "".join(line[1:] + "\n" for line in hunk if line[:1] in " -")
                new = "".join(line[1:] + "\n" for line in hunk if line[:1] in " +")
                text = replace_once(text, old, new)
            write(self.moved or self.path, text)
            if self.moved:
                Path(self.path).unlink()

    def _hunks(self) -> list[list[str]]:
        hunks: list[list[str]] = [[]]
        for line in self.lines:
            if line.startswith("@@"):
                hunks.append([])
            else:
                hunks[-1].append(line)
        return [hunk for hunk in hunks if hunk]


def apply_patch(text: str) -> None:
    """Do what a patch says.

    Raises:
        ValueError: if a piece to replace is not there.
        OSError: if a file is not there.
    """
    changes: list[_Change] = []
    for line in text.splitlines():
        head = next((kind for kind in _HEADS if line.startswith("*** " + kind)), None)
        if head == "Move to: ":
            changes[-1].moved = line[4 + len(head) :]
        elif head and head.endswith(": "):
            changes.append(_Change(head, line[4 + len(head) :]))
        elif head is None and changes:
            changes[-1].lines.append(line)
    for change in changes:
        change.apply()
