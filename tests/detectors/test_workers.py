from __future__ import annotations

import math
import os
from functools import partial
from pathlib import Path

import pytest

from offswitch.detectors.workers import spread
from offswitch.errors import MachineError, OffswitchError

ROOTS = partial(partial, math.sqrt)
RUN = partial(partial, exec)


def test_results_come_in_the_order_of_the_tasks() -> None:
    seen: list[float] = []
    assert spread(ROOTS, [n * n for n in range(50)], 3, seen.append) == list(map(float, range(50)))
    assert sorted(seen) == list(map(float, range(50)))


def test_no_tasks_start_no_process() -> None:
    assert spread(ROOTS, [], 2) == []


def test_the_work_is_done_by_other_processes() -> None:
    processes = spread(partial(partial, eval), ["__import__('os').getpid()"] * 8, 2)
    assert 1 <= len(set(processes)) <= 2
    assert os.getpid() not in processes


@pytest.mark.safety
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_worker_that_is_killed_is_an_error_that_says_so(jobs: int) -> None:
    tasks = ["1", "import os; os.kill(os.getpid(), 9)", "2", "3"]
    with pytest.raises(MachineError, match="ended by signal 9 before its work was done"):
        spread(RUN, tasks, jobs)


@pytest.mark.safety
def test_a_task_that_fails_fails_here_with_its_traceback() -> None:
    with pytest.raises(RuntimeError, match="math domain error"):
        spread(ROOTS, [4, -1, 9], 2)


def test_what_a_user_can_mend_stays_one_line() -> None:
    wrong = "from offswitch.errors import InputError; raise InputError('no such file: x')"
    with pytest.raises(OffswitchError, match=r"^no such file: x$"):
        spread(RUN, [wrong], 1)


def test_a_worker_that_cannot_begin_says_why() -> None:
    with pytest.raises(RuntimeError, match="No module named"):
        spread(partial(partial, _only_here), [1], 1)


def _only_here(task: int) -> int:
    return task


@pytest.mark.safety
def test_a_worker_imports_nothing_from_the_folder_it_is_started_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "colorsys.py").write_text("raise RuntimeError('run by accident')")
    monkeypatch.chdir(tmp_path)
    (found,) = spread(partial(partial, eval), ["__import__('colorsys').__file__"], 1)
    assert not found.startswith(str(tmp_path))


def test_no_process_is_left() -> None:
    before = _children()
    spread(ROOTS, [1, 4], 2)
    with pytest.raises(RuntimeError):
        spread(ROOTS, [-1, 4, 4, 4], 2)
    assert _children() == before


def _children() -> str:
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii")
