"""A guard of an ordinary user, who is not root: what holds, what is missing and said, and who may do what."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from guarding import HELD_BY_ROOT_ONLY, OFFSWITCH, WITHOUT, await_true
from persons import BEATING, Person, control_group

from offswitch.guard import closing
from offswitch.guard.kernel import cgroup

pytestmark = [pytest.mark.sandbox, pytest.mark.safety, pytest.mark.root]

SECRET = "sk-of-one-user-only"  # noqa: S105 (no key of anybody's)
KEYED = """
model: {url: "http://127.0.0.1:9", key: TEST_KEY, variables: [TEST_URL]}
"""


@pytest.fixture(autouse=True)
def _clean(alice: Person) -> Iterator[None]:
    """Leave nothing of one test to the next."""
    yield
    alice.run("stop", "--all")
    subprocess.run(["find", str(alice.work), "-mindepth", "1", "-delete"], check=True)


def by_root(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*OFFSWITCH, *words], capture_output=True, text=True, check=False, timeout=60)


def guard(one: Person, *settings_and_command: str) -> subprocess.CompletedProcess[str]:
    return one.run("guard", "--name", one.name, "--policy", "plain", *settings_and_command)


# Without a control group of their own.


def test_doctor_says_what_is_missing_and_what_to_do(alice: Person) -> None:
    done = alice.run("doctor", "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["strength"]) == (1, "weaker"), done.stderr
    lines = {line["name"]: line for line in found["lines"]}
    missing = {name for name, line in lines.items() if not line["holds"] and not line["optional"]}
    assert missing == {"memory", "pids", "cgroup v2 of its own"}
    assert all(line["remedy"] for line in lines.values() if not line["holds"])
    assert lines["stop"]["holds"]
    assert lines["freeze"]["holds"]


def test_nothing_starts_with_less_than_all_until_that_is_named(alice: Person) -> None:
    refused = guard(alice, "--", "sh", "-c", "touch ran")
    assert refused.returncode == 2
    assert len(refused.stderr.splitlines()) == 1
    assert all(f"--allow-missing {name}" in refused.stderr for name in HELD_BY_ROOT_ONLY)
    partly = guard(
        alice, "--allow-missing", "memory", "--allow-missing", "pids", "--", "sh", "-c", "touch ran"
    )
    assert partly.returncode == 2
    assert "no cgroup v2 group of its own" in partly.stderr
    assert not (alice.work / "ran").exists()


def test_it_runs_as_they_and_its_files_are_theirs(alice: Person) -> None:
    script = "touch made; id -u; cat /etc/shadow; echo x > /usr/x; grep CapEff /proc/self/status; exit 5"
    done = guard(alice, *WITHOUT, "--", "sh", "-c", script)
    assert done.returncode == 5
    assert done.stdout.split() == ["1000", "CapEff:", "0000000000000000"], done.stderr
    assert (alice.work / "made").stat().st_uid == alice.uid


def test_it_is_paused_resumed_and_stopped_with_a_receipt_that_names_what_was_missing(alice: Person) -> None:
    beat = alice.work / "beat"
    with alice.guarded("sh", "-c", BEATING, settings=WITHOUT) as running:
        await_true(beat.exists)
        assert alice.run("pause", alice.name).returncode == 0
        frozen = beat.read_text()
        time.sleep(0.3)
        assert (beat.read_text(), alice.state()) == (frozen, "paused")
        assert alice.run("resume", alice.name).returncode == 0
        await_true(lambda: beat.read_text() != frozen)
        stopped = alice.run("stop", alice.name, "--json", "--receipt", str(alice.home / "r.json"))
        assert stopped.returncode == 0, stopped.stderr
        assert running.wait(60) == 1, "it was stopped, and has not ended by itself"
    receipt = json.loads(stopped.stdout)
    assert receipt["verified"]
    unheld = [line for line in receipt["not_verified_here"] if line.startswith("what the barrier")]
    assert [line.split()[3] for line in unheld] == list(HELD_BY_ROOT_ONLY)
    assert alice.run("receipt", str(alice.home / "r.json")).returncode == 0


def test_a_crowd_is_stopped_and_cannot_take_the_machine(alice: Person) -> None:
    policy = alice.home / "small.yaml"
    policy.write_text("limits: {processes: 60}\n")
    many = "i=0; while [ $i -lt 300 ]; do setsid sleep 7531 & i=$((i+1)); done; touch all; wait"
    with alice.guarded("bash", "-c", many, settings=WITHOUT, policy=str(policy)):
        await_true(lambda: len(sleepers()) > 30)
        time.sleep(0.5)
        assert len(sleepers()) <= 60
        assert alice.run("stop", alice.name).returncode == 0
    assert not sleepers()


def sleepers() -> list[str]:
    found = subprocess.run(["pgrep", "-f", "^sleep 7531"], capture_output=True, text=True, check=False)
    return found.stdout.split()


def test_a_stop_leaves_the_rest_of_the_persons_session_alone(alice: Person) -> None:
    """The cell is in the session's own group then, which must be neither frozen nor killed with it."""
    with control_group(alice, delegated=False):
        beside = subprocess.Popen(["sleep", "100"], cwd="/", **alice.options())
        with alice.guarded("sh", "-c", BEATING, settings=WITHOUT) as running:
            await_true((alice.work / "beat").exists)
            assert alice.run("pause", alice.name).returncode == 0
            assert "Z" not in state_of(beside.pid)
            assert alice.run("stop", alice.name).returncode == 0
            assert running.wait(60) == 1
        assert beside.poll() is None
        beside.kill()
        beside.wait()


