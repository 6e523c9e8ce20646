"""A stop: of processes that do not want to be stopped, with a group and without, and its orders."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from guarded import CLI, guarding
from guarding import await_true
from in_cell import ordinary_user, run_in

from offswitch.errors import CellError, UsageError
from offswitch.guard import ending, registries, registry
from offswitch.guard.cell.client import Cell
from offswitch.guard.kernel import cgroup
from offswitch.guard.stop import members, order, steps, stopper
from offswitch.guard.stop.tree import Tree

pytestmark = [pytest.mark.sandbox, pytest.mark.safety]

HOLDOUTS = {
    "own sessions": "for i in $(seq 30); do setsid -f sleep 100; done",
    "deaf": 'for i in $(seq 30); do setsid -f bash -c \'for n in $(seq 64); do trap "" $n; done 2>/dev/null;'
    " while :; do read -t 1 x <> <(:); done'; done",
    "busy": "for i in $(seq 30); do setsid -f bash -c 'while :; do :; done'; done",
    "stopped": "for i in $(seq 30); do setsid -f bash -c 'kill -STOP $$; sleep 100'; done",
    "changing": "cat > /tmp/hop <<< 'read -t .003 x <> <(:); bash /tmp/hop & exit'; for i in $(seq 10); do"
    " setsid -f bash /tmp/hop; done",
}
"""Trees of a few processes under the cell's own limits; benchmarks/stop.py has larger ones."""


@pytest.fixture(params=["group", "no group"])
def tree(request: pytest.FixtureRequest, cell: Cell) -> Tree:
    group = cgroup.folder_of(cell.init_pid) if request.param == "group" else None
    if request.param == "group" and group is None:
        pytest.skip("this machine gives no cgroup v2 group")
    return Tree(group, cell.init, cell.init_pid)


@contextlib.contextmanager
def held_by_all(cell: Cell, script: str) -> Iterator[Callable[[], bool]]:
    """Run a script; yields whether a process of it is left, by a pipe that each of them holds."""
    work = cell.execute(["bash", "-c", f"ulimit -t 20; {script}; echo up; sleep 100"])
    assert work.stdout is not None
    assert select.select([work.stdout], [], [], 20)[0]
    os.set_blocking(work.stdout, False)

    def left() -> bool:
        try:
            while os.read(work.stdout or 0, 4096):
                pass
        except BlockingIOError:
            return True
        return False

    yield left
    for fd in (work.stdout, work.stderr, work.status):
        os.close(fd or 0)


@pytest.mark.root
@pytest.mark.parametrize("kind", HOLDOUTS)
def test_nothing_survives(cell: Cell, tree: Tree, kind: str) -> None:
    with held_by_all(cell, HOLDOUTS[kind]) as left:
        time.sleep(0.2)
        assert left()
        record = steps.stop(tree, {}, "a test")
        assert record["empty"]
        assert not left()
        assert [step["step"] for step in record["steps"]] == ["freeze", "kill", "empty"]
        assert all(step["done"] for step in record["steps"])


@pytest.mark.root
def test_what_is_frozen_does_nothing_and_goes_on_afterwards(cell: Cell, tree: Tree) -> None:
    script = "for i in 1 2 3; do setsid -f bash -c 'while :; do echo >> /tmp/'$i'; done'; done; "
    run_in(cell, script + "until [ -s /tmp/1 -a -s /tmp/2 -a -s /tmp/3 ]; do sleep .05; done")
    files = f"/proc/{tree.init_pid}/root/tmp"

    def sizes() -> list[int]:
        return [os.stat(f"{files}/{number}").st_size for number in (1, 2, 3)]  # noqa: PTH116

    assert tree.freeze()
    assert tree.frozen(20)
    before = sizes()
    time.sleep(0.2)
    assert sizes() == before
    assert tree.thaw()
    await_true(lambda: all(now > then for now, then in zip(sizes(), before, strict=True)))


@pytest.mark.root
def test_a_freeze_without_a_group_reaches_those_that_wake_each_other(cell: Cell) -> None:
    """Each lets all others go on as long as it runs itself."""
    run_in(cell, "for i in $(seq 8); do setsid -f bash -c 'while :; do kill -CONT -1; done'; done; sleep .1")
    tree = Tree(None, cell.init, cell.init_pid)
    tree.freeze()
    assert tree.frozen(20)
    time.sleep(0.1)
    assert members.all_stopped(members.namespace_of(tree.init_pid))


