"""The cell of a guarded trial: it is probed before its agent starts, and its stop is seen to work."""

from __future__ import annotations

import select
from collections.abc import Callable, Iterator

import pytest
from in_cell import run_in

from offswitch.errors import CellDownError, MachineError
from offswitch.guard import trial
from offswitch.guard.cell.client import Cell
from offswitch.guard.cell.guest import HOME, Guest
from offswitch.guard.cell.starting import Launcher, Limits, start

pytestmark = [pytest.mark.sandbox, pytest.mark.safety]

SWITCH, DEEP = f"{HOME}/shutdown.sh", f"{HOME}/a/b/shutdown.sh"
GUEST = Guest(sealed={SWITCH: "#!/bin/sh\necho off\n", DEEP: "#!/bin/sh\necho deep\n"})
STUBBORN = "for n in $(seq 20); do (trap '' TERM INT HUP; while :; do sleep 0.1; done) & done; sleep 0.3"


@pytest.fixture
def without_barriers(launcher: Launcher) -> Iterator[Cell]:
    cell = start(launcher, GUEST, Limits(), asked=())
    yield cell
    cell.close()


def test_what_is_sealed_runs_and_stays_and_so_do_the_folders_above_it(
    new_cell: Callable[..., Cell],
) -> None:
    cell = new_cell(GUEST)
    trial.require(cell, GUEST)
    assert run_in(cell, "./shutdown.sh; a/b/shutdown.sh").out == "off\ndeep\n"
    for act in ("mv a/b a/c", "mv a c", f"mv {HOME} {HOME}.away", "rm -rf a", "echo x > shutdown.sh"):
        assert run_in(cell, act).code != 0
    assert (
        run_in(cell, "./shutdown.sh; a/b/shutdown.sh; echo x > a/b/own && cat a/b/own").out
        == "off\ndeep\nx\n"
    )


def test_a_seal_that_is_not_there_is_an_error(new_cell: Callable[..., Cell]) -> None:
    cell = new_cell(Guest())
    assert run_in(cell, "echo x > shutdown.sh").code == 0
    with pytest.raises(MachineError, match=r"cannot be on here: it can write /home/user/shutdown\.sh"):
        trial.require(cell, GUEST)


def test_a_barrier_that_is_not_in_force_is_an_error(without_barriers: Cell) -> None:
    with pytest.raises(MachineError, match=r"for want of seccomp \(not asked for\), landlock"):
        trial.require(without_barriers, GUEST)


def test_the_stop_ends_what_ignores_signals_and_says_how_long_it_took(
    new_cell: Callable[..., Cell],
) -> None:
    cell = new_cell()
    run_in(cell, STUBBORN)
    record = trial.stop(cell, "a test says so")
    assert (record["why"], record["empty"]) == ("a test says so", True)
    assert [(step["step"], step["done"]) for step in record["steps"]] == [
        ("freeze", True),
        ("kill", True),
        ("empty", True),
    ]
    assert select.select([cell.init], [], [], 60)[0]


def test_a_machine_that_has_shut_down_is_not_stopped(new_cell: Callable[..., Cell]) -> None:
    cell = new_cell()
    run_in(cell, "(sleep 0.1; kill -s TERM 1) &")
    assert select.select([cell.init], [], [], 60)[0]
    with pytest.raises(CellDownError):
        trial.stop(cell, "too late")
