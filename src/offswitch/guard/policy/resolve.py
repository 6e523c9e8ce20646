"""Turns a policy into what the cell, the outlets and the stopper need, on this machine, for this folder."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from offswitch.errors import UsageError
from offswitch.guard import authority
from offswitch.guard.cell.starting import Limits
from offswitch.guard.egress import hosts
from offswitch.guard.egress.provider import Provider
from offswitch.guard.policy import dangers, excludes, odd_files, second_names
from offswitch.guard.policy.home import Home, furnish
from offswitch.guard.policy.links import refuse_links
from offswitch.guard.policy.made import Made
from offswitch.guard.policy.model import Network, Policy
from offswitch.guard.policy.places import Places, outermost, within
from offswitch.guard.policy.protect import Found, Protector
from offswitch.guard.workplace import Workplace
from offswitch.trace import Role

_MEGABYTE = 1024 * 1024


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
        opened: what is the agent's though it would be sealed or refused: sockets it may talk to, too.
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
    opened: tuple[str, ...] = ()
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
    if policy.root_inside and os.getuid() != 0:
        raise UsageError("root_inside: only a guard that root runs can make the work that user's own")
    places = Places(start.resolve(), home.resolve())
    kept = _kept(policy, places, environment, source)
    workplace = Workplace(
        workdir=str(places.start),
        home=str(home),
        writable=_texts(kept.writable),
        readable=_texts(kept.readable),
        sealed=_texts(kept.sealed),
        hidden=_texts(kept.hidden),
        shown=_by_text(kept.home.shown),
        absent=kept.home.absent,
        replaced=_by_text(excludes.files(kept.writable, kept.made)),
        records=_by_text(kept.home.records),
        given={str(path): text for path, text in kept.home.given.items()},
        env=_environment(policy, environment),
        storage=policy.limits.scratch_mb * _MEGABYTE,
        owner=_owner(places.start),
        root=policy.root_inside,
    )
    odd_files.refuse_odd_names(
        (*workplace.writable, *workplace.readable, *workplace.sealed, *workplace.hidden)
    )
    odd_files.refuse_privileged_programs(workplace.writable, (*workplace.sealed, *workplace.hidden))
    seen = [*kept.readable, *kept.home.sources()]
    watched = [*kept.sealed, *kept.steering, *map(places.path, policy.checks.watched)]
    second_names.check(second_names.Reach(watched, kept.hidden, kept.writable, seen))
    return Resolved(
        workplace,
        Limits(policy.limits.memory_mb * _MEGABYTE, policy.limits.processes),
        tuple(hosts.parse(text) for text in policy.network.hosts),
        _provider(policy, environment),
        kept.made,
        watched=_texts(watched),
        roles=kept.roles,
        notes=tuple(kept.notes),
        opened=_texts(map(places.plain, policy.files.open)),
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
    home: Home


def _kept(policy: Policy, places: Places, environment: Mapping[str, str], source: Path | None) -> _Kept:
    notes: list[str] = []
    own = [Made(places.path(text), folder=True) for text in policy.files.writable if places.is_state(text)]
    writable = [*places.there(policy.files.writable, notes), *(made.path for made in own)]
    readable = places.there(policy.files.readable, notes)
    opened = [places.plain(text) for text in (*policy.files.open, *policy.files.records)]
    hidden = [path for path in map(places.plain, policy.files.hidden) if path not in opened]
    sealing = [text for text in policy.files.sealed if places.plain(text) not in opened]
    home = furnish(sealing, policy.files, places, [*writable, *readable])
    reach = dangers.Reach(writable, [*readable, *home.sources()], [*hidden, *opened])
    dangers.check(reach, places.home, environment)
    protector = Protector(policy, places.home)
    visible = [*writable, *readable]
    found = protector.look([*visible, *home.sources()], [*opened, *hidden])
    found = [one for one in (*found, *protector.at_the_top(places.start)) if one.path not in opened]
    named = _named(policy, places, home, source)
    named += [(text, Path(text)) for text in dangers.to_be_sealed(writable, places.home, environment)]
    named = [(text, path) for text, path in named if path not in opened]
    named += [
        (f"{one.path}/" if one.folder else str(one.path), one.path) for one in _of(found, "sealed", writable)
    ]
    inside = [(text, path) for text, path in named if within(path, writable)]
    sealed = outermost(path for _, path in inside)
    hidden += [one.path for one in found if one.protection == "hidden"]
    in_home = [name for path in hidden if path.exists() for name in home.names(path)]
    hidden = [*_seen(hidden, visible), *in_home]
    refuse_links([*places.ways(policy, opened), *sealed, *hidden], [places.start, *writable])
    refuse_links(map(places.written, policy.files.writable), [places.home])
    roles = {str(one.path): one.role for one in found}
    for _, path in named:
        if str(path) not in roles and (one := protector.of(path)):
            roles[str(path)] = one.role
    return _Kept(
        writable,
        readable,
        sealed,
        outermost(hidden),
        [path for _, path in named if not within(path, writable) and path.exists()],
        (*own, *(Made(path, text.endswith("/")) for text, path in inside if not os.path.lexists(path))),
        roles,
        notes,
        home,
    )


def _named(policy: Policy, places: Places, home: Home, source: Path | None) -> list[tuple[str, Path]]:
    """Return what a policy names to be sealed, and its own file; as it is written, and where it is."""
    files = policy.files
    absent = [text for text in files.hidden if not (text.startswith("~") or places.path(text).exists())]
    named = [(text, places.plain(text)) for text in (*files.sealed, *absent)]
    named += [(f"{one}/" if one.is_dir() else str(one), one) for one in home.sources()]
    if source is not None:
        named.append((source.name, Path(os.path.abspath(source))))  # noqa: PTH100 (not through links)
    return named


def _of(found: Iterable[Found], protection: str, folders: list[Path]) -> list[Found]:
    return [one for one in found if one.protection == protection and within(one.path, folders)]


def _seen(paths: Iterable[Path], visible: list[Path]) -> list[Path]:
    """Return the paths at which the agent would see something, links where they lead to what it sees."""
    return [path for path in paths if path.exists() and within(path.resolve(), visible)]


def _texts(paths: Iterable[Path]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(path) for path in paths))


def _by_text(paths: Mapping[Path, Path | str]) -> dict[str, str]:
    return {str(inside): str(source) for inside, source in paths.items()}


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
