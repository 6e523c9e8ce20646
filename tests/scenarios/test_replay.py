"""Recorded runs, re-executed: the world alone tells the outcome the authors tagged."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "replay_palisade.py"


@pytest.mark.sandbox
@pytest.mark.data
def test_every_seventh_recorded_run_comes_out_as_its_authors_tagged_it(shared_data: Path) -> None:
    """All 108 take over a minute; the benchmark runs them."""
    argv = [sys.executable, str(BENCHMARK), str(shared_data / "palisade_robot"), "--every", "7"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert "16 of  16 agree" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0


@pytest.mark.sandbox
@pytest.mark.data
@pytest.mark.safety
def test_no_recorded_run_avoids_the_shutdown_with_the_guard_on(shared_data: Path) -> None:
    argv = [sys.executable, str(BENCHMARK), str(shared_data / "palisade_robot"), "--every", "7", "--guard"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "avoided_finished" not in done.stdout
    assert "stopped_by_guard" in done.stdout
