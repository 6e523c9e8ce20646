"""The watch over an agent: its streams, its end, its checks; and none of them holds up the heartbeats."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from guarded import CLI, Running, children, guarding

from offswitch.guard import registries, registry, watch
from offswitch.guard.cell.starting import Launcher
from offswitch.guard.pipes import Pipe, Pipes
from offswitch.guard.stop import order, steps, stopper
from offswitch.guard.watch import Check

pytestmark = [pytest.mark.sandbox, pytest.mark.safety]


def name_of(work: Path) -> str:
    """Return the name of a test's agent: each test has its own, so that none waits for another's end."""
    return f"watched-{work.parent.name}"


@pytest.fixture
def work(place: Path) -> Iterator[Path]:
    folder = place / "work"
    folder.mkdir()
    yield folder
    registry.forget(name_of(folder))


def guard(work: Path, *command: str, **options: object) -> subprocess.Popen[bytes]:
    argv = [*CLI, "guard", "--policy", "plain", "--name", name_of(work), "--", *command]
    return subprocess.Popen(argv, cwd=work, **options)  # type: ignore[call-overload, no-any-return]


def await_agent(work: Path) -> registry.Agent:
    """Wait until the agent's stopper answers."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if (registries.home() / name_of(work) / registry.SOCKET).exists():
            return registry.find(name_of(work))
        time.sleep(0.01)
    raise AssertionError("the guard has not started")


# Its end.


@pytest.mark.root
def test_an_agent_that_ends_takes_what_it_left_and_the_guard_along(work: Path) -> None:
    policy = work.parent / "long.yaml"
    policy.write_text("stop: {lease_seconds: 60}\n")
    command = ["/usr/bin/bash", "-c", "setsid sleep 5432 & exit 7"]
    argv = [*CLI, "guard", "--policy", str(policy), "--name", name_of(work), "--", *command]
    done = subprocess.Popen(argv, cwd=work)
    assert done.wait(50) == 7, "the lease was waited for"
    found = subprocess.run(["pgrep", "-f", "sleep [5]432"], capture_output=True, check=False)
    assert not found.stdout


@pytest.mark.root
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_guard_that_is_asked_to_end_stops_its_agent_at_once(place: Path, number: signal.Signals) -> None:
    with guarding(place / "work") as running:
        at = time.monotonic()
        running.guard.send_signal(number)
        running.await_end()
        assert running.last_stamp() - at < 1.0
        running.guard.wait(20)
        record = running.record()
        assert record is not None
        assert record["why"] == stopper.REASONS[b"t"]


# Its streams.


