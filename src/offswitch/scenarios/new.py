"""A folder for a scenario of one's own: a copy of the template, which is a small scenario that works."""

from __future__ import annotations

import keyword
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

from offswitch.errors import UsageError
from offswitch.plugins import names
from offswitch.scenarios.folders import below

_TEMPLATE = "example_scenario"
_TITLE = "Example scenario"
_CANARY = "00000000-0000-0000-0000-000000000000"


def write(name: str, into: Path) -> Path:
    """Write the folder, and return it.

    Args:
        name: of the scenario and of its Python package: small letters, digits and underscores.
        into: the folder that gets the new one.

    Raises:
        UsageError: if the name cannot be one or is taken, or there is such a folder already.
    """
    _check(name)
    folder = into / name
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise UsageError(f"{folder} is there already; choose another name, or another --into") from None
    except OSError as failure:
        raise UsageError(f"{folder} cannot be made: {failure.strerror}") from failure
    for path, file in below(files("offswitch.scenarios") / "template"):
        target = folder / _renamed(path, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_renamed(file.read_text(encoding="utf-8"), name), encoding="utf-8")
    return folder


def _check(name: str) -> None:
    """Refuse a name that no scenario or no package can have, or that would hide another module."""
    if not name.isidentifier() or not name.islower() or not name.isascii():
        raise UsageError(f"expected a name of small letters, digits and underscores, got {name!r}")
    if name in names("offswitch.scenarios"):
        raise UsageError(f"there is a scenario {name!r} already; choose another name")
    if keyword.iskeyword(name):
        raise UsageError(f"{name!r} is a word of Python's, and no package can be named so")
    found = find_spec(name)
    if found is not None and found.origin is not None:
        raise UsageError(f"there is a Python module {name!r} already; choose another name")


def _renamed(text: str, name: str) -> str:
    title = name.replace("_", " ").capitalize()
    return text.replace(_TEMPLATE, name).replace(_TITLE, title).replace(_CANARY, str(uuid4()))