def state_of(process: int) -> str:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]


def test_it_is_found_from_a_session_with_another_environment(alice: Person) -> None:
    runtime = alice.home / "runtime"
    runtime.mkdir(mode=0o700)
    os.chown(runtime, alice.uid, alice.gid)
    plain_environment = alice.environment
    alice.environment = plain_environment | {"XDG_RUNTIME_DIR": str(runtime)}
    with alice.guarded("sh", "-c", BEATING, settings=WITHOUT) as running:
        await_true((alice.work / "beat").exists)
        alice.environment = plain_environment
        assert (runtime / "offswitch" / alice.name).is_dir()
        (listed,) = json.loads(alice.run("ps", "--json").stdout)["agents"]
        assert (listed["name"], listed["state"]) == (alice.name, "running")
        again = guard(alice, *WITHOUT, "--", "true")
        assert again.returncode == 2
        assert "runs already" in again.stderr
        assert alice.run("stop", alice.name).returncode == 0
        assert running.wait(60) == 1


def test_a_name_that_its_socket_has_no_room_for_is_told(alice: Person) -> None:
    done = alice.run("guard", "--name", "n" * 64, *WITHOUT, "--", "true")
    assert done.returncode == (2 if len(str(alice.home)) > 5 else 0)
    assert "choose a shorter --name" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_root_inside_who_could_not_work_is_refused(alice: Person) -> None:
    policy = alice.home / "root.yaml"
    policy.write_text("root_inside: true\n")
    done = alice.run("guard", "--policy", str(policy), *WITHOUT, "--", "true")
    assert (done.returncode, done.stdout) == (2, "")
    assert "only a guard that root runs" in done.stderr


# With a control group that was delegated to them.


@pytest.fixture
def delegated(alice: Person) -> Iterator[Person]:
    with control_group(alice, delegated=True):
        yield alice
        alice.run("stop", "--all")


def test_doctor_finds_it_strong(delegated: Person) -> None:
    done = delegated.run("doctor", "--json")
    found = json.loads(done.stdout)
    missing = {line["name"] for line in found["lines"] if not line["holds"]}
    assert missing <= {
        "a second user",
        "real-time priority",
        "locked memory",
        "spared when memory runs out",
        "cgroup-BPF gate",
    }
    assert (done.returncode, found["strength"]) == (0, "strong")


def test_all_is_held_without_a_word_and_a_stop_is_one_write(delegated: Person) -> None:
    with delegated.guarded("sh", "-c", BEATING) as running:
        await_true((delegated.work / "beat").exists)
        (listed,) = json.loads(delegated.run("ps", "--json").stdout)["agents"]
        assert listed["missing"] == []
        stopped = delegated.run("stop", delegated.name, "--json")
        assert stopped.returncode == 0, stopped.stderr
        assert running.wait(60) == 1
    receipt = json.loads(stopped.stdout)
    assert f"/{delegated.group}/" in receipt["agent"]["group"]
    assert not [line for line in receipt["not_verified_here"] if line.startswith("what the barrier")]


def test_memory_is_limited(delegated: Person) -> None:
    policy = delegated.home / "little.yaml"
    policy.write_text("limits: {memory_mb: 100}\n")
    eats = "x = bytearray(400 << 20); print(len(x))"
    argv = ("guard", "--name", delegated.name, "--policy", str(policy), "--", "/usr/bin/python3", "-c", eats)
    done = delegated.run(*argv)
    assert done.stdout == ""
    assert done.returncode != 0


CONTROLLED = """
import os, sys
from pathlib import Path
from offswitch.guard.kernel import cgroup
cgroup._LIMIT_FILES["hugetlb"] = ({FILE: 1}, {})
cgroup._RESERVE["hugetlb"] = 0
for _ in range(2):
    leaf = cgroup.make_leaf({"hugetlb": 0})
    assert leaf.limits == {"hugetlb": "in force"}, leaf.limits
    child = leaf.fork()
    if child == 0:
        os._exit(0 if leaf.kill_file.parent.name in Path("/proc/self/cgroup").read_text() else 3)
    assert os.waitpid(child, 0)[1] == 0
    assert leaf.remove()
print(Path("/proc/self/cgroup").read_text())
"""


