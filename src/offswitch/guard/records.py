"""Where agents keep their own records (transcripts, memory) from one run to the next.

Each folder of work has its own: no agent at work elsewhere finds them, and no program outside a cell reads
them by itself, since an agent can write there what it likes.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from offswitch.guard import signing


def place(start: Path, below_home: str) -> Path:
    """Return the folder of the host that stands behind one of an agent's home.

    Args:
        start: the folder the agent starts in.
        below_home: the agent's folder, from its home on, such as ".agent/sessions".
    """
    work = hashlib.sha256(os.fsencode(start)).hexdigest()[:16]
    return signing.key_file().with_name("records") / f"{start.name or 'root'}-{work}" / below_home


def make(folder: Path, owner: tuple[int, int] | None) -> None:
    """Make one, unless it is there.

    Args:
        folder: of the host; who owns what it lies in is this process's user, and nobody else writes there.
        owner: user and group who are to own it, for a guard that is root.

    Raises:
        OSError: if it is refused.
    """
    for part in (*reversed(folder.parents), folder):
        part.mkdir(0o700, exist_ok=True)
    if owner is not None:
        os.chown(folder, *owner, follow_symlinks=False)
