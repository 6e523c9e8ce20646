"""Agents in one folder, and people who save files: what is sealed or hidden stays so, or the agent stops."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from guarding import Desk, await_true, desk_of_its_own

from offswitch.errors import UsageError
from offswitch.guard import placeholders
from offswitch.guard.policy.made import Made

pytestmark = [pytest.mark.sandbox, pytest.mark.safety]

READ = "touch up; while :; do cat {name} >> seen; sleep 0.01; done"


@pytest.fixture
def desk() -> Iterator[Desk]:
    with desk_of_its_own() as desk:
        yield desk


@contextlib.contextmanager
def second(desk: Desk) -> Iterator[Desk]:
    """The same folder and home, and another agent."""
    other = object.__new__(Desk)
    other.__dict__ |= desk.__dict__ | {"name": desk.name + "-2"}
    try:
        yield other
    finally:
        other.run("stop", other.name)


def test_an_agent_that_could_change_what_another_is_kept_from_is_not_started(desk: Desk) -> None:
    (desk.work / "prompt.md").write_text("be good\n")
    with desk.guarded("sleep", "100", policy=desk.policy("files: {sealed: [prompt.md]}\n")) as running:
        await_true(lambda: desk.state() == "running")
        with second(desk) as other:
            refused = other.run("guard", "--name", other.name, "--policy", "plain", "--", "rm", "prompt.md")
            assert refused.returncode == 2
            assert f"could change {desk.work}/prompt.md, which is kept from {desk.name}" in refused.stderr
        assert running.poll() is None
    assert (desk.work / "prompt.md").exists()


def test_a_placeholder_of_two_agents_stays_until_both_have_ended(desk: Desk) -> None:
    policy = desk.policy("files: {sealed: [prompt.md]}\n")
    wait = "while [ ! -e {0} ]; do sleep 0.02; done; ! echo x > prompt.md"
    with desk.guarded("sh", "-c", wait.format("first"), policy=policy) as first:
        await_true((desk.work / "prompt.md").exists)
        await_true(lambda: desk.state() == "running")
        with (
            second(desk) as other,
            other.guarded("sh", "-c", "touch up; " + wait.format("last"), policy=policy) as last,
        ):
            await_true((desk.work / "up").exists)
            (desk.work / "first").touch()
            assert first.wait(60) == 0
            assert (desk.work / "prompt.md").exists()
            (desk.work / "last").touch()
            assert last.wait(60) == 0, "it could write to the placeholder"
    assert not (desk.work / "prompt.md").exists()


def test_a_hidden_file_that_is_saved_from_outside_stops_the_agent_at_once(desk: Desk) -> None:
    (desk.work / ".env").write_text("SECRET=1\n")
    with desk.guarded("sh", "-c", READ.format(name=".env")) as running:
        await_true((desk.work / "up").exists)
        (desk.home / "new").write_text("SECRET=2\n")
        (desk.home / "new").rename(desk.work / ".env")
        assert running.wait(60) == 1
        assert running.stdout is not None
        assert f"{desk.work}/.env was replaced from outside" in running.stdout.read()


def test_what_is_saved_in_place_stops_nothing(desk: Desk) -> None:
    (desk.work / ".env").write_text("SECRET=1\n")
    with desk.guarded("sh", "-c", READ.format(name=".env")) as running:
        await_true((desk.work / "seen").exists)
        (desk.work / ".env").write_text("SECRET=2\n")
        with pytest.raises(subprocess.TimeoutExpired):
            running.wait(1)
    assert (desk.work / "seen").read_text() == ""


@pytest.mark.parametrize("whole", [True, False])
def test_a_placeholder_is_not_made_through_a_link(tmp_path: Path, *, whole: bool) -> None:
    elsewhere, agent = tmp_path / "elsewhere", tmp_path / "agent"
    elsewhere.mkdir()
    agent.mkdir()
    (tmp_path / "work").symlink_to(elsewhere)
    with pytest.raises(UsageError, match="somebody has just put something there"):
        placeholders.make(agent, [Made(tmp_path / "work/settings.json", folder=whole)])
    assert not list(elsewhere.iterdir())


def test_what_was_put_in_its_place_meanwhile_is_not_written_to(tmp_path: Path) -> None:
    target, work = tmp_path / "target", tmp_path / "work"
    work.mkdir()
    target.write_text("a secret of root's\n")
    (work / "settings.json").symlink_to(target)
    with pytest.raises(FileExistsError):
        placeholders._make(work / "settings.json", whole=False)
    assert target.read_text() == "a secret of root's\n"


def test_a_placeholder_that_became_a_link_is_left_alone(tmp_path: Path) -> None:
    target, work, agent = tmp_path / "target.json", tmp_path / "work", tmp_path / "agent"
    work.mkdir()
    agent.mkdir()
    target.write_text("{}\n")
    placeholders.make(agent, [Made(work / "x.json", folder=False)])
    (work / "x.json").unlink()
    (work / "x.json").symlink_to(target)
    placeholders.unmake(agent)
    assert target.exists()
    assert (work / "x.json").is_symlink()
