"""Finds the files of assets inside the folders an agent gets, which are sealed or hidden by their role."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from offswitch.effects import AssetIndex, default_assets
from offswitch.errors import UsageError
from offswitch.guard.policy.model import PROTECTED, Policy, Protection
from offswitch.trace import Asset, Effect, Role, Target, at_least

MOST_ENTRIES = 20_000
"""Files and folders looked at in all; a large repository has as many, and they take about two seconds."""
MOST_FOUND = 600
"""Files sealed or hidden; each is a mount, with one for each folder above, and bubblewrap's time grows with
their square."""

_PASSED_OVER = frozenset({"node_modules", "__pycache__", ".venv", "venv", ".tox", ".mypy_cache", "objects"})
"""Folders of what others have written, and of Git's packed objects: many files, no settings of the agent."""


class Found(NamedTuple):
    """A file or folder of an asset.

    Attributes:
        path: of the host.
        role: the asset's.
        asset: the asset's name.
        protection: what becomes of it.
    """

    path: Path
    role: Role
    asset: str
    protection: Protection


class Protector:
    """Knows a policy's assets.

    What the policy declares counts always; of what comes with this package only what an act on is graver than
    `low`, since the rest is often the work itself (a project's own `monitor.py`), and secrets, whatever their
    gravity.

    Args:
        policy: the policy.
        home: the agent's home folder, which patterns such as `~/.x` are about.
    """

    def __init__(self, policy: Policy, home: Path) -> None:
        shipped = [
            one for one in default_assets() if one.role == "credentials" or at_least(one.most, "medium")
        ]
        self._index = AssetIndex(_of_paths([*shipped, *policy.assets]))
        self._protect: Mapping[Role, Protection] = PROTECTED | policy.protect
        self._home = home

    def of(self, path: Path) -> Found | None:
        """Return the asset that a path belongs to, or None; of several the one that is protected most."""
        found = [Found(path, one.role, one.name, self._protect[one.role]) for one in self._assets(path)]
        order: list[Protection] = ["open", "sealed", "hidden"]
        return max(found, key=lambda one: order.index(one.protection), default=None)

    def look(self, folders: Iterable[Path], opened: Iterable[Path]) -> tuple[list[Found], list[str]]:
        """Look through folders for files of assets.

        Args:
            folders: what the agent gets.
            opened: what is not to be protected.

        Returns:
            What is to be sealed or hidden, and one line for a person on each thing that was not looked at.

        Raises:
            UsageError: if it is too much to be held.
        """
        found: list[Found] = []
        left = frozenset(opened)
        for count, entry in enumerate(_below(folders, left, found), 1):
            if count > MOST_ENTRIES:
                note = (
                    f"only {MOST_ENTRIES:,} files were searched for assets; name deeper ones in files.sealed"
                )
                return found, [note]
            one = self.of(entry)
            if one is not None and one.protection != "open":
                found.append(one)
            if len(found) > MOST_FOUND:
                raise UsageError(
                    f"more than {MOST_FOUND:,} files are of assets, such as {entry} ({found[-1].asset}): "
                    "name their folder in the policy's files.sealed, or in files.open"
                )
        return found, []

    def _assets(self, path: Path) -> Iterator[Asset]:
        names = [str(path)]
        if path.is_relative_to(self._home):
            names.append(f"~/{path.relative_to(self._home)}")
        for name in names:
            effect = Effect(
                verb="write", target=Target("path", name), certainty="definite", evidence="", via=""
            )
            yield from (
                touch.asset for touch in self._index.touched(effect) if touch.sure and not touch.guarded
            )


def _of_paths(assets: Iterable[Asset]) -> Iterator[Asset]:
    """Yield the assets that are files; a catch-all such as `~/.claude/**` is none that could be sealed."""
    for asset in assets:
        if any(pattern.kind == "path" for pattern in asset.patterns):
            yield asset


def _below(folders: Iterable[Path], opened: frozenset[Path], found: list[Found]) -> Iterator[Path]:
    """Yield what lies below folders, breadth first; not what is open, nor what lies in what was found."""
    todo = list(dict.fromkeys(folders))
    while todo:
        folder = todo.pop(0)
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            path = Path(entry.path)
            if path in opened:
                continue
            before = len(found)
            yield path
            whole = len(found) > before
            if not whole and entry.is_dir(follow_symlinks=False) and entry.name not in _PASSED_OVER:
                todo.append(path)
