from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from guarding import await_true
from in_cell import Outcome, await_host_pids, await_result, host_pids, run_in

from offswitch.errors import CellDownError, CellError, MachineError
from offswitch.guard import programs
from offswitch.guard.cell.client import Cell
from offswitch.guard.cell.guest import Guest
from offswitch.guard.cell.starting import Launcher, Limits, start
from offswitch.guard.kernel import cgroup

pytestmark = [pytest.mark.sandbox, pytest.mark.safety]

Run = Callable[..., Outcome]


def test_a_program_gives_its_outputs_and_its_exit_code(run: Run) -> None:
    assert run("echo out; echo err >&2; exit 7") == Outcome(7, "out\n", "err\n")


def test_term_to_pid_1_shuts_the_machine_down_and_files_stay_readable(cell: Cell) -> None:
    assert run_in(cell, "echo kept > note").code == 0
    assert run_in(cell, "kill -s TERM 1; sleep 20").code == -signal.SIGKILL
    assert select.select([cell.init], [], [], 60)[0], "PID 1 should have ended"
    with pytest.raises(CellDownError, match="shut down"):
        await_result(cell.execute(["true"]))
    work = cell.read("note", 100)
    assert await_result(work) == {"exit": 0}
    assert work.stdout is not None
    assert os.read(work.stdout, 100) == b"kept\n"


@pytest.mark.parametrize("signals", ["KILL", "STOP", "HUP", "USR1"])
def test_other_signals_to_pid_1_change_nothing(run: Run, signals: str) -> None:
    run(f"kill -s {signals} 1")
    assert run("echo alive").out == "alive\n"


def test_what_is_left_in_the_background_goes_on(run: Run) -> None:
    assert run("(while :; do date +%N > new; mv new beat; sleep 0.05; done) >/dev/null 2>&1 &").code == 0
    first = run("until [ -e beat ]; do sleep 0.05; done; cat beat").out
    assert first
    assert run(f"until [ $(cat beat) != {first.strip()} ]; do sleep 0.05; done").code == 0


def test_a_killed_program_takes_its_session_with_it_and_nothing_else(cell: Cell) -> None:
    run_in(cell, "setsid sleep 1000 >/dev/null 2>&1 &")
    work = cell.execute(["bash", "-c", "sleep 2000 & sleep 3001; exit"])
    assert all(await_host_pids(f"sleep {seconds}") for seconds in (1000, 2000, 3001))
    cell.kill(work)
    assert await_result(work) == {"exit": -signal.SIGKILL}
    assert not any(await_host_pids(f"sleep {seconds}", gone=True) for seconds in (2000, 3001))
    assert run_in(cell, "pgrep -fa 'sleep [0-9]'").out.split()[1:] == ["sleep", "1000"]


def test_orphans_are_reaped(run: Run) -> None:
    run("for i in 1 2 3 4 5; do setsid sh -c 'sleep 0.05' & done; exit 0")
    assert run("while ps -eo stat=,args= | grep -E '^Z|^[^ ]+ +sleep 0[.]05'; do sleep 0.1; done").code == 0


def test_a_program_that_does_not_exist_ends_with_127(cell: Cell) -> None:
    assert await_result(cell.execute(["no-such-program"])) == {"exit": 127}


def test_closing_a_cell_leaves_no_process_and_no_group(launcher: Launcher) -> None:
    cell = start(launcher, Guest(), Limits())
    run_in(cell, "for i in $(seq 20); do setsid sleep 4321 >/dev/null 2>&1 & done; trap '' TERM; exit 0")
    own = [group for group in _groups() if str(cell.init_pid) in _processes_of(group)]
    assert own
    cell.close()
    assert not await_host_pids("sleep 4321", gone=True)
    await_true(lambda: not any(group.exists() for group in own))


def test_a_cell_ends_with_the_program_that_started_it() -> None:
    """Even when that is killed on the spot and can clear up nothing."""
    code = (
        "import sys, time; from offswitch.guard.cell.starting import *\n"
        "from offswitch.guard.cell.guest import Guest\n"
        "cell = start(Launcher(), Guest(), Limits())\n"
        "cell.execute(['setsid', 'sleep', '98765'])\n"
        "print('up', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "up\n"
        assert await_host_pids("sleep 98765")
        program.kill()
    assert not await_host_pids("sleep 98765", gone=True)


def test_process_limit_stops_a_fork_bomb_and_the_cell_still_answers(new_cell: Callable[..., Cell]) -> None:
    cell = new_cell(limits=Limits(pids=64))
    bomb = "for i in $(seq 200); do sleep 60 >/dev/null 2>&1 & done; wait -n; exit 0"
    work = cell.execute(["bash", "-c", bomb])
    time.sleep(1)
    counted = await_result(cell.execute(["sh", "-c", "exit 0"])) if _room(cell) else {"errno": 11}
    assert counted in ({"exit": 0}, {"errno": 11}), "the keeper must answer, if only to say: no room"
    assert len(host_pids("sleep 60")) <= 64
    cell.kill(work)
    await_result(work)
    await_true(lambda: _room(cell))  # what was killed takes its place until it has been collected
    assert run_in(cell, "echo back").out == "back\n"


def _room(cell: Cell) -> bool:
    return "errno" not in await_result(cell.execute(["true"]))


@pytest.mark.root
def test_memory_limit_kills_the_hog_and_the_cell_still_answers(new_cell: Callable[..., Cell]) -> None:
    cell = new_cell(limits=Limits(memory=64 * 1024**2))
    if cell.limits["memory"] != "in force":
        pytest.skip(f"no memory limit here: {cell.limits['memory']}")
    hog = run_in(cell, "exec python3 -c 'x = bytearray(300 * 1024 ** 2)'")
    assert hog.code == -signal.SIGKILL
    assert run_in(cell, "echo back").out == "back\n"


def test_storage_is_limited(new_cell: Callable[..., Cell]) -> None:
    cell = new_cell(Guest(storage=1024**2))
    assert "No space left" in run_in(cell, "head -c 3000000 /dev/zero > big").err


def test_missing_bubblewrap_is_one_clear_line(launcher: Launcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "PATH", "/nonexistent")
    with pytest.raises(MachineError, match="apt-get install bubblewrap") as caught:
        start(launcher, Guest(), Limits())
    assert "\n" not in str(caught.value)


def test_a_cell_that_cannot_be_built_says_why(launcher: Launcher) -> None:
    with pytest.raises(MachineError, match="did not start"):
        start(launcher, Guest(workdir="/usr/nowhere/at/all"), Limits())


def test_a_lost_launcher_is_an_error_not_a_wait() -> None:
    lost = Launcher()
    lost.close()
    with pytest.raises((CellError, OSError)):
        start(lost, Guest(), Limits())


def _processes_of(group: Path) -> list[str]:
    try:
        return (group / "cgroup.procs").read_text().split()
    except OSError:  # another test's, which has ended meanwhile
        return []


def _groups() -> list[Path]:
    return [group for place in cgroup.hierarchies() for group in place.folder.glob("offswitch-*")]
