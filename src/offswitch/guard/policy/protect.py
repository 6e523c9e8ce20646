"""Finds the files of assets inside the folders an agent gets, which are sealed or hidden by their role."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import re2

from offswitch.effects import AssetIndex, default_assets
from offswitch.effects.assets.globs import expression, has_glob, parts_of
from offswitch.errors import UsageError
from offswitch.guard.policy import repositories, search
from offswitch.guard.policy.model import PROTECTED, Policy, Protection
from offswitch.trace import Asset, Effect, Role, Target, at_least

MOST_FOUND = 600
"""Files sealed or hidden; each is a mount, with one for each folder above, and bubblewrap's time grows with
their square."""


class Found(NamedTuple):
    """A file or folder of an asset.

    Attributes:
        path: of the host.
        role: the asset's.
        asset: the asset's name.
        protection: what becomes of it.
        folder: whether it is made as a folder, if it is not there.
    """

    path: Path
    role: Role
    asset: str
    protection: Protection
    folder: bool = False


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
        self._names = _names_of(self._index.assets)
        self._protect: Mapping[Role, Protection] = PROTECTED | policy.protect
        self._home = home

    def of(self, path: Path) -> Found | None:
        """Return the asset that a path belongs to, or None; of several the one that is protected most."""
        found = [Found(path, one.role, one.name, self._protect[one.role]) for one in self._assets(path)]
        order: list[Protection] = ["open", "sealed", "hidden"]
        return max(found, key=lambda one: order.index(one.protection), default=None)

    def look(self, folders: Iterable[Path], opened: Iterable[Path]) -> list[Found]:
        """Look through folders for files of assets; return what is to be sealed or hidden.

        Args:
            folders: what the agent gets.
            opened: what is not to be protected.

        Raises:
            UsageError: if it is too much to be searched, or to be held.
        """
        found: list[Found] = []
        whole: set[str] = set()
        inside = [one for one in folders if self.of(one) is not None]  # all of these may be an asset's
        for places, names in ((folders, self._names), (inside, lambda _: True)):
            for entry in search.below(places, opened, names, whole):
                these = [*self._of_git(entry), self.of(entry)]
                kept = [one for one in these if one is not None and one.protection != "open"]
                found += kept
                whole |= {str(one.path) for one in kept}
                if len(found) > MOST_FOUND:
                    raise UsageError(
                        f"more than {MOST_FOUND:,} files are of assets, such as {entry} ({found[-1].asset}): "
                        "name their folder in the policy's files.sealed, or in files.open"
                    )
        return found

    def at_the_top(self, folder: Path) -> list[Found]:
        """Return what an agent must not make in the folder where it starts: a repository of its own."""
        return [self._git(part) for part in repositories.at_the_top(folder)]

    def _of_git(self, entry: Path) -> Iterator[Found]:
        """Yield what an entry shows to be a part of a Git repository that starts programs."""
        yield from map(self._git, repositories.parts(entry, self._home))

    def _git(self, part: repositories.Part) -> Found:
        return Found(part.path, "persistence", "git-commands", self._protect["persistence"], part.folder)

    def _assets(self, path: Path) -> Iterator[Asset]:
        names = [str(path)]
        if path.is_relative_to(self._home):
            names.append(f"~/{path.relative_to(self._home)}")
        for name in map(_plain, names):
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


def _names_of(assets: Iterable[Asset]) -> Callable[[str], bool]:
    """Return what says of a file's name whether its path may be an asset's: most names cannot.

    The last part of a pattern decides, or of one that ends in `**` that before it: what lies in a folder that
    is an asset's is not looked for.
    """
    patterns = [one.glob for asset in assets for one in asset.patterns if one.kind == "path"]
    last = [next((part for part in reversed(parts_of(glob)) if part != "**"), "*") for glob in patterns]
    plain = {part for part in last if not has_glob(part)} | repositories.NAMES
    globs = re2.compile(
        "|".join(f"(?:{expression([part])})" for part in {*last} if has_glob(part)) or "[^\\s\\S]"
    )
    return lambda name: name in plain or globs.fullmatch(_plain(name)) is not None


def _plain(path: str) -> str:
    """Return a path in which nothing is taken for a glob, or for no sign at all."""
    if path.isprintable() and not has_glob(path):
        return path
    return "".join(sign if sign.isprintable() and sign not in "*?[" else "_" for sign in path)
