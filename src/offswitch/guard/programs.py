"""The programs of the system that a guard starts itself: where they may be, and what they start with.

Who runs us may have a folder in their PATH, or in what libraries are loaded from, that an agent writes to: a
`docker` put there would be run with the guard's rights, by the very stop of that agent. So nothing of that
counts here.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from offswitch.guard.cell import guest

PATH = guest.PATH
"""The system's folders of programs."""

_NAMES = ("bwrap", "newuidmap", "newgidmap", "docker", "podman")
_KEPT = ("HOME", "XDG_RUNTIME_DIR", "DOCKER_HOST", "DOCKER_CONTEXT", "CONTAINER_HOST")
"""What a client of a container engine needs to find the engine: no folder that it loads anything from."""


def find(name: str) -> str | None:
    """Return the path of a program in the system's folders, or None if it is not there."""
    return shutil.which(name, path=PATH)


def environment() -> dict[str, str]:
    """Return the environment that one is started with."""
    return {"PATH": PATH} | {name: os.environ[name] for name in _KEPT if name in os.environ}


def places() -> Iterator[Path]:
    """Yield every place where one of them is looked for, whether it is there or not."""
    for folder in PATH.split(":"):
        for name in _NAMES:
            yield Path(folder, name)
