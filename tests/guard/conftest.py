from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from in_cell import Outcome, run_in

from offswitch.guard.cell import Cell, Launcher, Limits, start
from offswitch.guard.guest import Guest


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
