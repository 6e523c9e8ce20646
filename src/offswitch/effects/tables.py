"""Finds the YAML tables that come with this package, and those of plug-ins."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple

from offswitch.errors import PluginError
from offswitch.plugins import plugins


class Table(NamedTuple):
    """One YAML table.

    Attributes:
        name: the file's name, or that of the entry point.
        package: the package it comes with, and its version.
        source: the file.
    """

    name: str
    package: str
    source: Traversable


def tables_of(folder: str, group: str) -> Iterator[Traversable]:
    """Yield the YAML files of a folder of this package by name, then those of an entry point group.

    Raises:
        PluginError: if a plug-in cannot be loaded or names no file.
    """
    for table in named_tables(folder, group):
        yield table.source


def named_tables(folder: str, group: str) -> Iterator[Table]:
    """Yield the same as `tables_of`, with the packages they come from.

    Raises:
        PluginError: if a plug-in cannot be loaded or names no file.
    """
    ours = f"offswitch {version('offswitch')}"
    for source in sorted((files(__package__) / folder).iterdir(), key=lambda source: source.name):
        if source.name.endswith(".yaml"):
            yield Table(source.name, ours, source)
    for plugin in sorted(plugins(group), key=lambda plugin: plugin.name):
        if not isinstance(plugin.part, Traversable) or not plugin.part.is_file():
            raise PluginError(
                f"{plugin.name!r} of {group}, from {plugin.package}: expected a YAML file's path; "
                f"came: {plugin.part!r}"
            )
        yield Table(plugin.name, plugin.package, plugin.part)
