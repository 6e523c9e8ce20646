"""Whatever part of a guard is killed, stopped or lost: the agent does not run on beyond its lease."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from guarded import CLI, LEASE, Running, guarding
from in_cell import ordinary_user

from offswitch.guard import ending, registry, supervisor, watch
from offswitch.guard.stop import members, order, steps, stopper, tree

pytestmark = [pytest.mark.sandbox, pytest.mark.safety, pytest.mark.root]

_SOON = 1.0
"""Within which the agent must not run any more."""
_LATE = 1.5
"""What the end of a lease may come late by, on a busy machine."""


def strike(running: Running, parts: list[str], number: signal.Signals) -> float:
    """Send a signal to parts of a guard; return when."""
    processes = [running.part(part) for part in parts]
    at = time.monotonic()
    for process in processes:
        os.kill(process, number)
    return at


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV])
def test_without_its_supervisor_it_is_frozen_and_then_killed(place: Path, number: signal.Signals) -> None:
    with guarding(place / "work") as running:
        at = strike(running, ["supervisor"], number)
        time.sleep(_SOON)
        assert registry.remains(running.agent), "it was to be frozen, not killed"
        ended = running.await_end(LEASE + _LATE)
        assert running.last_stamp() - at < _SOON
        assert LEASE - 0.2 < ended - at < LEASE + _LATE
        record = running.record()
        assert record is not None
        assert record["empty"]
        assert "lease" in record["why"]


def test_a_supervisor_that_hangs_is_one_that_is_missed(place: Path) -> None:
    """A read of a sealed file that never comes back must not count as a heartbeat."""
    with guarding(place / "work") as running:
        at = strike(running, ["supervisor"], signal.SIGSTOP)
        time.sleep(_SOON)
        assert order.give(stopper.STATUS, running.agent.place)["supervisor_lost_seconds"] > 0
        assert not order.give(stopper.THAW, running.agent.place)["done"], "nobody watches it"
        assert not running.runs()
        assert running.last_stamp() - at < _SOON


def test_a_supervisor_that_comes_back_within_the_lease_lets_it_go_on(place: Path) -> None:
    with guarding(place / "work") as running:
        strike(running, ["supervisor"], signal.SIGSTOP)
        time.sleep(_SOON)
        assert not running.runs()
        strike(running, ["supervisor"], signal.SIGCONT)
        time.sleep(0.5)
        assert running.runs()
        time.sleep(LEASE)
        assert running.runs()


def test_a_pause_outlasts_a_lost_and_found_supervisor(place: Path) -> None:
    with guarding(place / "work") as running:
        assert ending.pause(running.agent)
        strike(running, ["supervisor"], signal.SIGSTOP)
        time.sleep(_SOON)
        strike(running, ["supervisor"], signal.SIGCONT)
        time.sleep(0.5)
        assert not running.runs()
        assert ending.resume(running.agent)
        assert running.runs()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV])
@pytest.mark.parametrize("part", ["stopper", "proxy", "relay"])
def test_without_another_part_it_is_stopped(place: Path, part: str, number: signal.Signals) -> None:
    with guarding(place / "work") as running:
        at = strike(running, [part], number)
        running.await_end(_SOON + _LATE)
        assert running.last_stamp() - at < _SOON
        running.guard.wait(20)
        record = running.record()
        assert record is not None
        assert record["empty"]


@pytest.mark.parametrize("parts", [["launcher"], ["keeper"], ["supervisor", "stopper"]])
def test_what_holds_the_cell_takes_it_along(place: Path, parts: list[str]) -> None:
    with guarding(place / "work") as running:
        at = strike(running, parts, signal.SIGKILL)
        running.await_end(_SOON + _LATE)
        assert running.last_stamp() - at < _SOON


@pytest.mark.parametrize("part", ["launcher", "keeper"])
def test_what_holds_the_cell_and_is_stopped_keeps_nobody_from_the_stop(place: Path, part: str) -> None:
    with guarding(place / "work") as running:
        strike(running, [part], signal.SIGSTOP)
        record = ending.end(running.agent)
        assert record["empty"]
        running.await_end(_LATE)


def test_the_owner_may_let_it_run_on_by_name(place: Path) -> None:
    with guarding(place / "work", without="continue") as running:
        strike(running, ["supervisor"], signal.SIGKILL)
        time.sleep(LEASE + 1)
        assert running.runs()
        assert ending.end(running.agent)["empty"]
        running.await_end(_LATE)


def test_a_lost_socket_is_noticed(place: Path) -> None:
    with guarding(place / "work") as running:
        at = time.monotonic()
        running.agent.place.unlink()
        running.await_end(_SOON + _LATE)
        assert running.last_stamp() - at < _SOON


def test_another_socket_in_its_place_is_noticed(place: Path) -> None:
    with guarding(place / "work") as running:
        at = time.monotonic()
        running.agent.place.rename(running.agent.place.with_name("moved"))
        running.agent.place.touch()
        running.await_end(_SOON + _LATE)
        assert running.last_stamp() - at < _SOON


_ON_A_FULL_DISK = """
set -e
mount -t tmpfs -o size=4m,mode=700 none /run/offswitch
cd {work}
{cli} guard --policy {policy} --name full -- /usr/bin/python3 -c 'import time; time.sleep(100)' &
guard=$!
until [ -e /run/offswitch/full/snapshot.json ]; do sleep 0.05; done
sleep 0.5
cat /dev/zero > /run/offswitch/filled 2>/dev/null || true
[ "$(stat -f -c %a /run/offswitch)" = 0 ]
{act}
for _ in $(seq 100); do
    grep -q '"empty": true' /run/offswitch/full/stops.jsonl && echo recorded && break
    sleep 0.1
