"""Asset files: the YAML lists that declare what must not be touched."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, get_args

import yaml

from offswitch.errors import InputError
from offswitch.tables import LOADER, Table, tables_of
from offswitch.trace import SEVERITIES, Asset, Pattern, Role, Severity, TargetKind

_KINDS = get_args(TargetKind)
_ROLES = get_args(Role)
_MOST_SPELLINGS = 200
_FIELDS = ("name", "role", "patterns", "guards", "note", "most", "reading", "called")


@cache
def default_assets() -> tuple[Asset, ...]:
    """Return the assets that come with this package, one file a role, and those of installed asset packs.

    A pack names a YAML file, a `Path` or `Traversable`, as entry point of the group `offswitch.assets`.

    Raises:
        InputError: if a file is broken.
        PluginError: if a pack cannot be loaded.
    """
    return tuple(asset for table in asset_tables() for asset in _of(table))


def _of(table: Table) -> tuple[Asset, ...]:
    try:
        return load_assets(table.source)
    except InputError as failure:
        raise InputError(f"{table.name!r}, of {table.package}: {failure}") from failure


def asset_tables() -> Iterator[Table]:
    """Yield the files of assets that come with this package, and those of asset packs.

    Raises:
        PluginError: if a pack cannot be loaded.
    """
    return tables_of(files(__package__) / "default", "offswitch.assets")


def load_assets(source: Path | Traversable) -> tuple[Asset, ...]:
    """Read a YAML list of assets.

    Each has a `name`, a `role`, a list of `patterns` such as `- path: shutdown.sh` or
    `- command: kill`, and may have `guards`, a list like `patterns`, a `note`, `most`, the gravest
    that an act on it is, `reading`, how much reading it matters, and
    `called`, a list of plain words for it.

    Args:
        source: the file.

    Raises:
        InputError: with file, line and what was expected.
    """
    name = str(source)
    try:
        root = yaml.compose(source.read_text(encoding="utf-8"), Loader=LOADER)
    except OSError as failure:
        raise InputError(f"{name}: cannot be read: {failure.strerror or failure}") from failure
    except UnicodeDecodeError as failure:
        raise InputError(f"{name}: cannot be read: expected UTF-8 text") from failure
    except (yaml.YAMLError, RecursionError) as failure:
        raise InputError(f"{name}: expected YAML: {' '.join(str(failure).split())}") from failure
    if root is None:
        raise InputError(f"{name}: expected a list of assets; came: an empty file")
    return assets_in(root, name)


def assets_in(node: yaml.Node, source: str) -> tuple[Asset, ...]:
    """Read a list of assets that stands in another document.

    Args:
        node: the list.
        source: the document's name, for errors.

    Raises:
        InputError: with file, line and what was expected.
    """
    return tuple(_asset(item, source) for item in _items(node, source, "a list of assets"))


def _asset(node: yaml.Node, source: str) -> Asset:
    fields: dict[str, yaml.Node] = {}
    for key, value in _pairs(node, source, "an asset with name, role and patterns"):
        if key not in _FIELDS or key in fields:
            raise _wrong(node, source, f"each of the fields {', '.join(_FIELDS)} at most once", key)
        fields[key] = value
    for needed in ("name", "role", "patterns"):
        if needed not in fields:
            raise _wrong(node, source, f"the field {needed!r}", "none")
    role = _text(fields["role"], source, "a role")
    if role not in _ROLES:
        raise _wrong(fields["role"], source, f"a role, one of {', '.join(_ROLES)}", role)
    patterns, guards = (
        _patterns(fields[key], source) if key in fields else () for key in ("patterns", "guards")
    )
    if not patterns:
        raise _wrong(fields["patterns"], source, "at least one pattern such as `- path: shutdown.sh`", "none")
    if guards and role != "control_path":
        raise _wrong(fields["guards"], source, "guards only for the role control_path", role)
    return Asset(
        name=_text(fields["name"], source, "a name"),
        role=role,
        patterns=patterns,
        guards=guards,
        note=_text(fields["note"], source, "a note") if "note" in fields else "",
        most=_severity(fields["most"], source) if "most" in fields else "critical",
        reading=_severity(fields["reading"], source) if "reading" in fields else "info",
        called=_called(fields["called"], source) if "called" in fields else (),
    )


def _called(node: yaml.Node, source: str) -> tuple[str, ...]:
    said = [_text(item, source, "words for the asset") for item in _items(node, source, "a list of words")]
    return tuple(" ".join(one.split()) for one in said if one.strip())


def _severity(node: yaml.Node, source: str) -> Severity:
    said = _text(node, source, "a severity")
    if said not in SEVERITIES:
        raise _wrong(node, source, f"a severity, one of {', '.join(SEVERITIES)}", said)
    return said  # type: ignore[no-any-return]


def _patterns(node: yaml.Node, source: str) -> tuple[Pattern, ...]:
    found = []
    for item in _items(node, source, "a list of patterns such as `- path: shutdown.sh`"):
        for kind, value in _pairs(item, source, "a pattern such as `path: shutdown.sh`"):
            if kind not in _KINDS:
                raise _wrong(item, source, f"a kind, one of {', '.join(_KINDS)}", kind)
            glob = _text(value, source, "a glob")
            if not glob:
                raise _wrong(value, source, "a glob", "an empty text")
            if (many := _spellings(glob)) > _MOST_SPELLINGS:
                raise _wrong(value, source, f"choices that give at most {_MOST_SPELLINGS} globs", many)
            found += [Pattern(kind, one) for one in _spelled_out(glob)]
    return tuple(found)


def _spellings(glob: str) -> int:
    """Return how many globs one with choices stands for."""
    return math.prod(part.partition("}")[0].count(",") + 1 for part in glob.split("{")[1:] if "}" in part)


def _spelled_out(glob: str) -> list[str]:
    """Return the globs that one with choices such as `stop.{sh,py}` stands for."""
    before, opened, rest = glob.partition("{")
    choices, closed, after = rest.partition("}")
    if not (opened and closed and "," in choices):
        return [glob]
    ends = _spelled_out(after)
    return [f"{before}{choice}{end}" for choice in choices.split(",") for end in ends]


def _items(node: yaml.Node, source: str, expected: str) -> list[yaml.Node]:
    if not isinstance(node, yaml.SequenceNode):
        raise _wrong(node, source, expected, _kind(node))
    return list(node.value)


def _pairs(node: yaml.Node, source: str, expected: str) -> list[tuple[Any, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        raise _wrong(node, source, expected, _kind(node))
    return [(_text(key, source, "a field's name"), value) for key, value in node.value]


def _text(node: yaml.Node, source: str, expected: str) -> Any:
    if not isinstance(node, yaml.ScalarNode):
        raise _wrong(node, source, expected, _kind(node))
    return str(node.value)


def _kind(node: yaml.Node) -> str:
    return {"Sequence": "a list", "Mapping": "fields"}.get(type(node).__name__.removesuffix("Node"), "a text")


def _wrong(node: yaml.Node, source: str, expected: str, came: object) -> InputError:
    return InputError(f"{source}:{node.start_mark.line + 1}: expected {expected}; came: {came}")
