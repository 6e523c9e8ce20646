"""Where this machine starts programs by itself, and an agent's work: the one must not lie in the other.

The places are those that are looked through when an agent has been stopped (`guard.sweep`): cron, systemd's
units, the shells' start-up files. A place that is a link into the work, as a person's `.bashrc` may be one
into a folder of such files, and a unit that `systemctl link` has put there, is sealed where it leads to: else
the next login, or the next start of the machine, would run what the agent has written.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from offswitch.guard import sweep
from offswitch.guard.policy.links import followed

_COMMANDS = (".aws", ".docker", ".gnupg", ".kube")
"""Folders of a home whose settings name programs that common tools then start: `credential_process`,
plug-ins, `pinentry-program`, `exec`."""


def held(folder: Path, homes: Iterable[Path]) -> str | None:
    """Return a start-up place that a folder is, holds, or lies in; None if there is none.

    Args:
        folder: without links in it, and no home.
        homes: home folders.
    """
    ours = f"{folder}/"
    around = [home for home in homes if ours.startswith(f"{home}/")]
    places = [*map(str, sweep.places(around)), *(f"{home}/{name}" for home in around for name in _COMMANDS)]
    return next((one for one in places if ours.startswith(f"{one}/") or one.startswith(ours)), None)


def leading_into(folders: Iterable[Path], homes: Iterable[Path]) -> list[Path]:
    """Return the files and links in folders that a start-up place leads to, whether they are there or not.

    Args:
        folders: without links in them.
        homes: home folders.
    """
    work = list(folders)
    steps = [step for place in sweep.places(homes) for link in _links(place) for step in followed(link)]
    return [
        step for step in dict.fromkeys(steps) if any(step != one and step.is_relative_to(one) for one in work)
    ]


def _links(place: Path) -> Iterator[Path]:
    """Yield the links of a place: itself, if one is on the way to it, and in it if it is a folder."""
    if followed(place) != [place]:
        yield place
    try:
        entries = list(os.scandir(place))
    except OSError:
        return
    for entry in entries:
        if entry.is_symlink():
            yield Path(entry.path)
        elif entry.is_dir(follow_symlinks=False):
            yield from _links(Path(entry.path))
