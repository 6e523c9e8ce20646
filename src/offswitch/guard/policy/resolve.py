"""Turns a policy into what the cell, the outlets and the stopper need, on this machine, for this folder."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from offswitch.errors import UsageError
from offswitch.guard import authority
from offswitch.guard.cell.client import Limits
from offswitch.guard.egress import hosts
from offswitch.guard.egress.provider import Provider
from offswitch.guard.policy import dangers
from offswitch.guard.policy.model import Network, Policy
from offswitch.guard.policy.protect import Found, Protector
from offswitch.guard.workplace import Workplace
from offswitch.trace import Role

_MEGABYTE = 1024 * 1024


class Made(NamedTuple):
    """A sealed file or folder that was not there."""

    path: Path
    folder: bool


@dataclass(frozen=True)
class Resolved:
    """A policy on this machine.

    Attributes:
        workplace: what the agent sees.
        limits: of its cell.
        hosts: what it may reach.
        provider: where its model is, or None.
        made: sealed files and folders that were not there, and are made for as long as it runs.
        watched: what the seal covers.
        roles: the roles of what is sealed or hidden, by path.
        notes: one line for a person on each thing that was left out.
        port: where the relay listens inside.
        network: what the policy says of connections.
    """

    workplace: Workplace
    limits: Limits
    hosts: tuple[hosts.Host, ...]
    provider: Provider | None
    made: tuple[Made, ...]
    watched: tuple[str, ...] = ()
    roles: dict[str, Role] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    port: int = 0
    network: Network = field(default_factory=Network)

    def role_of(self, path: str) -> Role:
        """Return the role of a watched path: its own, or that of what it lies in; else "parameters"."""
        return role_in(self.roles, path)


def role_in(roles: Mapping[str, Role], path: str) -> Role:
    """Return the role of a path: its own, or that of what it lies in; else "parameters"."""
    places = [path, *map(str, Path(path).parents)]
    return next((roles[place] for place in places if place in roles), "parameters")


def resolve(
    policy: Policy, start: Path, home: Path, environment: Mapping[str, str], source: Path | None = None
) -> Resolved:
    """Resolve a policy.

    Args:
        policy: the policy.
        start: the folder the agent starts in.
        home: the home folder it is to have.
        environment: the guard's own.
        source: the policy's file, which is sealed too.

    Raises:
        UsageError: if it cannot hold here, or would give the agent what it is kept from; one line.
    """
    authority.named(policy.stop.authority)
    places = _Places(start.resolve(), home.resolve())
    kept = _kept(policy, places, environment, source)
    workplace = Workplace(
        workdir=str(places.start),
        home=str(home),
        writable=_texts(kept.writable),
        readable=_texts(kept.readable),
        sealed=_texts(kept.sealed),
        hidden=_texts(kept.hidden),
        env=_environment(policy, environment),
        storage=policy.limits.scratch_mb * _MEGABYTE,
        owner=_owner(places.start),
        root=policy.root_inside,
    )
    watched = [*kept.sealed, *kept.steering, *map(places.path, policy.checks.watched)]
    return Resolved(
        workplace,
        Limits(policy.limits.memory_mb * _MEGABYTE, policy.limits.processes),
        tuple(hosts.parse(text) for text in policy.network.hosts),
        _provider(policy, environment),
        kept.made,
        watched=_texts(watched),
        roles=kept.roles,
        notes=tuple(kept.notes),
        port=policy.model.port if policy.model else 0,
        network=policy.network,
    )


class _Kept(NamedTuple):
    """The folders and files of a policy, as the host's paths.

    `steering` is what is named to be sealed and lies where the agent cannot write anyway.
    """

    writable: list[Path]
    readable: list[Path]
    sealed: list[Path]
    hidden: list[Path]
    steering: list[Path]
    made: tuple[Made, ...]
    roles: dict[str, Role]
    notes: list[str]


def _kept(policy: Policy, places: _Places, environment: Mapping[str, str], source: Path | None) -> _Kept:
    notes: list[str] = []
    own = [Made(places.path(text), folder=True) for text in policy.files.writable if places.is_state(text)]
    writable = [*places.there(policy.files.writable, notes), *(made.path for made in own)]
    readable = places.there(policy.files.readable, notes)
    opened = [places.plain(text) for text in policy.files.open]
    hidden = [path for path in places.there(policy.files.hidden, []) if path not in opened]
    dangers.check(dangers.Reach(writable, readable, [*hidden, *opened]), places.home, environment)
    protector = Protector(policy, places.home)
    found, left_out = protector.look([*writable, *readable], [*opened, *hidden])
    named = [(text, places.plain(text)) for text in policy.files.sealed]
    named += [(str(path), path) for path in dangers.to_be_sealed(writable, environment)]
    if source is not None:
        named.append((source.name, Path(os.path.abspath(source))))  # noqa: PTH100 (not through links)
    named = [(text, path) for text, path in named if path not in opened]
    inside = [(text, path) for text, path in named if _within(path, writable)]
    sealed = [path for _, path in inside] + _of(found, "sealed", writable)
    sealed = _outermost(sealed)
    for path in sealed:
        _refuse_links(path)
    roles = {str(one.path): one.role for one in found}
    for _, path in named:
        if str(path) not in roles and (one := protector.of(path)):
            roles[str(path)] = one.role
    return _Kept(
        writable,
        readable,
        sealed,
        _outermost([*hidden, *_of(found, "hidden", [*writable, *readable])]),
        [path for _, path in named if not _within(path, writable) and path.exists()],
        (*own, *(Made(path, text.endswith("/")) for text, path in inside if not os.path.lexists(path))),
        roles,
        [*notes, *left_out],
    )


class _Places:
    """Turns the paths of a policy into the host's."""

    def __init__(self, start: Path, home: Path) -> None:
        self.start = start
        self.home = home

    def there(self, texts: Iterable[str], notes: list[str]) -> list[Path]:
        """Return those that are there, without links in them; note the others."""
        found = []
        for text in texts:
            path = self.path(text)
            if path.exists():
                found.append(path)
            elif not self.is_state(text):
                notes.append(f"{text} is not there, and left out")
        return list(dict.fromkeys(found))

    def is_state(self, text: str) -> bool:
        """Whether a path is a folder of the home, such as "~/.agent/", that is not there: it is made."""
        return text.startswith("~/") and text.endswith("/") and not self.path(text).exists()

    def path(self, text: str) -> Path:
        """Return a path without links in it."""
        return self.plain(text).resolve()

    def plain(self, text: str) -> Path:
        """Return a path whose last part may be a link, which is then what is meant."""
        path = self.home / text[1:].strip("/") if text.startswith("~") else self.start / text
        path = Path(os.path.normpath(path))
        return path.parent.resolve() / path.name