VFORKS = """
import os
os.mkfifo("/tmp/nobody-reads-this")
holds = [(os.POSIX_SPAWN_OPEN, 1, "/tmp/nobody-reads-this", os.O_WRONLY, 0)]
print("up", flush=True)
os.posix_spawn("/bin/true", ["true"], {}, file_actions=holds)
"""
"""Its child waits before it begins its own program, and the parent in vfork(2) for the child."""


@pytest.mark.root
def test_a_freeze_is_seen_in_the_middle_of_a_vfork(cell: Cell, tree: Tree) -> None:
    with held_by_all(cell, f"python3 -c '{VFORKS}' & sleep 0.5"):
        time.sleep(0.3)
        tree.freeze()
        assert tree.frozen(20)
        assert tree.thaw()
        assert not tree.frozen(0)


@pytest.mark.root
def test_frozen_or_not_it_can_be_killed(cell: Cell, tree: Tree) -> None:
    tree.freeze()
    tree.frozen(1)
    assert steps.stop(tree, {}, "a test")["empty"]
    assert steps.stop(tree, {}, "again")["empty"]
    assert tree.freeze()


@pytest.mark.root
def test_an_ordinary_user_without_a_group_of_its_own_can_stop_all_the_same() -> None:
    code = """
import os, time
from offswitch.guard.kernel import cgroup
from offswitch.guard.stop import steps
from offswitch.guard.stop.tree import Tree
cell = new()
run_in(cell, "for i in $(seq 30); do setsid -f bash -c 'while :; do :; done'; done")
tree = Tree(cgroup.folder_of(cell.init_pid) and None, cell.init, cell.init_pid)
print(tree.freeze(), tree.frozen(20))
record = steps.stop(tree, {}, "a test")
print(record["empty"], all(step["done"] for step in record["steps"]))
"""
    assert ordinary_user(code).split() == ["True"] * 4


def test_a_step_that_fails_keeps_no_other_from_being_tried() -> None:
    class Broken:
        def shut(self) -> bool:
            raise OSError("no")

    victim = subprocess.Popen(["sleep", "100"])
    fd = os.pidfd_open(victim.pid)
    record = steps.stop(Tree(Path("/nonexistent"), fd, victim.pid), {"proxy": fd}, "a test", Broken())
    assert victim.wait(20) == -9
    shut, *others = record["steps"]
    assert shut["problem"] == "OSError: no"
    assert not shut["done"]
    assert [step["step"] for step in others] == ["freeze", "kill", "cut proxy", "empty"]
    assert record["empty"]
    os.close(fd)


def test_a_journal_keeps_its_record_in_the_room_set_aside(tmp_path: Path) -> None:
    file = tmp_path / "journal"
    journal = steps.Journal(file)
    assert steps.last_record(file) is None
    journal.note({"why": "a"})
    assert steps.last_record(file) == {"why": "a"}
    assert steps.last_record(tmp_path / "none") is None
    steps.Journal(file).note({"why": "b"})
    assert steps.last_record(file) == {"why": "b"}


# The orders.


@pytest.mark.root
def test_pause_and_resume(place: Path) -> None:
    with guarding(place / "work") as running:
        assert ending.pause(running.agent)
        assert order.give(stopper.STATUS, running.agent.place)["paused"]
        assert running.rests()
        assert ending.resume(running.agent)
        assert running.runs()


@pytest.mark.root
def test_two_orders_at_once_get_the_same_record(place: Path) -> None:
    with guarding(place / "work") as running:
        records: list[dict[str, Any]] = []
        both = [threading.Thread(target=lambda: records.append(ending.end(running.agent))) for _ in range(8)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert len(records) == 8
        assert all(record == records[0] for record in records)
        assert records[0]["empty"]
        assert ending.end(running.agent) == records[0], "a later one is told how it was stopped"


@pytest.mark.root
def test_who_connects_and_says_nothing_or_nonsense_holds_up_nobody(place: Path) -> None:
    with guarding(place / "work") as running, contextlib.ExitStack() as lines:
        for _ in range(40):
            line = lines.enter_context(order.socket.socket(order.socket.AF_UNIX, order.socket.SOCK_SEQPACKET))
            line.connect(str(running.agent.place))
        for word in (b"x" * 100, b"stopp"):
            with pytest.raises(order.RefusedError, match="expected stop, ask"):
                order.give(word, running.agent.place)
        time.sleep(1)
        assert running.runs(), "the heartbeats were held up"
        begun = time.monotonic()
        assert order.give(stopper.STOP, running.agent.place)["record"]["empty"]
        assert running.last_stamp() - begun < 1


GRACEFUL = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (open("asked", "w").close(), sys.exit(0)))
for number in range(10**6):
    open("stamps", "a").write(f"{time.monotonic():.4f}\\n")
    time.sleep(0.01)
