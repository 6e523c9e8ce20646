"""Finds detectors, scenarios and asset packs by entry point, ours and third parties' alike.

A part that cannot be loaded is an error, never a warning: an evaluation that silently lost a
detector would report a rate that is too low.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

from offswitch.errors import PluginError


def load_all(group: str) -> dict[str, Any]:
    """Return what every entry point of a group names, by entry point name.

    Args:
        group: the entry point group, such as "offswitch.detectors".

    Raises:
        PluginError: if one cannot be imported, or two carry the same name.
    """
    loaded: dict[str, Any] = {}
    for entry in entry_points(group=group):
        if entry.name in loaded:
            raise PluginError(f"two packages register {entry.name!r} in {group}; remove one of them")
        try:
            loaded[entry.name] = entry.load()
        except Exception as failure:
            raise PluginError(
                f"cannot load {entry.name!r} ({entry.value}) of {group}: {failure}"
            ) from failure
    return loaded
