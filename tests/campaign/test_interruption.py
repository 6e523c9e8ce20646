"""Killed, interrupted, or out of disk: no finished trial is lost, and none is run twice."""

import hashlib
import os
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest
from inspect_ai.log import list_eval_logs
from toy_campaign import offswitch, outcomes, summaries, toy_plan

from offswitch.campaign.collect import collect
from offswitch.campaign.folder import RunFolder
from offswitch.campaign.run import Effort, run
from offswitch.errors import MachineError

SLOW = ("run", "toy", "--model", "toy/slow", "--arms", "A", "--trials", "40", "--max-samples", "1", "--yes")
ALL = Counter({(0, str(trial)): 1 for trial in range(1, 41)})


def finished(folder: Path) -> int:
    logs = list_eval_logs(str(folder / "logs")) if (folder / "logs").is_dir() else []
    return sum(len(summaries(log)) for log in logs)


def wait_for_trials(folder: Path, number: int) -> None:
    deadline = time.monotonic() + 120
    while finished(folder) < number:
        assert time.monotonic() < deadline, "the campaign does not get on"
        time.sleep(0.1)


def wait_for_workers(folder: Path, most: int) -> None:
    """Wait until no more than so many are left."""
    deadline = time.monotonic() + 60
    while len(workers(folder)) > most:
        assert time.monotonic() < deadline, "a worker survives its campaign"
        time.sleep(0.05)


def workers(folder: Path) -> list[int]:
    """Return the process ids of the workers of a run folder, without what they have just forked."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes()
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if b"offswitch.campaign.worker" in command and str(folder).encode() in command:
                found[int(entry.name)] = parent
    return [process for process, parent in found.items() if parent not in found]


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (folder / "logs").iterdir()}


def test_killed_in_the_middle_it_resumes_with_each_trial_exactly_once(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    process = offswitch(*SLOW, "--workers", "2", "--out", folder)
    wait_for_trials(folder, 5)
    process.send_signal(signal.SIGKILL)
    process.communicate()

    resumed = offswitch(
        "run", "--resume", folder, "--max-samples", "20", "--yes"
    )  # the old workers still end
    wait_for_workers(folder, 2)
    before = outcomes(folder)
    assert 5 <= len(before) < 40
    out, err = resumed.communicate(timeout=200)

    assert resumed.returncode == 0, err
    assert outcomes(folder) == ALL
    assert "page: " in out
    assert collect(RunFolder(folder)).cells[0].finished == 40
    wait_for_workers(folder, 0)


def test_the_workers_of_a_killed_campaign_end_themselves(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    process = offswitch(*SLOW, "--out", folder)
    wait_for_trials(folder, 1)
    assert len(workers(folder)) == 1
    process.kill()
    process.communicate()
    wait_for_workers(folder, 0)
    assert finished(folder) < 40


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM], ids=lambda sign: sign.name)
def test_interrupted_it_says_how_to_go_on_and_keeps_what_is_done(
    sign: signal.Signals, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    process = offswitch(*SLOW, "--out", folder)
    wait_for_trials(folder, 4)
    process.send_signal(sign)
    out, err = process.communicate(timeout=200)

    assert process.returncode == 130, err
    assert f"offswitch run --resume {folder}" in err
    assert "Traceback" not in err
    assert "were not run" in out
    kept = outcomes(folder)
    assert len(kept) >= 4
    results = collect(RunFolder(folder))
    assert results.cells[0].finished == len(kept)
    assert results.cells[0].errors == 0
    assert results.sessions[0].stopped == "interrupted"
    before = digests(folder)

    again = offswitch(*SLOW[:-3], "--max-samples", "20", "--yes", "--out", folder)  # the same command line
    _, err = again.communicate(timeout=200)
    assert again.returncode == 0, err
    assert outcomes(folder) == ALL
    assert before.items() <= digests(folder).items(), "a log was rewritten"


def test_a_worker_that_dies_stops_the_campaign_with_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    process = offswitch(*SLOW, "--out", folder)
    wait_for_trials(folder, 2)
    os.kill(workers(folder)[0], signal.SIGKILL)
    _, err = process.communicate(timeout=200)
    assert process.returncode == 2
    assert "a worker ended (exit code -9)" in err
    assert "Traceback" not in err
    assert finished(folder) >= 2


@pytest.mark.root
def test_a_full_disk_is_one_line_and_keeps_what_is_done(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root to mount a small disk")
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=200k", "none", str(disk)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount")
    try:
        folder = RunFolder(disk / "run")
        plan = toy_plan(trials=100, arms="A")
        with pytest.raises(MachineError, match="No space left"):
            run(plan, folder, Effort())
        kept = outcomes(folder.path)
        assert kept
        assert set(kept.values()) == {1}
        subprocess.run(["mount", "-o", "remount,size=50m", str(disk)], check=True)
        assert run(plan, folder, Effort()) == "finished"
        assert outcomes(folder.path) == Counter({(0, str(trial)): 1 for trial in range(1, 101)})
    finally:
        subprocess.run(["umount", str(disk)], check=True)
