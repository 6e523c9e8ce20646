"""What a guard loads before its agent runs: a person waits for it at every start."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = [pytest.mark.safety]

NOT_NEEDED = {"cel", "asyncio", "rich", "offswitch.effects.session", "offswitch.detectors"}
"""What takes long to load: not every policy has conditions, and outlets are processes of their own."""


def test_the_command_loads_only_what_it_needs() -> None:
    code = "import sys, offswitch.cli.commands, offswitch.cli.guard; print(*sys.modules)"
    loaded = set(subprocess.check_output([sys.executable, "-c", code], text=True).split())
    assert "offswitch.guard.supervisor" in loaded
    assert not NOT_NEEDED & loaded


def test_what_is_loaded_late_is_there_when_it_is_asked_for() -> None:
    code = "import offswitch.effects as e; e.Session; e.Deeds; e.nonesuch"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "AttributeError: module 'offswitch.effects' has no attribute 'nonesuch'" in done.stderr
