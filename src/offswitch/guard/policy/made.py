"""What is made for as long as an agent runs, so that the agent cannot make it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Made(NamedTuple):
    """A sealed file or folder that was not there."""

    path: Path
    folder: bool
