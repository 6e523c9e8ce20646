from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from in_cell import Outcome, run_in
from persons import Person, person

from offswitch.guard.cell.client import Cell
from offswitch.guard.cell.guest import Guest
from offswitch.guard.cell.starting import Launcher, Limits, start


@pytest.fixture(scope="module")
def alice() -> Iterator[Person]:
    with person() as one:
        yield one


@pytest.fixture(scope="module")
def bob() -> Iterator[Person]:
    with person() as one:
        yield one


@pytest.fixture(scope="session")
def launcher() -> Iterator[Launcher]:
    launcher = Launcher()
    yield launcher
    launcher.close()


@pytest.fixture
def new_cell(launcher: Launcher) -> Iterator[Callable[..., Cell]]:
    cells = []

    def make(guest: Guest | None = None, limits: Limits | None = None) -> Cell:
        cells.append(start(launcher, guest or Guest(), limits or Limits()))
        return cells[-1]

    yield make
    for cell in cells:
        cell.close()


@pytest.fixture
def cell(new_cell: Callable[..., Cell]) -> Cell:
    return new_cell()


@pytest.fixture
def run(cell: Cell) -> Callable[..., Outcome]:
    return lambda script, **options: run_in(cell, script, **options)


@pytest.fixture
def place() -> Iterator[Path]:
    """Return a folder that every user of the machine may enter; pytest's own are for their owner only."""
    folder = Path(tempfile.mkdtemp(prefix="guard-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