@pytest.mark.root
def test_what_goes_in_and_comes_out_is_whole(work: Path) -> None:
    sent = os.urandom(3_000_000)
    process = guard(work, "/usr/bin/cat", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    received, _ = process.communicate(sent, timeout=60)
    assert process.returncode == 0
    assert received == sent


@pytest.mark.root
def test_a_reader_that_takes_its_time_holds_up_the_agent_and_not_its_watch(work: Path) -> None:
    process = guard(work, "/usr/bin/head", "-c", "2000000", "/dev/zero", stdout=subprocess.PIPE)
    agent = await_agent(work)
    end = time.monotonic() + 2.5
    while time.monotonic() < end:
        lost = order.give(stopper.STATUS, agent.place)["supervisor_lost_seconds"]
        assert (lost or 0) < 1.5, "more than a busy machine holds it up"
        time.sleep(0.1)
    received, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert len(received) == 2_000_000


@pytest.mark.root
def test_a_reader_that_is_gone_is_told_to_the_agent(work: Path) -> None:
    process = guard(work, "/usr/bin/yes", stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    assert process.stdout.read(2) == b"y\n"
    process.stdout.close()
    assert process.wait(20) in {1, 128 + signal.SIGPIPE}


def test_pipes_finish_with_what_is_there() -> None:
    (source, feed), (out, target) = os.pipe(), os.pipe()
    os.dup2(target, 1000)
    pipes = Pipes([Pipe(source, target), Pipe(os.dup(source), 1000, closes=True)])
    assert pipes.is_idle()
    os.write(feed, b"a" * 10_000)
    assert not pipes.is_idle()
    pipes.finish()
    assert pipes.is_idle(), "neither of these goes to a person"
    for fd in (source, feed, out, target):
        os.close(fd)


# Its checks.


def turns(check: watch._Round, enough: Callable[[list[str]], bool]) -> list[str]:
    """Return what a check says in the turns of a watch, until that is enough."""
    said: list[str] = []
    end = time.monotonic() + 20
    while not enough(said):
        assert time.monotonic() < end, f"only {said}"
        said += filter(None, [check.turn()])
        time.sleep(0.01)
    return said


def test_a_check_that_fails_is_no_check_that_passes() -> None:
    check = watch._Round(Check("wall", 0.05, lambda: str(1 // 0), b"b", "stop"))
    said = turns(check, lambda said: len(said) > 1)
    assert said[0].startswith("the check of the wall failed: ZeroDivisionError")


def test_a_check_that_hangs_is_no_check_that_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "_MOST_SECONDS", 0.2)
    never = threading.Event()
    check = watch._Round(Check("wall", 0.05, lambda: str(never.wait(20)), b"b", "stop"))
    assert turns(check, bool) == ["the check of the wall has not ended for 0.2 seconds"]
    never.set()


def test_a_check_is_made_again_and_again() -> None:
    seen: list[float] = []
    check = watch._Round(Check("wall", 0.05, lambda: seen.append(0) or "", b"b", "stop"))
    assert turns(check, lambda _: len(seen) > 3) == []


@pytest.mark.root
def test_a_sealed_file_that_somebody_changes_stops_the_agent(work: Path) -> None:
    (work / "rules").write_text("one\n")
    policy = work.parent / "p.yaml"
    policy.write_text("files: {writable: ['.'], sealed: [rules]}\nchecks: {seal_seconds: 0.2}\n")
    argv = [*CLI, "guard", "--policy", str(policy), "--name", name_of(work), "--", "/usr/bin/sleep", "60"]
    process = subprocess.Popen(argv, cwd=work, stderr=subprocess.PIPE)
    agent = await_agent(work)
    time.sleep(0.5)
    assert process.poll() is None
    (work / "rules").write_text("two\n")
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert b"rules" in said
    record = steps.last_record(agent.journal)
    assert record is not None
    assert record["why"] == stopper.REASONS[b"s"]


# What a guard that was killed with all its parts leaves.


def groups_of(running: Running) -> list[Path]:
    """Return the control groups of a guard: its cell's in each hierarchy, and its outlets'."""
    lines = Path(f"/proc/{running.part('proxy')}/cgroup").read_text().splitlines()
    (name,) = {place.name for line in lines if (place := Path(line)).name.startswith("offswitch-out-")}
    names = (name, Path(running.agent.group).name)
    return [folder for name in names for folder in Path("/sys/fs/cgroup").rglob(name)]


@pytest.mark.root
def test_control_groups_that_a_killed_guard_left_are_removed_by_the_next_and_no_others(place: Path) -> None:
    with guarding(place / "runs") as runs, guarding(place / "killed") as killed:
        kept, left = groups_of(runs), groups_of(killed)
        assert len(kept) == len(left) >= 2
        for part in ("supervisor", "stopper", "launcher", "keeper", "proxy", "relay"):
            os.kill(killed.part(part), signal.SIGSTOP)  # none of them clears up
        for process in [killed.guard.pid, *children(killed.guard.pid)]:
            os.kill(process, signal.SIGKILL)
        killed.await_end()
        assert all(folder.exists() for folder in left)
        for folder in (*kept, *left):
            os.utime(folder, (0, 0))  # any launcher of this machine may remove them from now on
        Launcher().close()
        assert not [folder for folder in left if folder.exists()]
        assert all(folder.exists() for folder in kept)
        assert runs.runs()
