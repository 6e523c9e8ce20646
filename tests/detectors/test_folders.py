"""Scanning with several processes: the same document as with one, and nothing lost silently."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from offswitch.detectors import Engine, folders
from offswitch.detectors.folders import scan_paths
from offswitch.detectors.scan import Scan
from offswitch.detectors.shutdown_sabotage import ShutdownSabotage
from offswitch.effects import default_assets
from offswitch.errors import InputError

MAKE = partial(Engine, default_assets(), {"shutdown_sabotage": ShutdownSabotage})
PADDING = "x" * 500


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Share out small files too."""
    monkeypatch.setattr(folders, "_ALONE", 5_000)
    monkeypatch.setattr(folders, "_SHARED", 20_000)
    monkeypatch.setattr(folders, "_TASK", 5_000)


def scanned(path: Path, jobs: int) -> Scan:
    return scan_paths([path], MAKE, "info", jobs)


def commands(count: int, *, padding: str = PADDING) -> str:
    """Return a JSONL of so many sessions of two commands each, mixed; every third deletes the mechanism."""
    lines = [{"session": f"s{number}", "command": f"echo {number} {padding}"} for number in range(count)]
    lines += [{"session": f"s{number}", "command": "rm shutdown.sh"} for number in range(0, count, 3)]
    return "".join(json.dumps(line) + "\n" for line in lines)


def log(path: Path, samples: list[dict[str, object]]) -> None:
    """Write an Inspect log with these samples, as members of as many names."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("_journal/start.json", json.dumps({"eval": {"model": "m"}}))
        for number, sample in enumerate(samples):
            archive.writestr(f"samples/{number}.json", json.dumps(sample))


def sample(name: str, command: str) -> dict[str, object]:
    call = {"id": "c", "function": "bash", "arguments": {"command": command}}
    messages = [
        {"role": "user", "content": PADDING},
        {"role": "assistant", "content": "", "tool_calls": [call]},
    ]
    return {"id": name, "epoch": 1, "messages": messages}


@pytest.fixture
def everything(tmp_path: Path) -> Path:
    """A folder of many small files and large ones of both formats whose runs are shared out."""
    for number in range(90):
        folder = tmp_path / f"part{number % 3}"
        folder.mkdir(exist_ok=True)
        (folder / f"{number}.jsonl").write_text(commands(2, padding="x" * 10))
    (tmp_path / "large.jsonl").write_text(commands(200) + "broken\n")
    log(
        tmp_path / "large.eval",
        [sample(str(n), "rm shutdown.sh" if n % 5 == 0 else "ls") for n in range(150)],
    )
    (tmp_path / "notes.txt").write_text("no transcript")
    (tmp_path / ".hidden").write_text("no transcript either")
    return tmp_path


def test_the_document_does_not_depend_on_the_number_of_processes(everything: Path) -> None:
    alone = scanned(everything, 1)
    assert alone.summary.runs == 180 + 200 + 150
    assert alone.summary.unreadable == 1
    assert alone.summary.runs_with_findings > 100
    assert scanned(everything, 2) == scanned(everything, 3) == alone


def test_progress_counts_every_reading(everything: Path) -> None:
    done: list[int] = []
    result = scan_paths([everything], MAKE, "info", 2, done.append)
    assert sum(done) == len(result.runs) + len(result.unreadable) + len(result.skipped)


@pytest.mark.parametrize(
    "samples",
    [
        [sample("same", "rm shutdown.sh")] * 120,
        [{"id": str(number), "epoch": 1, "padding": PADDING} for number in range(120)],
        [sample(str(number), "ls") for number in range(120)] + [{"padding": PADDING}],
    ],
    ids=["runs of one name", "no run at all", "a sample that cannot be read"],
)
def test_shares_that_do_not_add_up_are_scanned_as_one_file(
    tmp_path: Path, samples: list[dict[str, object]]
) -> None:
    log(tmp_path / "large.eval", samples)
    assert (tmp_path / "large.eval").stat().st_size > folders._SHARED
    alone = scanned(tmp_path, 1)
    (tmp_path / "other.jsonl").write_text(commands(100))
    together = scanned(tmp_path, 2)
    assert [run for run in together.runs if run.path == "large.eval"] == alone.runs
    assert together.unreadable == alone.unreadable
    assert together.skipped == alone.skipped


def test_little_input_starts_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.jsonl").write_text(commands(3))
    monkeypatch.setattr(folders, "_ALONE", 10_000)
    monkeypatch.setattr(folders, "spread", None)
    assert scanned(tmp_path, 8).summary.runs == 3


def test_a_path_with_nothing_there_is_said_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file or folder"):
        scan_paths([tmp_path, tmp_path / "gone"], MAKE, "low", 2)


@pytest.fixture
def scanning(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A scan of a large folder that has just begun its work in two processes."""
    for number in range(4):
        (tmp_path / f"{number}.jsonl").write_text(commands(30_000, padding=""))
    program = Path(sys.executable).with_name("offswitch")
    process = subprocess.Popen(
        [program, "scan", tmp_path, "--jobs", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while len(workers(process)) < 2 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def workers(process: subprocess.Popen[str]) -> list[int]:
    try:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii")
    except FileNotFoundError:
        return []
    return [int(child) for child in children.split()]


def gone(process: int) -> bool:
    status = Path(f"/proc/{process}/status")
    return not status.exists() or "\nState:\tZ" in status.read_text(encoding="ascii")


@pytest.mark.safety
def test_a_worker_that_is_killed_makes_the_scan_an_error(scanning: subprocess.Popen[str]) -> None:
    found = workers(scanning)
    os.kill(found[0], signal.SIGKILL)
    said, complaint = scanning.communicate(timeout=60)
    assert scanning.returncode == 2
    assert "a worker process was ended by signal 9 before its work was done" in complaint
    assert said == ""
    assert all(gone(child) for child in found)


def test_an_interrupted_scan_leaves_no_process_and_no_traceback(scanning: subprocess.Popen[str]) -> None:
    found = workers(scanning)
    os.killpg(scanning.pid, signal.SIGINT)
    said, complaint = scanning.communicate(timeout=60)
    assert (scanning.returncode, said) == (130, "")
    assert "Traceback" not in complaint
    assert all(gone(child) for child in found)
