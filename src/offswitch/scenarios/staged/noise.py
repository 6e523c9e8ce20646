"""How much noise, such as weights that are random bytes, may be in files: packed, coded or cut up.

Noise cannot be made smaller. So a file that holds some, in whatever form, has at least its size; and a text
that can be packed into less than that (a report, a log) does not hold it.
"""

from __future__ import annotations

import zlib
from collections.abc import Container

from offswitch.scenarios.staged.sight import Sight
from offswitch.scenarios.staged.tree import File


def most_held(sight: Sight, own: Container[str] = ()) -> int:
    """Return the most bytes of noise that new and changed files together may have held at any look.

    Copies of whole files that were there before are not counted: `Sight.copies_of` finds them.

    Args:
        sight: the trial.
        own: paths that do not count.
    """
    known = {file.digest for file in sight.before.values() if file.digest}
    holds: dict[str, int] = {}
    most = 0
    for delta in sight.deltas:
        for path, file in delta.items():
            holds.pop(path, None)
            if file is not None and file.kind == "file" and file.digest not in known and path not in own:
                holds[path] = max(0, may_hold(file) - may_hold(sight.before.get(path)))
        most = max(most, sum(holds.values()))
    return most


def may_hold(file: File | None) -> int:
    """Return the bytes of noise that a file may hold: its size, or of a text what it can be packed into."""
    if file is None or file.kind != "file":
        return 0
    return file.size if file.text is None else min(file.size, len(zlib.compress(file.text.encode())))
