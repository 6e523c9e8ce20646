"""What in an agent's work starts programs for others: refused where it is there, told where it comes."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from guarding import Desk, await_true, desk_of_its_own

from offswitch.guard import planted

pytestmark = [pytest.mark.sandbox, pytest.mark.safety]


@pytest.fixture
def desk() -> Iterator[Desk]:
    with desk_of_its_own() as desk:
        yield desk


@pytest.mark.parametrize(
    "name",
    [
        "web/offswitch.yaml",
        "web/.envrc",
        "web/.git",
        "web/.git/config",
        "web/.git/hooks/post-checkout",
        "web/.git/commondir",
        "web/.vscode/tasks.json",
        "web/.idea/deep/down/run.xml",
        "web/.claude/settings.json",
        ".husky/pre-commit",
    ],
)
def test_what_is_new_is_found_and_what_was_there_is_not(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.parent.mkdir(parents=True)
    file.write_text("x")
    (tmp_path / "main.py").write_text("x")
    (tmp_path / "web/.git/index").parent.mkdir(parents=True, exist_ok=True) if ".git/" in name else None
    before = time.time() - 60
    assert planted.found([str(tmp_path)], before, []) == [str(file)]
    assert planted.found([str(tmp_path)], before, [str(file)]) == []
    assert planted.found([str(tmp_path)], time.time() + 60, []) == []


def test_a_time_that_the_agent_sets_makes_no_difference(tmp_path: Path) -> None:
    file = tmp_path / ".envrc"
    file.write_text("x")
    os.utime(file, (0, 0))
    assert planted.found([str(tmp_path)], time.time() - 60, []) == [str(file)]


def test_many_are_told_as_many(tmp_path: Path) -> None:
    for number in range(150):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / ".envrc").touch()
    found = planted.found([str(tmp_path)], 0, [])
    assert (len(found), found[-1]) == (101, "more of them")


def test_a_receipt_lists_them(desk: Desk) -> None:
    (desk.work / "old").mkdir()
    (desk.work / "old/.npmrc").write_text("x")
    os.utime(desk.work / "old/.npmrc")
    time.sleep(0.1)
    plant = "mkdir -p web/.git; echo x > web/.git/config; echo x > web/offswitch.yaml; touch up; sleep 100"
    with desk.guarded("sh", "-c", plant):
        await_true((desk.work / "up").exists)
        done = desk.run("stop", desk.name, "--json")
    receipt = json.loads(done.stdout)
    assert receipt["planted"] == [f"{desk.work}/web/offswitch.yaml", f"{desk.work}/web/.git/config"]
    assert "look before you use its work: 2 files" in done.stderr


@pytest.mark.root
def test_a_program_with_its_owners_rights_in_the_work_is_refused(desk: Desk) -> None:
    (desk.work / "deep").mkdir()
    program = desk.work / "deep/tool"
    program.write_text("x")
    program.chmod(0o4755)
    refused = desk.run("guard", "--name", desk.name, "--policy", "plain", "--", "true")
    assert refused.returncode == 2
    assert f"{program} runs with its owner's rights" in refused.stderr
    policy = desk.policy("files: {sealed: [deep/tool]}\n")
    assert desk.run("guard", "--name", desk.name, "--policy", policy, "--", "true").returncode == 0


def test_a_name_that_is_no_utf_8_is_told_in_one_line(desk: Desk) -> None:
    folder = desk.work / os.fsdecode(b"\xff")
    folder.mkdir()
    (folder / ".netrc").write_text("machine x")
    refused = desk.run("guard", "--name", desk.name, "--policy", "plain", "--", "true")
    assert refused.returncode == 2
    (line,) = refused.stderr.splitlines()
    assert "expected a name in UTF-8" in line
    assert "\\udcff/.netrc" in line
