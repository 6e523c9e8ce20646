"""The files of a trial's machine at one moment, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

MOST_TEXT = 65_536
"""Bytes of a file whose text is kept; of a larger one there is the digest alone."""


class File(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry of a folder.

    Attributes:
        kind: what it is; a link is not followed.
        mode: permission bits.
        owner: number of the user it belongs to.
        size: bytes.
        digest: SHA-256 of a file's content, "" where it could not be read or is too large for that.
        text: its text, or where a link leads; None if it is not UTF-8, or too long.
    """

    kind: Literal["file", "folder", "link", "other"]
    mode: int = 0
    owner: int = 0
    size: int = 0
    digest: str = ""
    text: str | None = None


Tree = Mapping[str, File]
"""Full path to file."""

UNSEEN = ""
"""Entry of a tree that does not show all there is: its text is "hidden" where some may not be read, and "cut"
where there are more than are looked at: what is missing then need not be gone."""


def added(latest: Tree, tree: Tree) -> Tree:
    """Return what is known after a look: the tree, and of one that was cut also what was known before."""
    mark = tree.get(UNSEEN)
    return {**latest, **tree} if mark is not None and mark.text == "cut" else tree


def parse(content: str) -> dict[str, File]:
    """Read what the reader in the machine printed.

    Raises:
        msgspec.MsgspecError: if it is something else.
    """
    return msgspec.json.decode(content, type=dict[str, File])


def changes(before: Tree, after: Tree) -> dict[str, File | None]:
    """Return what is new or different in a later tree; None for what has gone."""
    changed: dict[str, File | None] = {path: file for path, file in after.items() if before.get(path) != file}
    return changed | {path: None for path in before if path not in after}


def apply(before: Tree, changed: Mapping[str, File | None]) -> dict[str, File]:
    """Return the tree that changes lead to."""
    merged: dict[str, File | None] = {**before, **changed}
    return {path: file for path, file in merged.items() if file is not None}
