"""Policies that would hand the agent what it is kept from: they are refused, with what to write instead."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from offswitch.errors import UsageError
from offswitch.guard import homes, programs, registries, signing
from offswitch.guard.policy import search_paths, startup
from offswitch.guard.policy.links import followed
from offswitch.guard.sockets import search

_SYSTEM = ("/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/run", "/sbin", "/sys", "/usr")
_ROOTS = ("/", "/home", "/mnt", "/opt", "/root", "/srv", "/tmp", "/var", "/var/tmp")  # noqa: S108 (the host's)
_UNREADABLE = ("/", "/home", "/root", "/run", "/var/run", "/proc", "/sys", "/dev")
SHOWN_TO_ALL = ("/etc", "/opt")
"""Beside /usr, which holds what packages put there, and no sockets."""


class Reach(NamedTuple):
    """What a policy would give an agent.

    Attributes:
        writable: folders.
        readable: files and folders.
        shut: what in them is hidden, or left open by name.
    """

    writable: list[Path]
    readable: list[Path]
    shut: list[Path]


def check(reach: Reach, home: Path, environment: Mapping[str, str]) -> None:
    """Refuse a policy that gives away a home folder, the system, the guard, or a socket that listens.

    Raises:
        UsageError: one line: what, why, and what to write instead.
    """
    every = _homes(home, reach.writable, environment)
    found_in_path = search_paths.folders_of_path(environment)
    for path in reach.writable:
        held = [f"the home {one}" for one in every if one.is_relative_to(path)]
        held += [f"{name}, as homes do" for name in homes.SIGNS if (path / name).exists()]
        if str(path) in _ROOTS or held:
            more = f": {held[0]}" if held else ""
            _refuse(path, "writable", f"it holds more than the agent's work{more}", "a folder below it")
        if _is_at(path, _SYSTEM):
            _refuse(path, "writable", "programs of the system are started from it", "a folder of the work")
        if place := startup.held(path, every):
            _refuse(path, "writable", f"programs are started from {place}", "a folder of the work")
        if path in found_in_path:
            _refuse(path, "writable", "programs outside the cell are found there (PATH)", "another folder")
    for path in reach.readable:
        if str(path) in _UNREADABLE or path in every or _is_at(path, ("/run", "/proc", "/sys", "/dev")):
            _refuse(path, "readable", "keys and sockets lie in it", "what in it the agent needs")
    _check_guard([*reach.writable, *reach.readable])
    _check_programs(reach.writable)
    search_paths.check(reach.writable, environment)
    _check_sockets(reach)


def to_be_sealed(writable: Iterable[Path], home: Path, environment: Mapping[str, str]) -> list[str]:
    """Return what in writable folders is started outside the cell.

    That is offswitch itself, folders of PATH, which end in "/" here, and what start-up places lead to. What
    is not there is among them; so is a link on the way to one, which cannot be sealed.
    """
    folders = list(writable)
    started = startup.leading_into(folders, {home, *homes.concerned(folders, environment)})
    own = [step for one in (*_own(), sys.executable) for step in followed(Path(one))]
    own += search_paths.folders_of_path(environment)
    found = dict.fromkeys([*map(str, started), *(f"{one}/" for one in own)])
    return [one for one in found if any(_is_below(Path(one), folder) for folder in folders)]


def _homes(home: Path, writable: Iterable[Path], environment: Mapping[str, str]) -> list[Path]:
    """Return every home folder, by each name that leads to it; those of the system's own users aside."""
    listed = {home, *homes.of_everybody(writable, environment)}
    every = {step for one in listed for step in followed(one)}
    return sorted(one for one in every if not _is_at(one, _SYSTEM))


def _check_guard(visible: Iterable[Path]) -> None:
    """Refuse to show where the guard keeps its sockets and keys."""
    for ours in (registries.home(), signing.key_file().parent):
        ways = followed(ours.absolute())
        for path in visible:
            if path.is_relative_to(ours) or any(one.is_relative_to(path) for one in ways):
                _refuse(path, "visible", "the guard keeps its sockets and keys there", "another folder")


def _check_programs(writable: Iterable[Path]) -> None:
    """Refuse to have written to what the guard itself runs: its own files, and programs of the system."""
    own = [Path(one).resolve() for one in _own()]
    others = [one for one in (Path(entry).resolve() for entry in sys.path) if not _is_at(one, map(str, own))]
    started = {step: place for place in programs.places() for step in followed(place)}
    for path in writable:
        if any(path.is_relative_to(one) for one in own):
            _refuse(path, "writable", "offswitch itself runs from it", "another folder")
        for step, place in started.items():
            if step.is_relative_to(path):
                _refuse(path, "writable", f"{place} leads there, which the guard starts", "another folder")
        for one in others:
            if one.is_relative_to(path):
                alone = "offswitch in an environment of its own (uv tool install, pipx install)"
                _refuse(path, "writable", f"the Python of offswitch imports from {one}", alone)


def _own() -> tuple[str, ...]:
    """Return the folders that offswitch runs from: its code, its environment, and the Python of that."""
    return str(Path(__file__).parents[3]), sys.prefix, sys.base_prefix


def _check_sockets(reach: Reach) -> None:
    """Refuse to show a socket at which somebody answers; every cell shows folders of the system too."""
    for place in search.found_in([*reach.writable, *reach.readable, *map(Path, SHOWN_TO_ALL)], reach.shut):
        if search.answers(place):
            _refuse(
                place,
                "visible",
                "a service outside the cell listens on it (as docker, dbus and ssh-agent do)",
                "it in files.hidden; or in files.open, if the agent is to talk to it",
            )


def _is_at(path: Path, places: Iterable[str]) -> bool:
    return any(path.is_relative_to(place) for place in places)


def _is_below(path: Path, folder: Path) -> bool:
    return path != folder and path.is_relative_to(folder)


def _refuse(path: Path, kind: str, why: str, instead: str) -> None:
    raise UsageError(f"the policy makes {path} {kind}: {why}; expected {instead}")
