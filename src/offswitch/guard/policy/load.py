"""Finds policies: a file, or one that comes with this package, and what it is based on."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import msgspec

from offswitch.documents import Document
from offswitch.effects import assets_in
from offswitch.errors import InputError, UnknownNameError
from offswitch.guard import conditions
from offswitch.guard.egress import hosts
from offswitch.guard.policy import names_of_keys
from offswitch.guard.policy.model import Policy

DEFAULT_FILE = "offswitch.yaml"
"""Where a policy is looked for if none is named."""
PLAIN = "plain"
"""What a policy is based on that does not say it."""

_SHIPPED = files(__package__) / "shipped"
_TOKEN_SIGNS = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def load(source: Path | Traversable) -> Policy:
    """Read a policy, with what it is based on.

    Raises:
        InputError: with file, line and what was expected.
    """
    document = Document(source)
    own = document.read(Policy)
    _check(document, own)
    content = document.content
    base = own.base or (PLAIN if source != _shipped_file(PLAIN) else "")
    if base:
        content = _merged(_content_of(base, document), content)
    policy = document.read(Policy, content)
    assets = (*(shipped(base).assets if base else ()), *_assets(document))
    return msgspec.structs.replace(policy, base=base, assets=assets)


def shipped(name: str) -> Policy:
    """Return a policy that comes with this package.

    Raises:
        UnknownNameError: if there is none of that name.
    """
    if name not in names():
        raise UnknownNameError("policy", name, names())
    return load(_shipped_file(name))


def find(named: str | None) -> tuple[Policy, Path | None]:
    """Return the policy of a name or a file, and the file if it is one.

    Args:
        named: a shipped one's name, or a file; None: `DEFAULT_FILE` if it is there, else "plain".

    Raises:
        InputError: if it is neither, or the file is wrong.
    """
    if named is None:
        named = DEFAULT_FILE if _is_filled(Path(DEFAULT_FILE)) else PLAIN
    if named in names():
        return shipped(named), None
    file = Path(named)
    if not file.exists():
        raise InputError(f"{named}: expected a policy's file, or one of {', '.join(names())}")
    return load(file), file


def names() -> list[str]:
    """Return the names of the policies that come with this package."""
    return sorted(
        file.name.removesuffix(".yaml") for file in _SHIPPED.iterdir() if file.name.endswith(".yaml")
    )


def _is_filled(file: Path) -> bool:
    """Whether a file is there and holds something; an empty one is another guard's placeholder."""
    try:
        return file.stat().st_size > 0
    except FileNotFoundError:
        return False


def _shipped_file(name: str) -> Traversable:
    return _SHIPPED / f"{name}.yaml"


def _content_of(name: str, document: Document) -> Any:
    """Return what a shipped policy says, with what that is based on."""
    if name not in names():
        raise document.wrong(".base", f"one of {', '.join(names())}", name)
    content = Document(_shipped_file(name)).content
    above = content.get("base") or (PLAIN if name != PLAIN else "")
    return _merged(_content_of(above, document), content) if above else content


def _merged(base: Any, over: Any) -> Any:
    """Return the base with lists added, fields merged, and other settings in place of the base's own."""
    if isinstance(base, dict) and isinstance(over, dict):
        return base | {
            key: _merged(base[key], value) if key in base else value for key, value in over.items()
        }
    if isinstance(base, list) and isinstance(over, list):
        return [*base, *(item for item in over if item not in base)]
    return over


def _assets(document: Document) -> tuple[Any, ...]:
    node = document.node(".assets", exact=True)
    return assets_in(node, str(document.source)) if node is not None else ()


def _check(document: Document, policy: Policy) -> None:
    """Refuse what the types let pass: paths, hosts, conditions, headers, keys among the variables."""
    for kind in ("writable", "readable", "sealed", "hidden", "open"):
        document.each(f".files.{kind}", _path)
    document.each(".checks.watched", _path)
    document.each(".files.records", _of_home)
    for name in policy.files.given:
        try:
            _of_home(name)
        except ValueError as failure:
            raise document.wrong(".files.given", str(failure), name) from failure
    document.each(".network.hosts", hosts.parse)
    for number, condition in enumerate(policy.network.conditions):
        try:
            conditions.compiled(condition.when)
        except ValueError as failure:
            expected, _, came = str(failure).removeprefix("expected ").partition("; came: ")
            where = f".network.conditions[{number}].when"
            raise document.wrong(where, expected, came or condition.when) from failure
    _check_model(document, policy)
    for number, name in enumerate(policy.environment.keep):
        if names_of_keys.is_one(name) and name not in policy.environment.secrets:
            expected = f"{name} named under environment.secrets too, if the agent is to have what it holds"
            raise document.wrong(f".environment.keep[{number}]", expected, name)


def _check_model(document: Document, policy: Policy) -> None:
    model = policy.model
    if model is None:
        return
    if not model.url.startswith(("https://", "http://")):
        raise document.wrong(".model.url", "an address such as https://api.example.org", model.url)
    if not model.header or not set(model.header) <= _TOKEN_SIGNS:
        raise document.wrong(".model.header", "the name of a header", model.header)
    if not model.prefix.isascii() or not (model.prefix.isprintable() or not model.prefix):
        raise document.wrong(".model.prefix", "plain text", repr(model.prefix))


def _path(text: Any) -> None:
    if not isinstance(text, str) or not text.strip() or not text.isprintable():
        raise ValueError("a path")
    if text.startswith("~") and not (text == "~" or text.startswith("~/")):
        raise ValueError("a path; of home folders only one's own, ~/x")
    if "*" in text:
        raise ValueError("a path without *; a pattern is declared as an asset")


def _of_home(text: Any) -> None:
    _path(text)
    if not text.startswith("~/") or not text.strip("~/") or ".." in text.split("/"):
        raise ValueError("a path of the home, ~/x")
