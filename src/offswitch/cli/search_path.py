"""Nothing is imported from the current folder, which is the agent's where most people type `offswitch stop`.

An agent that writes `msgspec.py` there would else be asked to stop itself. This is the first thing that runs,
and imports nothing that is not part of the interpreter. What it cannot undo is what Python has read before: a
`sitecustomize.py`, or a whole `offswitch`, in a folder that PYTHONPATH names. Therefore `offswitch guard`
refuses a PYTHONPATH that leads to where the agent writes; `python -I -m offswitch.cli.main` reads none of it.
"""

from __future__ import annotations

import os
import sys


def leave_current_folder(*, below: bool) -> None:
    """Take from `sys.path` what is relative, and of PYTHONPATH what is the current folder, too.

    Args:
        below: whether also what PYTHONPATH names that lies in the current folder.
    """
    here = _current()
    left = set() if sys.flags.ignore_environment else set(_named(here, below=below))
    sys.path[:] = [entry for entry in sys.path if entry.startswith("/") and entry not in left]


def leave_folder_of_module() -> None:
    """Take from `sys.path` the current folder, which `python -m` has put first."""
    if not sys.flags.safe_path and sys.path and sys.path[0] == _current():
        del sys.path[0]


def _named(here: str, *, below: bool) -> list[str]:
    """Return what PYTHONPATH names that is relative, empty, or a folder, or in it, as `sys.path` has it."""
    value = os.environ.get("PYTHONPATH", "")
    entries = value.split(":") if value else []
    absolute = [(entry, os.path.abspath(entry)) for entry in entries]  # noqa: PTH100 (as Python does it)
    return [path for entry, path in absolute if not entry.startswith("/") or _is_at(path, here, below=below)]


def _is_at(path: str, folder: str, *, below: bool) -> bool:
    places = (path, os.path.realpath(path))
    return folder in places or (below and any(one.startswith(f"{folder}/") for one in places))


def _current() -> str:
    """Return the current folder, or what no path is if it has been deleted."""
    try:
        return os.getcwd()  # noqa: PTH109 (no import of pathlib before the path is known)
    except OSError:
        return "\0"
