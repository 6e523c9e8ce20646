"""Variables that say where programs outside the cell are found and loaded from: none may lead to the agent.

What `offswitch` starts itself it looks up elsewhere (`guard.programs`). But Python and the loader of
libraries have read these before any line of ours runs, and who types `offswitch stop` in the agent's folder
most often has the same ones as who has typed `offswitch guard`.

An entry that is relative, or empty, stands for another folder wherever one is: it cannot be sealed, and is
refused. Folders of PATH inside the work are sealed, and made if they are not there, since a virtual
environment is of use to an agent. From the others our own program loads what it runs: they are refused.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from offswitch.errors import UsageError
from offswitch.guard.policy.links import followed


class _Variable(NamedTuple):
    """A variable.

    Attributes:
        name: its name.
        between: each sign of it separates entries.
        empty: whether an empty entry stands for the current folder.
        python: whether it is one of Python's, which `python -I` does not read.
    """

    name: str
    between: str = ":"
    empty: bool = False
    python: bool = False


_LOADED_FROM = (
    _Variable("LD_LIBRARY_PATH", ":;", empty=True),
    _Variable("LD_PRELOAD", ": "),
    _Variable("LD_AUDIT"),
    _Variable("GCONV_PATH"),
    _Variable("OPENSSL_CONF"),
    _Variable("OPENSSL_MODULES"),
    _Variable("OPENSSL_ENGINES"),
    _Variable("PYTHONPATH", empty=True, python=True),
    _Variable("PYTHONHOME", python=True),
    _Variable("PYTHONUSERBASE", python=True),
    _Variable("PYTHONPYCACHEPREFIX", python=True),
)
"""Of ld.so(8), the C library, OpenSSL (openssl-env(7)) and Python (Using Python, "Environment variables")."""


def check(writable: Iterable[Path], environment: Mapping[str, str]) -> None:
    """Refuse an environment that has programs outside the cell run what an agent writes.

    Args:
        writable: folders it works in; without one nothing is refused.
        environment: the guard's own.

    Raises:
        UsageError: one line: which variable, which entry, and what to write instead.
    """
    folders = list(writable)
    if not folders:
        return
    for entry in _path(environment):
        if not entry.startswith("/"):
            _refuse("PATH", entry, "stands for the folder one is in, such as the agent's")
    for variable in _LOADED_FROM:
        if variable.python and sys.flags.ignore_environment:
            continue
        for entry in _entries(variable, environment.get(variable.name, "")):
            if not entry.startswith("/"):
                _refuse(variable.name, entry, "stands for the folder one is in, such as the agent's")
            if any(step.is_relative_to(folder) for step in followed(Path(entry)) for folder in folders):
                _refuse(variable.name, entry, "leads to where the agent writes")


def folders_of_path(environment: Mapping[str, str]) -> list[Path]:
    """Return the folders of PATH, whether they are there or not, and the links that lead to them."""
    return [step for entry in _path(environment) for step in followed(Path(entry)) if entry.startswith("/")]


def _path(environment: Mapping[str, str]) -> list[str]:
    return environment.get("PATH", os.defpath).split(":")


def _entries(variable: _Variable, value: str) -> Iterator[str]:
    """Yield what leads somewhere: not the name of a library, nor a place relative to the program itself."""
    if not value:
        return
    alike = str.maketrans(dict.fromkeys(variable.between, ":"))
    for entry in value.translate(alike).split(":"):
        is_name = variable.name in {"LD_PRELOAD", "LD_AUDIT"} and "/" not in entry
        if not is_name and not entry.startswith("$") and (entry or variable.empty):
            yield entry


def _refuse(name: str, entry: str, why: str) -> None:
    shown = f"the entry {entry}" if entry else "an empty entry"
    raise UsageError(
        f"{name} has {shown}, which {why}: programs outside the cell would run what it puts there; "
        f"expected {name} without it, here and where offswitch is typed later"
    )
