"""What Python calls do: `calls.yaml`, loaded once and checked."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec
import yaml

from offswitch.effects.acts import Act
from offswitch.errors import InputError


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole table, as the comments in the file explain it."""

    calls: dict[str, tuple[Act, ...]]
    methods: dict[str, tuple[Act, ...]]
    remote: dict[str, tuple[Act, ...]]
    remote_shell: frozenset[str]
    shell: frozenset[str]
    words: dict[str, int]
    python: frozenset[str]
    listings: dict[str, str]
    same: frozenset[str]
    files: frozenset[str]
    path: frozenset[str]
    holds: frozenset[str]
    decode: dict[str, str]
    subjects: dict[str, int]
    connects: dict[str, str]
    named: frozenset[str]
    services: dict[str, str]
    sql: frozenset[str]
    aliases: dict[str, str]
    constants: dict[str, str]
    registries: frozenset[str]


@cache
def table() -> Table:
    """Return what calls do.

    Raises:
        InputError: if the file that comes with this package is broken.
    """
    text = (files(__package__) / "calls.yaml").read_text(encoding="utf-8")
    try:
        loaded = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
        for part in ("calls", "methods", "remote", "decode", "subjects", "connects"):
            loaded[part] = {
                name.strip(): acts for names, acts in loaded[part].items() for name in names.split(",")
            }
        return msgspec.convert(loaded, Table)
    except (yaml.YAMLError, msgspec.ValidationError) as failure:
        raise InputError(f"python/calls.yaml: expected a table of calls: {failure}") from failure
