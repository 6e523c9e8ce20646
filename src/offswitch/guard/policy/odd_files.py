"""Files in an agent's folders that no policy can hold: they are refused, with what to do about them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable

from offswitch.errors import UsageError
from offswitch.guard.folders import entries

_PRIVILEGED = stat.S_ISUID | stat.S_ISGID


def refuse_odd_names(paths: Iterable[str]) -> None:
    """Refuse names that no document can hold as they are.

    Raises:
        UsageError: if one is no UTF-8.
    """
    for path in paths:
        try:
            path.encode()
        except UnicodeEncodeError as failure:
            raise UsageError(f"{path!r}: expected a name in UTF-8: rename it, or remove it") from failure


def refuse_privileged_programs(folders: Iterable[str], sealed: Iterable[str]) -> None:
    """Refuse programs with their owner's rights where an agent may write as that owner: under root's guard.

    The kernel takes the rights away when such a file is written to, but not when it is written to in memory
    that stands for it (mmap(2)): the agent could make it do anything, as root.

    Raises:
        UsageError: if there is one.
    """
    left, held = [folder for folder in folders if os.geteuid() == 0], frozenset(sealed)
    while left:
        for entry in entries(left.pop()):
            if entry.path in held:
                continue
            if entry.is_dir(follow_symlinks=False):
                left.append(entry.path)
            elif entry.is_file(follow_symlinks=False) and _is_privileged(entry):
                raise UsageError(
                    f"{entry.path} runs with its owner's rights (setuid or setgid), and the agent could "
                    "rewrite it: none may be in a writable folder: chmod ug-s it, or name it in files.sealed"
                )


def _is_privileged(entry: os.DirEntry[str]) -> bool:
    try:
        return bool(entry.stat(follow_symlinks=False).st_mode & _PRIVILEGED)
    except OSError:  # it has just gone
        return False