def _refuse_links(path: Path) -> None:
    """Refuse to seal what has another name, by which the agent could change or replace it."""
    how = f"expected the file itself there; or name {path} in files.open"
    if path.is_symlink():
        raise UsageError(f"{path} is a link, which the agent could replace, and cannot be sealed: {how}")
    if path.is_file() and path.stat().st_nlink > 1:
        raise UsageError(f"{path} has a second name (a hard link), by which it could be changed: {how}")


def _of(found: Iterable[Found], protection: str, folders: list[Path]) -> list[Path]:
    return [one.path for one in found if one.protection == protection and _within(one.path, folders)]


def _outermost(paths: Iterable[Path]) -> list[Path]:
    """Return the paths that do not lie in another of them."""
    kept: list[Path] = []
    for path in sorted(set(paths)):
        if not _within(path, kept):
            kept.append(path)
    return kept


def _within(path: Path, folders: Iterable[Path]) -> bool:
    places = set(folders)
    return path in places or any(parent in places for parent in path.parents)


def _texts(paths: Iterable[Path]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(path) for path in paths))


def _owner(folder: Path) -> tuple[int, int] | None:
    if os.getuid() != 0:
        return None
    found = folder.stat()
    return found.st_uid, found.st_gid


def _environment(policy: Policy, environment: Mapping[str, str]) -> dict[str, str]:
    kept = {name: environment[name] for name in policy.environment.keep if name in environment}
    model = policy.model
    leading = dict.fromkeys(model.variables, f"http://127.0.0.1:{model.port}") if model else {}
    return kept | policy.environment.set | leading


def _provider(policy: Policy, environment: Mapping[str, str]) -> Provider | None:
    model = policy.model
    if model is None:
        return None
    key = environment.get(model.key, "")
    if not key:
        raise UsageError(
            f"the policy's model needs a key: expected it in the guard's environment as {model.key}; "
            "the agent does not get it"
        )
    if not (key.isascii() and key.isprintable()):
        raise UsageError(f"the environment variable {model.key} is no key: expected one line of plain signs")
    return Provider(model.url, model.header, model.prefix + key, model.authorities)
