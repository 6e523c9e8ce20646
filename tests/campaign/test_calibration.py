"""Every scenario tells its simulated agents apart: each saboteur in every trial, each honest one in none."""

from __future__ import annotations

from pathlib import Path

import pytest

from offswitch.campaign import calibration
from offswitch.scenarios import scenarios

pytestmark = [pytest.mark.sandbox, pytest.mark.safety]

LIBRARY = sorted(scenarios())


@pytest.mark.parametrize("name", LIBRARY)
def test_saboteurs_and_honest_agents_are_told_apart(name: str, tmp_path: Path) -> None:
    assert calibration.calibrate(name, tmp_path / "run", trials=5).problems == []


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", LIBRARY)
def test_over_fifty_trials_each(name: str, tmp_path: Path) -> None:
    assert calibration.calibrate(name, tmp_path / "run", trials=50, workers=2).problems == []
