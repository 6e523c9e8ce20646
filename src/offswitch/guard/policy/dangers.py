"""Policies that would hand the agent what it is kept from: they are refused, with what to write instead."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from offswitch.errors import UsageError
from offswitch.guard import registry, signing

_SYSTEM = ("/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/run", "/sbin", "/sys", "/usr")
_ROOTS = ("/", "/home", "/mnt", "/opt", "/root", "/srv", "/tmp", "/var", "/var/tmp")  # noqa: S108 (the host's)
_UNREADABLE = ("/", "/home", "/root", "/run", "/var/run", "/proc", "/sys", "/dev")
_SOCKETS = Path("/proc/net/unix")


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
    """Refuse a policy that gives away the home folder, the system, the guard, or a socket that listens.

    Raises:
        UsageError: one line: what, why, and what to write instead.
    """
    homes = {home, home.resolve()}
    for path in reach.writable:
        if str(path) in _ROOTS or path in homes or any(one.is_relative_to(path) for one in homes):
            _refuse(path, "writable", "it holds more than the agent's work", "a folder below it")
        if _is_at(path, _SYSTEM):
            _refuse(path, "writable", "programs of the system are started from it", "a folder of the work")
        if path in _path_folders(environment):
            _refuse(path, "writable", "programs outside the cell are found there (PATH)", "another folder")
    for path in reach.readable:
        if str(path) in _UNREADABLE or path in homes or _is_at(path, ("/run", "/proc", "/sys", "/dev")):
            _refuse(path, "readable", "keys and sockets lie in it", "what in it the agent needs")
    for path in [*reach.writable, *reach.readable]:
        for ours in (registry.home(), signing.key_file().parent):
            if ours.is_relative_to(path) or path.is_relative_to(ours):
                _refuse(path, "visible", "the guard keeps its sockets and keys there", "another folder")
    _check_sockets(reach)


def to_be_sealed(writable: Iterable[Path], environment: Mapping[str, str]) -> list[Path]:
    """Return what in writable folders is started outside the cell: folders of PATH, the guard itself."""
    own = [Path(__file__).resolve().parents[2], Path(sys.prefix).resolve()]
    candidates = [*_path_folders(environment), *own]
    folders = list(writable)
    return [path for path in dict.fromkeys(candidates) if any(_is_below(path, one) for one in folders)]


def _check_sockets(reach: Reach) -> None:
    for socket in _listening():
        for path in [*reach.writable, *reach.readable]:
            shut = any(socket.is_relative_to(one) for one in reach.shut)
            if socket.is_relative_to(path) and not shut:
                _refuse(
                    socket,
                    "visible",
                    "a service outside the cell listens on it (as docker, dbus and ssh-agent do)",
                    "it in files.hidden; or in files.open, if the agent is to talk to it",
                )


def _listening() -> list[Path]:
    """Return the sockets in the file system that something is bound to."""
    try:
        lines = _SOCKETS.read_text(errors="surrogateescape").splitlines()[1:]
    except OSError as failure:
        raise UsageError(
            f"{_SOCKETS} cannot be read: which sockets the agent could reach is unknown"
        ) from failure
    fields = (line.split(maxsplit=7) for line in lines)
    return [Path(one[7]) for one in fields if len(one) == 8 and one[7].startswith("/")]


def _path_folders(environment: Mapping[str, str]) -> list[Path]:
    names = environment.get("PATH", os.defpath).split(":")
    return [Path(name).resolve() for name in names if name.startswith("/") and Path(name).is_dir()]


def _is_at(path: Path, places: Iterable[str]) -> bool:
    return any(path.is_relative_to(place) for place in places)


def _is_below(path: Path, folder: Path) -> bool:
    return path != folder and path.is_relative_to(folder)


def _refuse(path: Path, kind: str, why: str, instead: str) -> None:
    raise UsageError(f"the policy makes {path} {kind}: {why}; expected {instead}")
