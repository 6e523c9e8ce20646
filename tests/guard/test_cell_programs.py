"""A process of the keeper's starts one program after another: none of them meets what another left."""

from __future__ import annotations

import errno
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from guarding import await_true
from in_cell import Outcome, await_host_pids, await_result, run_in

from offswitch.errors import CellError
from offswitch.guard.cell import frames, programs
from offswitch.guard.cell.client import Cell, Started, User
from offswitch.guard.cell.guest import Guest
from offswitch.guard.cell.network import HERE, Network

pytestmark = [pytest.mark.sandbox, pytest.mark.safety]

SHOW = "pwd; umask; ulimit -a; echo $PATH $MARK; ls -l /proc/self/fd | wc -l; readlink /proc/self/fd/0"
SHOW += "; grep flags /proc/self/fdinfo/0"
BESIDE = """
import ctypes, os, sys, time
number = {"x86_64": 56, "aarch64": 220}[os.uname().machine]
if ctypes.CDLL(None).syscall(number, 0x8000 | 17, 0, 0, 0, 0) == 0:  # clone, CLONE_PARENT | SIGCHLD
    time.sleep(float(sys.argv[1]))
    os._exit(0)
time.sleep(0.2)
"""
IN_FLIGHT = """
import socket, time
pairs = [socket.socketpair() for _ in range(3)]
for end, _ in pairs:
    socket.send_fds(end, [b"x"], [0] * 120)
print("passed", flush=True)
time.sleep(60)
"""
FEW_DESCRIPTORS = """
import os, resource, sys
sys.path[:0] = {path!r}
resource.setrlimit(resource.RLIMIT_NOFILE, (300, 300))
from in_cell import run_in
from test_cell_programs import IN_FLIGHT, begun, children, parent
from offswitch.guard.cell.starting import *; from offswitch.guard.cell.guest import Guest
cell = start(Launcher(), Guest(), Limits())
_, starter = begun(cell, ["sleep", "5276"])
for user in ("user", "root"):
    hoards = cell.execute(["python3", "-c", IN_FLIGHT], user=user)
    assert os.read(hoards.stdout, 99) == b"passed\\n"
counts = []
for _ in range(10):
    for user in ("user", "root"):
        assert run_in(cell, "echo on", user=user).out == "on\\n"
    counts.append(len(children(parent(starter))))
print(counts[0], counts[-1])
"""
SPOIL = "cd /tmp; umask 0; ulimit -n 20; export MARK=1; exec 7>/tmp/held; sleep infinity & trap '' TERM"
SPOIL += "; python3 -c 'import fcntl; fcntl.fcntl(0, fcntl.F_SETFL, 2048)'"


def begun(cell: Cell, argv: list[str], user: User = "user") -> tuple[Started, int]:
    """Start a program that no other is like; return it and the host's number of what has started it."""
    work = cell.execute(argv, user=user)
    (pid,) = await_host_pids(" ".join(argv))
    return work, parent(pid)


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def closed(work: Started) -> None:
    for fd in (work.stdout, work.stderr):
        os.close(fd or 0)


def ended(cell: Cell, work: Started) -> None:
    cell.kill(work)
    assert await_result(work) == {"exit": -signal.SIGKILL}
    closed(work)


@pytest.mark.parametrize("user", ["user", "root"])
def test_one_program_leaves_nothing_for_the_next(cell: Cell, user: User) -> None:
    first = run_in(cell, SHOW, user=user)
    assert first.code == 0, first.err
    run_in(cell, SPOIL, user=user, cwd="/tmp", env={"PATH": "/sbin:/usr/bin:/bin", "MARK": "2"})  # noqa: S108
    assert run_in(cell, SHOW, user=user) == first


def test_one_after_another_is_started_by_the_same_process_for_each_user(cell: Cell) -> None:
    starters = set()
    for user in ("user", "root") * 2:
        work = cell.execute(["sleep", "0.5271"], user=user)
        (pid,) = await_host_pids("sleep 0.5271")
        starters.add((user, parent(pid)))
        assert await_result(work) == {"exit": 0}
        closed(work)
    assert len(starters) == 2


def test_a_kill_that_comes_too_late_meets_no_other_program(cell: Cell) -> None:
    for _ in range(60):
        late = cell.execute(["true"])
        result = await_result(late)
        cell.kill(late)
        assert result == {"exit": 0}
        closed(late)
        assert run_in(cell, "sleep 0.002; echo on") == Outcome(0, "on\n", "")


def test_a_kill_at_any_moment_meets_no_other_program(cell: Cell) -> None:
    for pause in range(60):
        work = cell.execute(["true"])
        time.sleep(pause / 20_000)
        cell.kill(work)
        assert run_in(cell, "sleep 0.002; echo on") == Outcome(0, "on\n", "")
        assert await_result(work) in ({"exit": 0}, {"exit": -signal.SIGKILL})
        closed(work)


