"""A process of the keeper's starts one program after another: none of them meets what another left."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from guarding import await_true
from in_cell import Outcome, await_host_pids, await_result, run_in

from offswitch.errors import CellError
from offswitch.guard.cell.client import Cell, Started, User

pytestmark = [pytest.mark.sandbox, pytest.mark.safety]

SHOW = "pwd; umask; ulimit -a; echo $PATH $MARK; ls -l /proc/self/fd | wc -l; readlink /proc/self/fd/0"
SPOIL = "cd /tmp; umask 0; ulimit -n 20; export MARK=1; exec 7>/tmp/held; sleep infinity & trap '' TERM"


def begun(cell: Cell, argv: list[str], user: User = "user") -> tuple[Started, int]:
    """Start a program that no other is like; return it and the host's number of what has started it."""
    work = cell.execute(argv, user=user)
    (pid,) = await_host_pids(" ".join(argv))
    return work, parent(pid)


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def closed(work: Started) -> None:
    for fd in (work.stdout, work.stderr):
        os.close(fd or 0)


def ended(cell: Cell, work: Started) -> None:
    cell.kill(work)
    assert await_result(work) == {"exit": -signal.SIGKILL}
    closed(work)


@pytest.mark.parametrize("user", ["user", "root"])
def test_one_program_leaves_nothing_for_the_next(cell: Cell, user: User) -> None:
    first = run_in(cell, SHOW, user=user)
    assert first.code == 0, first.err
    run_in(cell, SPOIL, user=user, cwd="/tmp", env={"PATH": "/sbin:/usr/bin:/bin", "MARK": "2"})  # noqa: S108
    assert run_in(cell, SHOW, user=user) == first


def test_one_after_another_is_started_by_the_same_process_for_each_user(cell: Cell) -> None:
    starters = set()
    for user in ("user", "root") * 2:
        work = cell.execute(["sleep", "0.5271"], user=user)
        (pid,) = await_host_pids("sleep 0.5271")
        starters.add((user, parent(pid)))
        assert await_result(work) == {"exit": 0}
        closed(work)
    assert len(starters) == 2


def test_a_kill_that_comes_too_late_meets_no_other_program(cell: Cell) -> None:
    for _ in range(60):
        late = cell.execute(["true"])
        result = await_result(late)
        cell.kill(late)
        assert result == {"exit": 0}
        closed(late)
        assert run_in(cell, "sleep 0.002; echo on") == Outcome(0, "on\n", "")


def test_a_kill_at_any_moment_meets_no_other_program(cell: Cell) -> None:
    for pause in range(60):
        work = cell.execute(["true"])
        time.sleep(pause / 20_000)
        cell.kill(work)
        assert run_in(cell, "sleep 0.002; echo on") == Outcome(0, "on\n", "")
        assert await_result(work) in ({"exit": 0}, {"exit": -signal.SIGKILL})
        closed(work)


def test_what_starts_programs_may_die(cell: Cell) -> None:
    """As when memory runs out: the program is lost with it, and no other."""
    work, starter = begun(cell, ["sleep", "5272"])
    os.kill(starter, signal.SIGKILL)
    with pytest.raises(CellError, match="keeper is gone"):
        await_result(work)
    closed(work)
    assert run_in(cell, "echo on") == Outcome(0, "on\n", "")
    work, starter = begun(cell, ["sleep", "0.5273"])
    assert await_result(work) == {"exit": 0}
    closed(work)
    os.kill(starter, signal.SIGKILL)  # it waits for the next
    await_true(lambda: not Path(f"/proc/{starter}").exists())
    assert run_in(cell, "echo on") == Outcome(0, "on\n", "")


def test_of_many_at_once_one_is_kept_for_each_user(cell: Cell) -> None:
    work, starter = begun(cell, ["sleep", "5274"])
    keeper = parent(starter)
    many = [cell.execute(["sleep", "0.1"], user=user) for user in ("user", "root") * 6]
    for one in many:
        assert await_result(one) == {"exit": 0}
        closed(one)
    monitor_and_busy = 2
    await_true(lambda: len(children(keeper)) == monitor_and_busy + 2)
    ended(cell, work)
    await_true(lambda: len(children(keeper)) == 1 + 2)
    assert run_in(cell, "echo on") == Outcome(0, "on\n", "")
