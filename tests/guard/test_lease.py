"""Whatever part of a guard is killed, stopped or lost: the agent does not run on beyond its lease."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import struct
import threading
import time
from pathlib import Path

import pytest
from guarded import LEASE, Running, guarding
from guarding import await_true
from in_cell import ordinary_user

from offswitch.guard import ending
from offswitch.guard.stop import order, stopper

pytestmark = [pytest.mark.sandbox, pytest.mark.safety, pytest.mark.root]

_SOON = 1.0
"""Within which the agent must not run any more."""
_LATE = 1.5
"""What the end of a lease may come late by, on a busy machine."""
_PATIENT = "stop: {lease_seconds: 20}"
"""For what must be over before the lease is, however late we look."""


def strike(running: Running, parts: list[str], number: signal.Signals) -> float:
    """Send a signal to parts of a guard; return when."""
    processes = [running.part(part) for part in parts]
    at = time.monotonic()
    for process in processes:
        os.kill(process, number)
    return at


def is_lost(running: Running) -> bool:
    """Whether its stopper misses the supervisor."""
    return order.give(stopper.STATUS, running.agent.place)["supervisor_lost_seconds"] is not None


def stands_still(running: Running) -> bool:
    """Whether the agent, which notes every 4 ms that it runs, has not for a while."""
    return time.monotonic() - running.last_stamp() > 0.25


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV])
def test_without_its_supervisor_it_is_frozen_and_then_killed(place: Path, number: signal.Signals) -> None:
    with guarding(place / "work") as running:
        at = strike(running, ["supervisor"], number)
        running.await_end()
        assert running.last_stamp() - at < _SOON
        record = running.record()
        assert record is not None
        begun = record["at"] - time.time() + time.monotonic()
        assert begun - at > LEASE - 0.2, "it was to be frozen, not killed"
        assert begun + record["steps"][-1]["ms"] / 1000 - at < LEASE + _LATE
        assert record["empty"]
        assert "lease" in record["why"]


def test_a_supervisor_that_hangs_is_one_that_is_missed(place: Path) -> None:
    """A read of a sealed file that never comes back must not count as a heartbeat."""
    with guarding(place / "work", stop=_PATIENT) as running:
        at = strike(running, ["supervisor"], signal.SIGSTOP)
        await_true(lambda: is_lost(running))
        assert not order.give(stopper.THAW, running.agent.place)["done"], "nobody watches it"
        await_true(lambda: stands_still(running))
        assert running.last_stamp() - at < _SOON


def test_a_supervisor_that_comes_back_within_the_lease_lets_it_go_on(place: Path) -> None:
    lease = LEASE + 2
    with guarding(place / "work", stop=f"stop: {{lease_seconds: {lease}}}") as running:
        strike(running, ["supervisor"], signal.SIGSTOP)
        await_true(lambda: is_lost(running) and stands_still(running))
        strike(running, ["supervisor"], signal.SIGCONT)
        assert running.runs()
        time.sleep(lease)
        assert running.runs()


def test_a_pause_outlasts_a_lost_and_found_supervisor(place: Path) -> None:
    with guarding(place / "work", stop=_PATIENT) as running:
        assert ending.pause(running.agent)
        strike(running, ["supervisor"], signal.SIGSTOP)
        await_true(lambda: is_lost(running))
        strike(running, ["supervisor"], signal.SIGCONT)
        await_true(lambda: not is_lost(running))
        assert running.rests()
        assert ending.resume(running.agent)
        assert running.runs()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV])
@pytest.mark.parametrize("part", ["stopper", "proxy", "relay"])
def test_without_another_part_it_is_stopped(place: Path, part: str, number: signal.Signals) -> None:
    with guarding(place / "work") as running:
        at = strike(running, [part], number)
        running.await_end()
        assert running.last_stamp() - at < _SOON
        running.guard.wait(20)
        record = running.record()
        assert record is not None
        assert record["empty"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
@pytest.mark.parametrize("parts", [["launcher"], ["keeper"], ["supervisor", "stopper"]])
def test_what_holds_the_cell_takes_it_along(place: Path, parts: list[str], number: signal.Signals) -> None:
    with guarding(place / "work") as running:
        at = strike(running, parts, number)
        running.await_end()
        assert running.last_stamp() - at < _SOON


def test_a_launcher_that_was_stopped_is_noticed(place: Path) -> None:
    with guarding(place / "work") as running:
        at = strike(running, ["launcher"], signal.SIGSTOP)
        running.await_end()
        assert running.last_stamp() - at < _SOON
        record = running.record()
        assert record is not None
        assert record["why"] == stopper.REASONS[b"p"]


@pytest.mark.parametrize("others", [[], ["launcher", "keeper", "proxy", "relay"]])
def test_what_hangs_is_killed_by_the_kernel_and_the_cell_ends_with_it(place: Path, others: list[str]) -> None:
    """Nobody is left to keep the lease: the supervisor and the stopper were stopped at the same moment."""
    with guarding(place / "work") as running:
        at = strike(running, ["supervisor", "stopper", *others], signal.SIGSTOP)
        running.await_end()
        assert running.last_stamp() - at < stopper.hang_seconds(LEASE) + 0.5


def test_a_stopper_that_dies_beside_a_supervisor_that_was_stopped_takes_the_cell_along(place: Path) -> None:
    with guarding(place / "work") as running:
        strike(running, ["supervisor"], signal.SIGSTOP)
        at = strike(running, ["stopper"], signal.SIGKILL)
        running.await_end()
        assert running.last_stamp() - at < 0.5


POURER = """
import os, socket, time, urllib.parse
url = urllib.parse.urlsplit(os.environ["TEST_URL"])
line = socket.create_connection((url.hostname, url.port))
line.sendall(b"POST /x HTTP/1.1\\r\\nHost: h\\r\\nContent-Length: 999999999999\\r\\n\\r\\n")
out = os.open("stamps", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
while True:
    line.sendall(b"x" * 100)
    os.write(out, b"%.4f\\n" % time.monotonic())
    time.sleep(0.004)
"""


_STAMP_NS, _TIME = 35, struct.Struct("ll")
"""SO_TIMESTAMPNS of socket(7), and what it tells: seconds and nanoseconds of the epoch."""


def taken_by(listener: socket.socket, arrivals: list[float]) -> None:
    """Note when each piece of what is sent to a server arrives, by the kernel's time: we may be late."""
    listener.setsockopt(socket.SOL_SOCKET, _STAMP_NS, 1)
    connection, _ = listener.accept()
    with connection, contextlib.suppress(ConnectionError):
        while True:
            data, controls, _, _ = connection.recvmsg(1 << 16, 128)
            if not data:
                return
            stamps = [_TIME.unpack(told) for _, kind, told in controls if kind == _STAMP_NS]
            arrivals += [seconds + nanoseconds / 1e9 for seconds, nanoseconds in stamps]


def test_when_nobody_is_left_to_cut_it_off_the_gate_shuts_by_itself(place: Path) -> None:
    """The outlets run on, and the agent has a while to live; nothing of what it sends leaves any more."""
    arrivals: list[float] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        server = threading.Thread(target=taken_by, args=(listener, arrivals), daemon=True)
        server.start()
        with guarding(place / "work", program=POURER, port=port) as running:
            await_true(lambda: arrivals)
            at = strike(running, ["supervisor", "stopper", "launcher"], signal.SIGSTOP)
            struck = at + time.time() - time.monotonic()
            running.await_end()
            assert running.last_stamp() - at > stopper.OPEN_SECONDS + 0.3, "it went on sending"
        server.join(5)
        assert 0 < arrivals[-1] - struck < stopper.OPEN_SECONDS + 0.1


@pytest.mark.parametrize("part", ["launcher", "keeper"])
def test_what_holds_the_cell_and_is_stopped_keeps_nobody_from_the_stop(place: Path, part: str) -> None:
    with guarding(place / "work") as running:
        strike(running, [part], signal.SIGSTOP)
        record = ending.end(running.agent)
        assert record["empty"]
        running.await_end()


def test_the_owner_may_let_it_run_on_by_name(place: Path) -> None:
    with guarding(place / "work", without="continue") as running:
        strike(running, ["supervisor"], signal.SIGKILL)
        time.sleep(LEASE + 1)
        assert running.runs()
        assert ending.end(running.agent)["empty"]
        running.await_end()


def test_a_lost_socket_is_noticed(place: Path) -> None:
    with guarding(place / "work") as running:
        at = time.monotonic()
        running.agent.place.unlink()
        running.await_end()
        assert running.last_stamp() - at < _SOON


def test_a_lost_folder_is_noticed(place: Path) -> None:
    """With everything that the guard has written down."""
    with guarding(place / "work") as running:
        at = time.monotonic()
        shutil.rmtree(running.agent.folder)
        running.await_end()
        assert running.last_stamp() - at < _SOON


def test_another_socket_in_its_place_is_noticed(place: Path) -> None:
    with guarding(place / "work") as running:
        at = time.monotonic()
        running.agent.place.rename(running.agent.place.with_name("moved"))
        running.agent.place.touch()
        running.await_end()
        assert running.last_stamp() - at < _SOON


def test_an_ordinary_user_without_a_group_has_a_lease_too() -> None:
    """The stopper sends SIGSTOP in passes then, and has no real-time priority."""
    code = """
import socket, tempfile, time
from offswitch.guard.cell import frames
from offswitch.guard.spawn import spawn
from offswitch.guard.stop import steps
from pathlib import Path
cell = new()
stamper = "while :; do read up _ < /proc/uptime; echo $up >> /tmp/stamps; done"
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
lost_at = time.time()
stopper.wait(60)
record = steps.last_record(place / "stops.jsonl")
stamps, text = cell.read("/tmp/stamps", 100_000_000), b""
while chunk := os.read(stamps.stdout, 1 << 16):
    text += chunk
last = max(map(float, text.split()))
print(lost - 0.3 < last < lost + 1, lost_at + 1.3 < record["at"] < lost_at + 4, record["empty"])
"""
    assert ordinary_user("import os\n" + code).split() == ["True"] * 3


def test_an_ordinary_users_cell_without_a_group_ends_with_its_stopper_and_its_launcher() -> None:
    """No group can be killed: the kernel ends the keeper with its parent, and the cell with its keeper."""
    code = """
import os, select, signal, subprocess, time
def ends(strike):
    launcher = Launcher()
    cell = start(launcher, Guest(), Limits())
    run_in(cell, "for i in 1 2 3; do setsid -f bash -c 'while :; do :; done'; done")
    stopper = subprocess.Popen(["sleep", "100"])
    launcher.end_with(stopper.pid, 1.5)
    time.sleep(2.5)
    alive = not select.select([cell.init], [], [], 0)[0]
    begun = time.monotonic()
    strike(stopper, launcher)
    gone = select.select([cell.init], [], [], 5)[0]
    stopper.kill()
    stopper.wait()
    return alive, bool(gone), time.monotonic() - begun < 3
print(*ends(lambda stopper, _: stopper.kill()))
print(*ends(lambda _, launcher: launcher._process.send_signal(signal.SIGSTOP)))
"""
    assert ordinary_user(code).split() == ["True"] * 6
