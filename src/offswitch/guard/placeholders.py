"""Sealed files that were not there: made for as long as an agent runs, so that it cannot make them itself.

What is made is written down first, in the agent's folder: a guard that crashes leaves the list, and the next
one, or `offswitch ps`, takes the placeholders away.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

from offswitch.guard import registry
from offswitch.guard.policy.resolve import Made

_LIST = "made.json"
_CONTENT = {".mcp.json": '{"mcpServers": {}}\n', "mcp.json": '{"mcpServers": {}}\n'}
"""What programs take for "nothing is set"; other JSON files hold an empty object, and the rest nothing."""


def make(folder: Path, made: Iterable[Made]) -> None:
    """Make placeholders, and the folders they lie in.

    Args:
        folder: the agent's, in the registry.
        made: what is to be made.

    Raises:
        OSError: if that is refused.
    """
    wanted: list[tuple[Path, bool]] = [
        (parent, True) for one in made for parent in _missing_parents(one.path)
    ]
    wanted += [(one.path, one.folder) for one in made]
    listed: list[tuple[str, bool]] = [
        (str(path), whole) for path, whole in dict.fromkeys(wanted) if not os.path.lexists(path)
    ]
    maker = os.getpid()
    noted = {"maker": maker, "born": registry.born(maker), "made": listed}
    (folder / _LIST).write_text(json.dumps(noted))
    for text, whole in listed:
        path = Path(text)
        owner = path.parent.stat()
        if whole:
            path.mkdir(mode=0o755)
        else:
            path.write_text(_content(path))
        if os.getuid() == 0:
            os.chown(path, owner.st_uid, owner.st_gid)


def unmake(folder: Path) -> None:
    """Remove an agent's placeholders, but for those into which somebody has put something."""
    try:
        listed = json.loads((folder / _LIST).read_text())["made"]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return
    for text, whole in reversed(listed):
        path = Path(text)
        with contextlib.suppress(OSError, ValueError):
            if whole:
                path.rmdir()
            elif not path.is_symlink() and path.read_text() == _content(path):
                path.unlink()
    (folder / _LIST).unlink(missing_ok=True)


def remove_left_over() -> None:
    """Remove the placeholders of agents that run no more, whose guard is gone and had no time to."""
    for file in registry.home().glob(f"*/{_LIST}"):
        if not _has_maker(file) and not registry.is_running(file.parent.name):
            unmake(file.parent)


def _has_maker(file: Path) -> bool:
    """Whether the guard that made them is there: one that is only starting has no agent yet."""
    try:
        noted = json.loads(file.read_text())
        return 0 < int(noted["born"]) == registry.born(int(noted["maker"]))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _missing_parents(path: Path) -> list[Path]:
    return [parent for parent in reversed(path.parents) if not parent.exists()]


def _content(path: Path) -> str:
    return _CONTENT.get(path.name, "{}\n" if path.suffix == ".json" else "")
