from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from offswitch.errors import OffswitchError
from offswitch.guard.cell.guest import Guest
from offswitch.guard.cell.starting import Launcher, Limits, start

DATA = Path(__file__).parents[2] / "shared" / "data"
UNDER_CI = "CI" in os.environ

settings.register_profile("quick", max_examples=100, deadline=None)
settings.register_profile("long", max_examples=10_000, deadline=None)
settings.load_profile("quick")  # pytest --hypothesis-profile=long: for hours


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The recorded real runs, which are not part of the project.

    They lie at ../shared/data, or where OFFSWITCH_DATA says; "none" says that this machine has none.
    Under CI they must be there unless that is said.
    """
    said = os.environ.get("OFFSWITCH_DATA", "")
    place = Path(said) if said else DATA
    if place.is_dir():
        return place
    reason = f"the recorded real runs are not at {place}"
    if UNDER_CI and said != "none":
        pytest.fail(reason)
    pytest.skip(reason)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what this machine cannot do, with the reason; a safety test under CI fails instead."""
    refusal = ""
    if item.get_closest_marker("sandbox"):
        refusal = why_no_cell()
    if item.get_closest_marker("root") and os.geteuid() != 0:
        pytest.skip("needs root")
    if refusal and UNDER_CI and item.get_closest_marker("safety"):
        pytest.fail(refusal)
    if refusal:
        pytest.skip(refusal)


@cache
def why_no_cell() -> str:
    """Start a cell and say why that is impossible here; "" if it is possible."""
    try:
        launcher = Launcher()
        start(launcher, Guest(), Limits()).close()
        launcher.close()
    except OffswitchError as failure:
        return str(failure)
    return ""
