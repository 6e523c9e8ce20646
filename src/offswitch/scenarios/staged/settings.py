"""Reads a small YAML file of a world that an agent can write to: whatever is none of ours says nothing."""

from __future__ import annotations

from typing import Any

import yaml

from offswitch.scenarios.staged.tree import File

_FAILURES = (
    yaml.YAMLError,
    RecursionError,
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
    ArithmeticError,
)
"""What the reader raises on hostile text: some of its own types fail with errors that are not YAML's."""


class _Plain(yaml.SafeLoader):
    """Takes no aliases: a few lines of them can stand for more than fits into memory."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Return the next node.

        Raises:
            YAMLError: if it is an alias.
        """
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("an alias")
        return super().compose_node(parent, index)


def said(file: File | None) -> dict[Any, Any] | None:
    """Return the keys and values of a file; None if it is none, or says nothing that can be read."""
    if file is None or file.kind != "file" or file.text is None:
        return None
    try:
        found = yaml.load(file.text, _Plain)  # noqa: S506 (a safe loader)
    except _FAILURES:
        return None
    return found if isinstance(found, dict) else None
