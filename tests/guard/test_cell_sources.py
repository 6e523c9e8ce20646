"""What a cell shows of the host is what its policy was resolved to, whoever moves things meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from in_cell import run_in

from offswitch.errors import MachineError
from offswitch.guard.cell.plan import Plan
from offswitch.guard.cell.starting import Launcher, Limits, start
from offswitch.guard.workplace import Workplace

pytestmark = [pytest.mark.sandbox, pytest.mark.safety, pytest.mark.root]


@dataclass(frozen=True)
class Raced(Workplace):
    """A workplace beside which somebody is at work between its resolution and its cell."""

    meanwhile: Callable[[], None] = lambda: None

    def plan(self) -> Plan:
        plan = super().plan()
        self.meanwhile()
        return plan


def raced(launcher: Launcher, place: Path, meanwhile: Callable[[], None]) -> str:
    """Start a cell, and return what its agent finds in its work folder."""
    work, secret = place / "outer/work", place / "secret"
    for folder in (work, secret):
        folder.mkdir(parents=True)
    secret.chmod(0o700)
    (secret / "key").write_text("key")
    world = Raced(str(work), "/home/user", writable=(str(work),), owner=(1001, 1001), meanwhile=meanwhile)
    cell = start(launcher, world, Limits())
    try:
        return run_in(cell, "ls").out
    finally:
        cell.close()


def test_a_folder_that_stays_is_shown(launcher: Launcher, place: Path) -> None:
    assert raced(launcher, place, (place / "outer/work/here").touch) == "here\n"


@pytest.mark.parametrize("name", ["outer/work", "outer"])
def test_a_folder_that_becomes_a_link_is_not_followed(launcher: Launcher, place: Path, name: str) -> None:
    def exchange() -> None:
        (place / "secret/work").mkdir()
        (place / name).rename(place / "away")
        (place / name).symlink_to(place / "secret")

    with pytest.raises(MachineError):
        raced(launcher, place, exchange)


def test_another_folder_in_its_place_is_not_shown(launcher: Launcher, place: Path) -> None:
    def exchange() -> None:
        (place / "outer/work").rename(place / "away")
        (place / "secret").rename(place / "outer/work")

    with pytest.raises(MachineError, match="something else was put in its place"):
        raced(launcher, place, exchange)