done
wait $guard || true
"""


@pytest.mark.parametrize("act", ["kill -9 $guard", "{cli} stop full --json > {work}/receipt || true"])
def test_a_full_disk_keeps_neither_the_stop_nor_its_record(place: Path, act: str) -> None:
    policy = place / "p.yaml"
    policy.write_text(f"files: {{writable: ['.']}}\nstop: {{lease_seconds: {LEASE}}}\n")
    names = {"work": str(place), "policy": str(policy), "cli": " ".join(CLI)}
    script = _ON_A_FULL_DISK.format(**names, act=act.format(**names))
    done = subprocess.run(
        ["unshare", "--mount", "bash", "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert "recorded" in done.stdout, done.stderr


@pytest.mark.parametrize("module", [members, order, steps, stopper, tree, supervisor, watch, ending])
def test_no_decision_hangs_on_a_clock_that_can_be_set(module: object) -> None:
    """time.time() is for what a person reads: "at" of a record and "started" of an agent."""
    file = Path(str(module.__file__))  # type: ignore[attr-defined]
    used = [
        ast.unparse(node)
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute)
        and ast.unparse(node) in {"time.time", "datetime.now", "time.time_ns"}
    ]
    read = {steps: ["time.time"], supervisor: ["time.time"]}
    assert used == read.get(module, [])  # type: ignore[call-overload]


def test_an_ordinary_user_without_a_group_has_a_lease_too() -> None:
    """The stopper sends SIGSTOP in passes then, and has no real-time priority."""
    code = """
import socket, tempfile, time
from offswitch.guard.cell import frames
from offswitch.guard.spawn import spawn
from offswitch.guard.stop import steps
from pathlib import Path
cell = new()
stamper = "while :; do read up _ < /proc/uptime; echo $up > /tmp/last; done"
for _ in range(3):
    cell.execute(["bash", "-c", f"ulimit -t 20; {stamper}"])
place = Path(tempfile.mkdtemp())
listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
listener.bind(str(place / "stop.sock"))
listener.listen()
stopper, line = spawn("offswitch.guard.stop.stopper")
settings = {"group": "", "init_pid": cell.init_pid, "share": None, "outlets": [], "gate": False, "lease": 1.5,
    "without_supervisor": "stop", "journal": str(place / "stops.jsonl"),
    "authority": {"users": [], "groups": []}}
frames.send(line, settings, [listener.fileno(), cell.init, *cell.lifelines()])
frames.receive(line)
for _ in range(10):
    time.sleep(0.1)
    line.send(b".")
lost = time.clock_gettime(time.CLOCK_BOOTTIME)
stopper.wait(10)
ended = time.clock_gettime(time.CLOCK_BOOTTIME)
last = cell.read("/tmp/last", 100)
while not (text := os.read(last.stdout, 100)):
    pass
print(lost - 0.3 < float(text) < lost + 1, lost + 1.3 < ended < lost + 4)
print(steps.last_record(place / "stops.jsonl")["empty"])
"""
    assert ordinary_user("import os\n" + code).split() == ["True"] * 3
