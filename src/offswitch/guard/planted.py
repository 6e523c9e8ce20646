"""Files in an agent's work that start programs for whoever uses it: those that are new, or have changed.

Entering the folder, `git status` (in the folder around it, too), opening it in an editor, starting the next
agent there: each runs what such a file says. What is there at the start is sealed as far as the policy knows
it; what comes later in subfolders is the agent's work, and told.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from offswitch.guard.folders import entries
from offswitch.guard.sockets.search import MOST_ENTRIES

_MOST_TOLD = 100
_NAMES = frozenset(
    {
        ".envrc",
        ".gitmodules",
        ".mcp.json",
        ".mise.toml",
        ".npmrc",
        ".pre-commit-config.yaml",
        ".yarnrc.yml",
        "AGENTS.md",
        "CLAUDE.md",
        "offswitch.yaml",
    }
)
_FOLDERS = frozenset(
    {".claude", ".codex", ".cursor", ".devcontainer", ".husky", ".idea", ".openhands", ".vscode"}
)
"""Of these everything below counts."""
_OF_GIT = frozenset({"config", "commondir", "hooks"})


def found(folders: Iterable[str], since: float, but: Iterable[str]) -> list[str]:
    """Return those that were made or changed, at most a hundred, and a line if there may be more.

    Args:
        folders: of the agent's work.
        since: seconds of the epoch; the kernel sets the time of a file's last change, and nobody else can.
        but: what was sealed.
    """
    sealed = tuple(but)
    told: list[str] = []
    for path in _changed(folders, since):
        if any(PurePosixPath(path).is_relative_to(place) for place in sealed):
            continue
        if len(told) >= _MOST_TOLD:
            return [*told, "more of them"]
        told.append(path)
    return told


def _changed(folders: Iterable[str], since: float) -> Iterator[str]:
    left, count = [(folder, False) for folder in folders], 0
    while left and count < MOST_ENTRIES:
        folder, whole = left.pop()
        of_git = PurePosixPath(folder).name == ".git"
        for entry in sorted(entries(folder), key=lambda entry: entry.name):
            count += 1
            named = whole or (entry.name in _OF_GIT if of_git else entry.name in _NAMES)
            if entry.is_dir(follow_symlinks=False):
                left.append((entry.path, named or entry.name in _FOLDERS))
            elif (named or entry.name == ".git") and _ctime(entry) >= since:
                yield entry.path
    if left:
        yield f"{left[-1][0]}, which was too much to be looked through"


def _ctime(entry: os.DirEntry[str]) -> float:
    try:
        return entry.stat(follow_symlinks=False).st_ctime
    except OSError:  # it has just gone
        return 0.0
