"""Where agents are noted: this user's folders, and for root those of all users."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path

from offswitch.errors import UsageError

_SOCKETS = Path("/proc/net/unix")
_BELOW_HOME = ".local/state/offswitch/run"


def home() -> Path:
    """Return the folder of all of this user's agents; it is for its owner's eyes only.

    Raises:
        UsageError: if it is not.
    """
    if os.getuid() == 0:
        place = Path("/run/offswitch")
    elif runtime := os.environ.get("XDG_RUNTIME_DIR", ""):
        place = Path(runtime, "offswitch")
    else:
        place = Path.home() / _BELOW_HOME
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = place.stat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise UsageError(f"{place}: expected a folder of this user's that nobody else may open")
    return place


def owner(folder: Path) -> int:
    """Return the user whose folder it is; -1 if it is none, or a link to one."""
    try:
        found = folder.lstat()
    except OSError:
        return -1
    return found.st_uid if stat.S_ISDIR(found.st_mode) else -1


def homes(socket_name: str) -> list[Path]:
    """Return every folder of agents there may be, each once: for root, those of all users.

    Args:
        socket_name: name of a stopper's socket in an agent's folder.
    """
    places = [home(), *_in_use(socket_name)]
    if os.getuid() == 0:
        places += Path("/run/user").glob("*/offswitch")
        places += [Path(folder, _BELOW_HOME) for folder in sorted({entry.pw_dir for entry in pwd.getpwall()})]
    return list(dict.fromkeys(places))


def _in_use(socket_name: str) -> Iterator[Path]:
    """Yield the folders in which a stopper listens, wherever the environment had its guard put it."""
    for line in _SOCKETS.read_text(errors="surrogateescape").splitlines():
        fields = line.split(maxsplit=7)
        socket = Path(fields[-1])
        if len(fields) == 8 and socket.name == socket_name and socket.is_absolute():
            user = owner(socket.parent)
            if user >= 0 and os.getuid() in {user, 0}:
                yield socket.parents[1]
