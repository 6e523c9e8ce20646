"""Assets: the files that declare them, and which of them an effect touches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, get_args

import yaml

from offswitch.effects.globs import has_glob, literal_runs, parts_of, paths_meet, texts_meet
from offswitch.effects.tables import tables_of
from offswitch.errors import InputError
from offswitch.trace import Asset, Effect, Pattern, Role, TargetKind

_KINDS = get_args(TargetKind)
_ROLES = get_args(Role)
_FIELDS = ("name", "role", "patterns", "guards", "note")
_SPECIFIC = 4
"""Known characters that make a glob say what is meant, not only what kind of thing: `shut*`, not `*.sh`."""
_A_SUFFIX = 3
"""As many are enough where the pattern says in which folder its file is."""
_CARRIES_ALONG = frozenset({"delete", "move"})
_REMEMBERED = 8_192


@dataclass(frozen=True, slots=True)
class Touch:
    """An effect on an asset.

    Attributes:
        effect: the effect.
        asset: the asset.
        guarded: it touches what the asset guards, not the asset itself.
        sure: nothing had to be guessed to see that they are the same.
    """

    effect: Effect
    asset: Asset
    guarded: bool
    sure: bool


class AssetIndex:
    """Finds which assets an effect touches.

    Args:
        assets: the assets; of two with one name the later stands.
    """

    def __init__(self, assets: Iterable[Asset]) -> None:
        self.assets = tuple({asset.name: asset for asset in assets}.values())
        self._patterns: dict[TargetKind, list[_Pattern]] = {kind: [] for kind in _KINDS}
        for asset in self.assets:
            for guarded, patterns in ((False, asset.patterns), (True, asset.guards)):
                for pattern in patterns:
                    self._patterns[pattern.kind].append(_Pattern(asset, guarded, pattern))
        self._known: dict[tuple[str, str, bool], tuple[tuple[_Pattern, bool], ...]] = {}

    def touched(self, effect: Effect) -> tuple[Touch, ...]:
        """Return the assets an effect touches, each once, and once more for what it guards."""
        target = effect.target
        along = effect.verb in _CARRIES_ALONG
        key = (target.kind, target.value, along)
        found = self._known.get(key)
        if found is None:
            found = self._find(target.kind, target.value, along=along)
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[key] = found
        return tuple(Touch(effect, pattern.asset, pattern.guarded, sure) for pattern, sure in found)

    def _find(self, kind: TargetKind, value: str, *, along: bool) -> tuple[tuple[_Pattern, bool], ...]:
        found: dict[tuple[str, bool], tuple[_Pattern, bool]] = {}
        name = _PathName(value, along=along) if kind == "path" else None
        for pattern in self._patterns[kind]:
            key = (pattern.asset.name, pattern.guarded)
            if key in found and found[key][1]:
                continue
            sure = pattern.path(name) if name is not None else pattern.text(value)
            if sure is not None:
                found[key] = (pattern, sure)
        return tuple(found.values())


class _PathName:
    """A path an effect acts on, taken apart once for all patterns."""

    def __init__(self, value: str, *, along: bool) -> None:
        self.parts = parts_of(value)
        self.last = self.parts[-1]
        self.glob = has_glob(value)
        self.absolute = value.startswith(("/", "~"))
        self.runs = literal_runs(self.last) if has_glob(self.last) else None
        self.known = sum(map(len, self.runs)) if self.runs is not None else _SPECIFIC
        self.along = along and self.absolute


class _Pattern:
    """One pattern of an asset, ready to be compared."""

    def __init__(self, asset: Asset, guarded: bool, pattern: Pattern) -> None:  # noqa: FBT001
        self.asset = asset
        self.guarded = guarded
        self.glob = pattern.glob
        self.anchored = pattern.glob.startswith(("/", "~"))
        self.parts = parts_of(pattern.glob if self.anchored else f"**/{pattern.glob}")
        self.last = self.parts[-1]
        self.plain = not has_glob(self.last)
        self.named = bool(literal_runs(self.last))

    def text(self, value: str) -> bool | None:
        """Return None if a name does not fit; otherwise whether that is sure."""
        if not has_glob(value):
            return True if texts_meet(value, self.glob) else None
        runs = literal_runs(value)
        specific = sum(map(len, runs)) >= _SPECIFIC and all(run in self.glob for run in runs)
        return False if specific and texts_meet(value, self.glob) else None

    def _may_name(self, name: _PathName) -> bool:
        """Say whether the last part of a path may mean this one, and says enough to mean it."""
        if self.anchored and name.absolute:
            return name.runs is not None or not self.plain or name.last == self.last
        if name.runs is None:
            return name.last == self.last if self.plain else self.named
        enough = _A_SUFFIX if self.anchored else _SPECIFIC
        return name.known >= enough and all(run in self.last for run in name.runs)

    def path(self, name: _PathName) -> bool | None:
        """Return None if a path does not fit; otherwise whether that is sure."""
        if not self._may_name(name):
            fits = False
        elif name.absolute or not self.anchored:
            fits = paths_meet(name.parts, self.parts)
        else:
            return False if paths_meet(("**", *name.parts), self.parts) else None
        if fits:
            return not name.glob
        if name.along and self.anchored and paths_meet((*name.parts, "**"), self.parts):
            return False
        return None


@cache
def default_assets() -> tuple[Asset, ...]:
    """Return the assets that come with this package, one file a role, and those of installed asset packs.

    A pack names a YAML file, a `Path` or `Traversable`, as entry point of the group `offswitch.assets`.

    Raises:
        InputError: if a file is broken.
        PluginError: if a pack cannot be loaded.
    """
    return tuple(
        asset for source in tables_of("default_assets", "offswitch.assets") for asset in load_assets(source)
    )


def load_assets(source: Path | Traversable) -> tuple[Asset, ...]:
    """Read a YAML list of assets.

    Each has a `name`, a `role`, a list of `patterns` such as `- path: shutdown.sh` or
    `- command: kill`, and may have `guards`, a list like `patterns`, and a `note`.

    Args:
        source: the file.

    Raises:
        InputError: with file, line and what was expected.
    """
    name = str(source)
    try:
        root = yaml.compose(source.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as failure:
        raise InputError(f"{name}: cannot be read: {failure}") from failure
    except (yaml.YAMLError, RecursionError) as failure:
        raise InputError(f"{name}: expected YAML: {' '.join(str(failure).split())}") from failure
    if root is None:
        return ()
    return tuple(_asset(node, name) for node in _items(root, name, "a list of assets"))


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
    if guards and role != "control_path":
        raise _wrong(fields["guards"], source, "guards only for the role control_path", role)
    return Asset(
        name=_text(fields["name"], source, "a name"),
        role=role,
        patterns=patterns,
        guards=guards,
        note=_text(fields["note"], source, "a note") if "note" in fields else "",
    )


def _patterns(node: yaml.Node, source: str) -> tuple[Pattern, ...]:
    found = []
    for item in _items(node, source, "a list of patterns such as `- path: shutdown.sh`"):
        for kind, value in _pairs(item, source, "a pattern such as `path: shutdown.sh`"):
            if kind not in _KINDS:
                raise _wrong(item, source, f"a kind, one of {', '.join(_KINDS)}", kind)
            glob = _text(value, source, "a glob")
            if not glob:
                raise _wrong(value, source, "a glob", "an empty text")
            found.append(Pattern(kind, glob))
    return tuple(found)


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
