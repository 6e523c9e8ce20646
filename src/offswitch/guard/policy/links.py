"""The links on the way to a path: who can write where one of them lies can lead it elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from offswitch.errors import UsageError

_MOST_LINKS = 40
"""As the kernel follows at most (path_resolution(7))."""


def followed(path: Path) -> list[Path]:
    """Return the links on the way to an absolute path, in order, and then where it leads to.

    None of them has a link before its last part. What is not there may be in the way, or at its end.
    """
    links: list[str] = []
    todo = [*reversed(os.fspath(path).split("/"))]
    here = "/"
    while todo:
        name = todo.pop()
        if name in {"", ".", ".."}:
            here = os.path.dirname(here) if name == ".." else here  # noqa: PTH120 (this is called for many)
            continue
        step = f"{here.rstrip('/')}/{name}"
        target = _target(step) if len(links) < _MOST_LINKS else None
        if target is None:
            here = step
            continue
        links.append(step)
        todo += reversed(target.split("/"))
        here = "/" if target.startswith("/") else here
    return [Path(one) for one in (*links, here)]


def _target(path: str) -> str | None:
    try:
        return os.readlink(path)  # noqa: PTH115
    except OSError:  # no link, or not there, or not for us to see
        return None


def refuse_links(paths: Iterable[Path], reach: list[Path]) -> None:
    """Refuse what is named by a link that lies where the agent could have put it, or could replace it.

    Args:
        paths: absolute, with the links that they were written with.
        reach: folders it may write to, by their own paths.

    Raises:
        UsageError: one line: the link, and what to write instead.
    """
    for path in paths:
        *links, end = followed(path)
        link = next((one for one in links if any(one.parent.is_relative_to(place) for place in reach)), None)
        if link is not None:
            raise UsageError(
                f"{link} is a link, which an agent could have put there, or replace; by it nothing can be "
                f"sealed, hidden or shown: expected what it leads to, {end}, named itself; or {path} in "
                "files.open"
            )
