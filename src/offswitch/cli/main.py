"""Where `offswitch` begins. It imports nothing yet that may lie in the current folder: see `search_path`."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence

from offswitch.cli import search_path

_WITH_PLUG_INS = frozenset({"scan", "run", "report", "list", "plan", "scenarios"})
"""They load detectors and scenarios of others, which their author may keep in the current folder."""
_BETWEEN_COLLECTIONS = 200_000
"""New objects between collections: most of what a start makes stays."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process; for its exit codes see `commands.run`."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    search_path.leave_current_folder(below=_WITH_PLUG_INS.isdisjoint(given[:1]))
    gc.set_threshold(_BETWEEN_COLLECTIONS)
    from offswitch.cli.commands import run  # noqa: PLC0415 (not before the line above)

    sys.exit(run(arguments))


if __name__ == "__main__":
    search_path.leave_folder_of_module()
    main()