"""
DEAF = (
    GRACEFUL.replace("(open", "print or (open")
    .replace("lambda *_: print or", "lambda *_:")
    .replace("sys.exit(0)", "None")
)


@pytest.mark.root
def test_a_grace_waits_no_longer_than_the_agent_takes(place: Path) -> None:
    with guarding(place / "work", program=GRACEFUL) as running:
        begun = time.monotonic()
        assert ending.ask(running.agent, 20)
        assert time.monotonic() - begun < 15
        assert (running.work / "asked").exists()
        why = f"asked to end by user {os.getuid()}; {stopper.REASONS[b'e']}"
        assert ending.end(running.agent)["why"] == why


@pytest.mark.root
def test_a_grace_that_is_not_used_ends(place: Path) -> None:
    with guarding(place / "work", program=DEAF) as running:
        assert not ending.ask(running.agent, 0.5)
        await_true((running.work / "asked").exists)
        record = ending.end(running.agent)
        assert record["empty"]
        user = os.getuid()
        assert record["why"] == f"asked to end by user {user}; ordered by user {user}"


@pytest.mark.root
def test_what_is_frozen_is_not_asked_and_not_waited_for(place: Path) -> None:
    with guarding(place / "work") as running:
        ending.pause(running.agent)
        begun = time.monotonic()
        assert not ending.ask(running.agent, 10)
        assert time.monotonic() - begun < 8
        assert ending.end(running.agent)["empty"]


@pytest.mark.root
def test_without_supervisor_and_stopper_it_can_still_be_stopped_and_its_key_revoked(place: Path) -> None:
    """Both stopped by a signal at once; its outlets live as long as the supervisor, by themselves."""
    with guarding(place / "work") as running:
        for part in ("stopper", "supervisor"):
            os.kill(running.part(part), signal.SIGSTOP)
        assert running.runs(), "for a while: see test_lease.py"
        record = ending.end(running.agent)
        assert record["empty"]
        running.await_end()
        done = {step["step"]: step["done"] for step in record["steps"]}
        assert done["cut proxy"]
        assert done["cut relay"]
        # its PID 1 ends last, once those have been collected whose parent, the supervisor, stood still
        await_true(lambda: registry.born(running.agent.init_pid) != running.agent.init_born)
        again = ending.end(running.agent)
        assert again["why"] == "its guard was lost, and its cell ended with it"


@contextlib.contextmanager
def unkillable(process: int) -> Iterator[None]:
    """Keep a process from dying, as one does that waits for a disk: by the freezer of cgroup v1."""
    folder = Path("/sys/fs/cgroup/freezer", f"test-{os.getpid()}")
    if not folder.parent.exists():
        pytest.skip("this machine has no freezer of cgroup v1")
    folder.mkdir()
    (folder / "cgroup.procs").write_text(str(process))
    (folder / "freezer.state").write_text("FROZEN")
    try:
        yield
    finally:
        (folder / "freezer.state").write_text("THAWED")
        await_removed(folder)


def await_removed(folder: Path) -> None:
    for _ in range(1000):
        with contextlib.suppress(OSError):
            return folder.rmdir()
        time.sleep(0.01)
    raise AssertionError(f"{folder} has processes")


@pytest.mark.root
def test_a_stop_that_takes_its_time_is_left_to_the_stopper(place: Path) -> None:
    """Who is at it answers no heartbeats; its supervisor must not take it to be lost, and start again."""
    with guarding(place / "work") as running:
        records: list[dict[str, Any]] = []
        order_ = threading.Thread(target=lambda: records.append(ending.end(running.agent)))
        processes = Path(running.agent.group, "cgroup.procs").read_text().split()
        proxy = running.part("proxy")
        with unkillable(int(processes[-1])):
            order_.start()
            await_true(lambda: registry.born(proxy) < 0)  # the first to be ended
            time.sleep(4 * stopper.SILENCE)
            assert registry.remains(running.agent)
        order_.join()
        running.guard.wait(20)
        (record,) = records
        assert record["empty"]
        assert record["why"] == f"ordered by user {os.getuid()}"
        assert record["steps"][-1]["ms"] > 3000 * stopper.SILENCE
        assert running.record() == record


ANOTHERS_NUMBER = """
import os, subprocess, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from offswitch.guard.stop.tree import Tree
ended, other = subprocess.Popen(["true"]), subprocess.Popen(["sleep", "100"])
fd = os.pidfd_open(ended.pid)
ended.wait()
tree = Tree(None, fd, other.pid)
print(tree.freeze(), tree.frozen(1), tree.ask(), tree.kill(), tree.empty(1))
print(Path(f"/proc/{other.pid}/stat").read_text().rpartition(")")[2].split()[0])
"""


@pytest.mark.root
def test_a_number_that_is_used_again_is_not_taken_for_the_cells() -> None:
    """After the end of its PID 1 the number may be any program's, and its namespace the host's.

    Here the host is a process namespace: a stop that fails reaches no further.
    """
    own = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
    argv = [*own, sys.executable, "-I", "-S", "-c", ANOTHERS_NUMBER, str(Path(registry.__file__).parents[2])]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    *outcomes, state = done.stdout.split()
    assert outcomes == ["True", "True", "True", "None", "True"], done.stderr
    assert state in {"R", "S"}, "it was stopped or killed"


@pytest.mark.root
def test_an_order_during_start_up_is_obeyed(place: Path) -> None:
    """At any moment of it: the agent has not been started, or is stopped."""
    (place / "work").mkdir()
    name = f"early-{os.getpid()}"
    for pause in (0.0, 0.05, 0.1, 0.2):
        argv = [*CLI, "guard", "--name", name, "--", "/usr/bin/sleep", "30"]
        guard = subprocess.Popen(argv, cwd=place / "work", stderr=subprocess.PIPE)
        socket = registries.home() / name / registry.SOCKET
        while not socket.exists():
            time.sleep(0.002)
        time.sleep(pause)
        agent = registry.find(name)
        with contextlib.suppress(CellError):
            assert ending.end(agent)["empty"]
        _, said = guard.communicate(timeout=20)
        assert guard.returncode in {1, 2}, said
        assert not registry.remains(agent)
        registry.forget(name)


# The registry.


@pytest.mark.root
def test_a_name_is_taken_as_long_as_anything_is_left(place: Path) -> None:
    with guarding(place / "work") as running:
        with pytest.raises(UsageError, match="runs already"):
            registry.make(running.agent.name)
        os.kill(running.part("stopper"), 19)
        with pytest.raises(UsageError, match="runs already"):
            registry.make(running.agent.name)


def test_a_folder_that_is_being_made_is_not_taken_over() -> None:
    folder = registry.make(f"starting-{os.getpid()}")
    with pytest.raises(UsageError, match="runs already"):
        registry.make(folder.name)
    registry.forget(folder.name)
    assert not folder.exists()


@pytest.mark.parametrize("name", ["", ".", "..", ".a", "-a", "a/b", "a b", "x" * 65, "a\0"])
def test_an_odd_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be a name"):
        registry.make(name)


def test_an_order_waits_while_others_crowd_the_way(place: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as busy:
        busy.bind(str(place / "stop.sock"))
        busy.listen(0)
        crowd = [socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(3)]
        for one in crowd:
            one.setblocking(False)  # noqa: FBT003 (its only parameter)
            with contextlib.suppress(BlockingIOError):
                one.connect(str(place / "stop.sock"))
        begun = time.monotonic()
        with pytest.raises(order.NoAnswerError):
            order.give(stopper.STATUS, place / "stop.sock", 0.3)
        assert time.monotonic() - begun >= 0.3
        for one in crowd:
            one.close()


def test_the_folders_of_the_last_agents_are_kept_and_not_of_all(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(registries, "home", lambda: tmp_path)
    for number in range(30):
        (tmp_path / "agent").mkdir()
        (tmp_path / "agent" / str(number)).touch()
        registry.forget("agent")
    kept = {file.name for file in tmp_path.glob(".agent-*/*")}
    assert kept == {str(number) for number in range(10, 30)}
