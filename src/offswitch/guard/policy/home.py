"""What an agent finds in its home, which is empty otherwise: what steers it, read-only, and its own records.

Everything else that it writes there is the cell's own and gone at the end: programs outside the cell run what
lies in an agent's folders (scripts that settings name, shell snapshots, skills), and its other sessions meet
there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import NamedTuple

from offswitch.guard import records
from offswitch.guard.policy.model import Files
from offswitch.guard.policy.places import Places, within


class Home(NamedTuple):
    """What is in it; the paths inside are those at which the agent finds it.

    Attributes:
        shown: files and folders that it may read, each with what is there on the host, without links.
        absent: what it could make there to steer itself, and cannot; a folder's name ends with "/".
        records: folders that it writes and finds again at its next start, each with that of the host.
        given: files of its own, each with what it holds at the start.
    """

    shown: dict[Path, Path]
    absent: tuple[str, ...]
    records: dict[Path, Path]
    given: dict[Path, str]

    def sources(self) -> list[Path]:
        """Return what is shown of the host."""
        return list(self.shown.values())

    def names(self, path: Path) -> list[Path]:
        """Return at which paths it finds something of the host."""
        return [
            inside / path.relative_to(source)
            for inside, source in self.shown.items()
            if path.is_relative_to(source)
        ]


def furnish(sealed: Iterable[str], files: Files, places: Places, visible: Collection[Path]) -> Home:
    """Return what is in a home.

    Args:
        sealed: what a policy seals.
        files: what the policy says of its records, and what it is given.
        places: the home, and the folder the agent starts in.
        visible: what of the host the agent gets at its own place.
    """
    shown: dict[Path, Path] = {}
    absent: dict[Path, str] = {}
    home = places.home
    for text, path in sorted(((text, places.written(text)) for text in sealed), key=lambda one: one[1].parts):
        if not path.is_relative_to(home) or within(path, (*visible, *shown, *absent)):
            continue
        if path.exists():
            shown[path] = path.resolve()
        else:
            absent[path] = f"{path}/" if text.endswith("/") else str(path)
    folders = [text.removeprefix("~/").strip("/") for text in files.records]
    given = {home / name.removeprefix("~/"): text for name, text in files.given.items()}
    kept = {home / name: records.place(places.start, name) for name in folders}
    taken = (*visible, *shown, *absent, *kept)  # a file that is made there would be the host's
    return Home(
        shown,
        tuple(absent.values()),
        kept,
        {path: text for path, text in given.items() if not within(path, taken)},
    )
