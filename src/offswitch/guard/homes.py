"""The home folders of this machine's users: what programs start from there is no work of an agent's."""

from __future__ import annotations

import contextlib
import pwd
from collections.abc import Iterable, Mapping
from pathlib import Path

SIGNS = (".ssh", ".gnupg", ".bash_history", ".bash_logout", ".zsh_history")
"""What lies in homes and hardly elsewhere, not in a repository of start-up files either: by them the home of
somebody shows whom this machine does not list, such as a user of the host in a container."""


def of_everybody(writable: Iterable[Path], environment: Mapping[str, str]) -> set[Path]:
    """Return the home of every user that the machine lists, and of those an agent works for.

    Args:
        writable: folders it works in.
        environment: the guard's own.
    """
    listed = {Path(entry.pw_dir) for entry in pwd.getpwall()}
    return {home for home in listed | set(concerned(writable, environment)) if home.is_absolute()}


def concerned(writable: Iterable[Path], environment: Mapping[str, str]) -> list[Path]:
    """Return the homes of who guards, of the owners of folders, and of who has become root by sudo.

    Args:
        writable: folders an agent works in.
        environment: the guard's own.
    """
    own = Path.home().resolve()
    users = {folder.stat().st_uid for folder in writable if folder.exists()}
    behind = environment.get("SUDO_UID", "")
    if behind.isascii() and behind.isdigit():
        users.add(int(behind))
    return sorted({own, *(home for home in map(_of, users) if home is not None)})


def _of(user: int) -> Path | None:
    with contextlib.suppress(KeyError, OverflowError):
        home = Path(pwd.getpwuid(user).pw_dir)
        if home.is_absolute() and home != Path("/"):
            return home.resolve()
    return None
