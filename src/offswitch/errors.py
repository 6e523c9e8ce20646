"""Every exception of the project, drawn once.

OffswitchError
├── UsageError            what the user gave cannot be used: one line, exit code 2
│   ├── UnknownNameError  a scenario, arm, model or detector nobody registered
│   └── InputError        a file that should hold something and does not
├── MachineError          the machine lacks something we need: one line, exit code 2
├── CellError             a cell could not be started, or broke
│   └── CellDownError     the machine inside the cell has shut down
└── PluginError           a third-party part could not be loaded

The command line turns `OffswitchError` into one line on stderr and exit code 2; anything else is a
defect of ours and shows its traceback.
"""

from __future__ import annotations


class OffswitchError(Exception):
    """Root of the tree: catch it to catch everything this package raises on purpose."""


class UsageError(OffswitchError):
    """What the user gave cannot be used. The message says what was expected, what came, what to do."""


class UnknownNameError(UsageError):
    """A name nobody registered.

    Args:
        kind: what the name should have been: "scenario", "arm", "organism".
        name: what came.
        known: the names that exist.
    """

    def __init__(self, kind: str, name: str, known: list[str]) -> None:
        self.kind = kind
        self.name = name
        self.known = known
        super().__init__(f"unknown {kind} {name!r}; known: {', '.join(sorted(known)) or 'none'}")


class InputError(UsageError):
    """A file or folder that does not hold what it should."""


class MachineError(OffswitchError):
    """The machine lacks something we need; the message names it and the command that brings it."""


class CellError(OffswitchError):
    """A cell could not be started, or its keeper is gone."""


class CellDownError(CellError):
    """The machine inside the cell has shut down: nothing can be started in it any more."""


class PluginError(OffswitchError):
    """A third-party detector, scenario or organism could not be loaded."""