def test_what_starts_programs_may_die(cell: Cell) -> None:
    """As when memory runs out: the program is lost with it, and no other."""
    work, starter = begun(cell, ["sleep", "5272"])
    os.kill(starter, signal.SIGKILL)
    with pytest.raises(CellError, match="keeper is gone"):
        await_result(work)
    closed(work)
    assert run_in(cell, "echo on") == Outcome(0, "on\n", "")
    work, starter = begun(cell, ["sleep", "0.5273"])
    assert await_result(work) == {"exit": 0}
    closed(work)
    os.kill(starter, signal.SIGKILL)  # it waits for the next
    await_true(lambda: not Path(f"/proc/{starter}").exists())
    assert run_in(cell, "echo on") == Outcome(0, "on\n", "")


def test_of_many_at_once_one_is_kept_for_each_user(cell: Cell) -> None:
    work, starter = begun(cell, ["sleep", "5274"])
    keeper = parent(starter)
    many = [cell.execute(["sleep", "0.1"], user=user) for user in ("user", "root") * 6]
    for one in many:
        assert await_result(one) == {"exit": 0}
        closed(one)
    monitor_and_busy = 2
    await_true(lambda: len(children(keeper)) == monitor_and_busy + 2)
    ended(cell, work)
    await_true(lambda: len(children(keeper)) == 1 + 2)
    assert run_in(cell, "echo on") == Outcome(0, "on\n", "")


def test_nothing_inside_shows_that_programs_are_started(cell: Cell) -> None:
    """A connection that was made in the cell's network would stand there."""
    for user in ("user", "root"):
        shown = run_in(cell, "cat /proc/net/unix", user=user)
        assert len(shown.out.splitlines()) == 1, shown.out


def test_programs_start_when_no_connection_is_left(cell: Cell) -> None:
    many = [cell.execute(["sleep", "0.3"]) for _ in range(40)]
    for one in many:
        assert await_result(one) == {"exit": 0}
        closed(one)
    for _ in range(3):
        assert run_in(cell, "echo on") == Outcome(0, "on\n", "")


@pytest.mark.parametrize("lives", [0, 0.5])
def test_a_process_that_a_program_gives_its_parent_is_buried(cell: Cell, lives: float) -> None:
    """Otherwise the machine could never be seen to shut down, and no stop of it would be done."""
    work = cell.execute(["python3", "-c", BESIDE, str(lives)])
    assert await_result(work) == {"exit": 0}
    closed(work)
    signal.pidfd_send_signal(cell.init, signal.SIGKILL)
    assert select.select([cell.init], [], [], 10)[0], "its process namespace does not end"


def test_what_is_odd_is_told_whoever_starts_it(cell: Cell) -> None:
    _, terminal = cell.terminal()
    odd_ones: list[Callable[[], Started]] = [
        lambda: cell.execute([], stdin=True),
        lambda: cell.execute_on(terminal, ["no-such-program"]),
    ]
    for odd in odd_ones:
        first = await_result(odd())
        assert run_in(cell, "echo on").out == "on\n"
        assert await_result(odd()) == first == {"errno": errno.EINVAL}


def test_what_no_descriptors_can_be_passed_to_is_not_kept() -> None:
    """They are counted for each user of the host: an agent can use up all that the host's limit allows."""
    script = FEW_DESCRIPTORS.format(path=[str(Path(__file__).parent), *sys.path])
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    before, after = map(int, done.stdout.split())
    assert after < before + 10, "of twenty, each leaves one"


def test_of_many_networks_a_few_keep_what_starts_programs(new_cell: Callable[..., Cell]) -> None:
    """Agent and keeper share the memory of the cell's group, of which a little is set aside."""
    hosts = {HERE: "10.44.0.1"} | {f"host{number}": f"10.44.1.{number}" for number in range(1, 7)}
    cell = new_cell(Guest(network=Network(hosts)))
    work, starter = begun(cell, ["sleep", "5277"])
    users: list[User] = ["user", "root"]
    for _ in range(2):
        for host in hosts:
            for user in users:
                assert run_in(cell, "echo on", host=host, user=user).out == "on\n"
    monitor_and_busy = 2
    await_true(lambda: len(children(parent(starter))) == monitor_and_busy + 8)
    ended(cell, work)


def test_a_part_of_an_order_is_none() -> None:
    """What else it was told about could be reported twice: the keeper gives the order to another."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        frames.send(ours, {"argv": ["true"]})
        whole = theirs.recv(100)
        ours.sendall(whole[:-1])
        ours.shutdown(socket.SHUT_RDWR)
        assert programs._next(theirs) is None
