"""Finds detectors, scenarios and asset packs by entry point, ours and third parties' alike.

A part that cannot be loaded is an error, never a warning: an evaluation that silently lost a
detector would report a rate that is too low.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from importlib.metadata import Distribution, EntryPoint, entry_points
from pkgutil import resolve_name
from typing import Any, NamedTuple

from offswitch.errors import OffswitchError, PluginError


class Plugin(NamedTuple):
    """One part that a package registers.

    Attributes:
        name: the entry point's name.
        package: the package it comes with and its version, such as "offswitch 0.1.0".
        part: what it names, loaded.
    """

    name: str
    package: str
    part: Any


def load_all(group: str) -> dict[str, Any]:
    """Return what every entry point of a group names, by entry point name.

    Args:
        group: the entry point group, such as "offswitch.detectors".

    Raises:
        PluginError: if one cannot be imported, or two carry the same name.
    """
    return {plugin.name: plugin.part for plugin in plugins(group)}


def names(group: str) -> frozenset[str]:
    """Return the names of a group, without loading what they name."""
    return frozenset(_registered(tuple(sys.path)).select(group=group).names)


def plugins(group: str) -> list[Plugin]:
    """Return the parts of a group, with the packages they come from.

    Raises:
        PluginError: if one cannot be imported, or two carry the same name.
    """
    loaded: dict[str, Plugin] = {}
    for entry in _registered(tuple(sys.path)).select(group=group):
        if entry.name in loaded:
            raise PluginError(
                f"{loaded[entry.name].package} and {_package(entry)} both register {entry.name!r} in {group};"
                " remove one of them"
            )
        try:
            loaded[entry.name] = Plugin(entry.name, _package(entry), entry.load())
        except Exception as failure:
            raise PluginError(
                f"cannot load {entry.name!r} ({entry.value}) of {group}, from {_package(entry)}: {failure}"
            ) from failure
    return list(loaded.values())


def loaded(path: str) -> Any:
    """Return what an import path such as "package.module:name" names.

    Raises:
        PluginError: if it cannot be imported, or there is no such name.
    """
    try:
        return resolve_name(path)
    except OffswitchError:
        raise
    except Exception as failure:
        said = " ".join(str(failure).split())
        raise PluginError(f"cannot load {path}: {type(failure).__name__}: {said}") from failure


@lru_cache(maxsize=1)
def _registered(_path: tuple[str, ...]) -> Any:
    """Return the entry points of all packages on a search path, to select from: to find them takes 5 ms."""
    return entry_points()


def _package(entry: EntryPoint) -> str:
    return _named(entry.dist) if entry.dist is not None else "a package without a name"


@lru_cache(maxsize=64)
def _named(package: Distribution) -> str:
    return f"{package.name} {package.version}"