@pytest.mark.parametrize("is_root", [False, True], ids=["delegated", "root"])
def test_controllers_are_had_in_a_group_that_has_processes(alice: Person, *, is_root: bool) -> None:
    """As on a machine with nothing but cgroup v2, where the kernel refuses them to a group with processes."""
    unified = next(place for place in cgroup.hierarchies() if place.version == 2)
    if "hugetlb" not in unified.controllers:
        pytest.skip("no controller of this machine can be had in cgroup v2")
    (unified.folder / "cgroup.subtree_control").write_text("+hugetlb")
    with control_group(alice, delegated=not is_root):
        group = unified.folder / alice.group
        code = f"FILE = {next(group.glob('hugetlb.*.max')).name!r}\n{CONTROLLED}"
        path = f"import sys; sys.path[:0] = {[one for one in sys.path if one]!r}\n"
        own = {"preexec_fn": lambda: (group / "cgroup.procs").write_text("0")} if is_root else alice.options()
        done = subprocess.run(
            ["/usr/bin/python3", "-I", "-c", path + code],
            cwd="/",
            env=alice.environment,
            capture_output=True,
            text=True,
            check=False,
            **own,
        )
        name = group.name
    (unified.folder / "cgroup.subtree_control").write_text("-hugetlb")
    assert done.returncode == 0, done.stderr
    assert (f"/{name}\n" if is_root else f"/{name}/offswitch-aside\n") in done.stdout


# Of others.


def test_root_lists_stops_and_signs_for_what_users_run(alice: Person) -> None:
    with alice.guarded("sh", "-c", BEATING, settings=WITHOUT) as running:
        await_true((alice.work / "beat").exists)
        (listed,) = [
            one for one in json.loads(by_root("ps", "--json").stdout)["agents"] if one["name"] == alice.name
        ]
        assert listed["state"] == "running"
        assert by_root("pause", alice.name).returncode == 0
        assert alice.state() == "paused"
        assert by_root("resume", alice.name).returncode == 0
        stopped = by_root("stop", alice.name, "--json")
        assert json.loads(stopped.stdout)["stop"]["empty"], stopped.stderr
        assert running.wait(60) == 1
    (kept,) = closing.folder().glob(f"{alice.name}-*.json")
    assert kept.stat().st_uid == 0
    kept.unlink()


def test_two_users_may_take_one_name_and_root_says_whose(alice: Person, bob: Person) -> None:
    bob.name, own = alice.name, bob.name
    with (
        alice.guarded("sh", "-c", BEATING, settings=WITHOUT) as hers,
        bob.guarded("sh", "-c", BEATING, settings=WITHOUT) as his,
    ):
        await_true(lambda: all((one.work / "beat").exists() for one in (alice, bob)))
        refused = by_root("stop", alice.name)
        assert refused.returncode == 2
        assert f"expected one of {alice.uid}/{alice.name}, {bob.uid}/{alice.name}" in refused.stderr
        assert f"{bob.uid}/{alice.name} " in by_root("ps").stdout
        by_root("stop", f"{bob.uid}/{alice.name}")
        assert his.wait(60) == 1
        assert hers.poll() is None
        assert alice.run("stop", alice.name).returncode == 0
    bob.name = own
    shutil.rmtree(bob.home / ".local/state")


def test_another_user_sees_reads_and_stops_nothing_of_it(alice: Person, bob: Person) -> None:
    policy = alice.home / "keyed.yaml"
    policy.write_text(KEYED)
    alice.environment["TEST_KEY"] = SECRET
    with alice.guarded("sh", "-c", BEATING, settings=WITHOUT, policy=str(policy)) as running:
        await_true((alice.work / "beat").exists)
        folder = alice.home / ".local/state/offswitch/run" / alice.name
        for refused in (
            bob.does("ls", str(folder)),
            bob.does("cat", str(folder / "agent.json")),
            bob.does("cat", f"/proc/{running.pid}/environ"),
            bob.does("kill", str(running.pid)),
        ):
            assert refused.returncode != 0, refused.stdout
        assert alice.name not in bob.run("ps", "--all").stdout
        assert bob.run("stop", alice.name).returncode == 2
        assert bob.run("stop", "--all").returncode == 0, "there is none of theirs"
        seen = bob.does("ps", "-eo", "args").stdout + bob.does("sh", "-c", "cat /proc/*/environ").stdout
        assert SECRET not in seen
        assert alice.state() == "running"
        assert alice.run("stop", alice.name).returncode == 0
    del alice.environment["TEST_KEY"]


def test_a_guard_that_is_killed_takes_its_agent_along_without_a_group_too(alice: Person) -> None:
    policy = alice.home / "short.yaml"
    policy.write_text("stop: {lease_seconds: 2}\n")
    beat = alice.work / "beat"
    with alice.guarded("sh", "-c", BEATING, settings=WITHOUT, policy=str(policy)) as running:
        await_true(beat.exists)
        running.send_signal(signal.SIGKILL)
        time.sleep(1.0)
        frozen = beat.read_text()
        time.sleep(0.3)
        assert beat.read_text() == frozen
        await_true(lambda: alice.state() == "stopped")
    assert os.path.lexists(beat)
