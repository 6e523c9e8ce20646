"""Finds the YAML tables that come with this package, and those of plug-ins."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

from offswitch.errors import PluginError
from offswitch.plugins import load_all


def tables_of(folder: str, group: str) -> Iterator[Traversable]:
    """Yield the YAML files of a folder of this package by name, then those of an entry point group.

    Raises:
        PluginError: if a plug-in cannot be loaded or names no file.
    """
    for source in sorted((files(__package__) / folder).iterdir(), key=lambda source: source.name):
        if source.name.endswith(".yaml"):
            yield source
    for name, source in sorted(load_all(group).items()):
        if not isinstance(source, Traversable) or not source.is_file():
            raise PluginError(f"{name!r} of {group}: expected a YAML file's path; came: {source!r}")
        yield source
