"""The claim on a run folder: one campaign at a time, until its last worker has ended."""

import subprocess
from pathlib import Path

import pytest

from offswitch.campaign import folder as module
from offswitch.campaign.folder import RunFolder
from offswitch.campaign.results import Session
from offswitch.errors import MachineError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    monkeypatch.setattr(module, "PATIENCE", 0.3)
    return RunFolder(tmp_path / "run")


def test_two_campaigns_cannot_have_one_folder(folder: RunFolder) -> None:
    with (
        folder.claim(),
        pytest.raises(MachineError, match="another offswitch is at work here"),
        folder.claim(),
    ):
        pass
    with folder.claim():
        pass


def test_the_claim_lasts_as_long_as_a_worker_that_inherited_it(folder: RunFolder) -> None:
    with folder.claim() as lock:
        worker = subprocess.Popen(["sleep", "60"], pass_fds=[lock])
    try:
        with pytest.raises(MachineError), folder.claim():
            pass
    finally:
        worker.kill()
        worker.wait()
    with folder.claim():
        pass


def test_a_session_line_cut_off_by_a_crash_is_left_out(folder: RunFolder) -> None:
    folder.path.mkdir()
    session = Session(started=1.0, ended=2.0, workers=1, token_budget=None, stopped="finished", retries=0)
    folder.add_session(session)
    with folder.sessions.open("ab") as lines:
        lines.write(b'{"started": 3')
    assert folder.read_sessions() == [session]


def test_a_file_is_written_whole_or_not_at_all(folder: RunFolder) -> None:
    folder.path.mkdir()
    folder.write(folder.results, b"old")
    folder.results.with_name(".results.json.new").mkdir()  # the draft cannot be written
    with pytest.raises(OSError, match="directory"):
        folder.write(folder.results, b"new")
    assert folder.results.read_bytes() == b"old"
