"""What an agent, or an odd request, must not break: the keeper, the other cells, and the program outside."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from guarding import await_true
from in_cell import await_result, ordinary_user, run_in, write_in

from offswitch.errors import CellDownError
from offswitch.guard.cell.client import Cell
from offswitch.guard.cell.starting import Limits
from offswitch.hosts.inspect import streams
from offswitch.hosts.inspect.sandbox import CellSandbox

pytestmark = [pytest.mark.sandbox, pytest.mark.safety]


# 1. Odd requests are answered, as what they are: never as a shutdown, and never with the end of the cell.


@pytest.mark.parametrize(
    ("argv", "options", "answer"),
    [
        ([], {}, {"errno": 22}),
        ([""], {}, {"exit": 126}),
        (["echo", "a\0b"], {}, {"exit": 126}),
        (["echo", "\ud800"], {}, {"exit": 126}),
        (["printf", "\udcff"], {}, {"exit": 0}),
        (["echo", "x" * 200_000], {}, {"exit": 126}),
        (["echo", *["x" * 1000] * 5000], {}, {"exit": 126}),
        (["true"], {"env": {"A": "\0"}}, {"exit": 126}),
        (["true"], {"env": {"A=": "b"}}, {"exit": 126}),
        (["true"], {"cwd": "/nowhere"}, {"exit": 127}),
        (["true"], {"cwd": "/etc/passwd"}, {"exit": 126}),
        (["true"], {"cwd": "\ud800"}, {"exit": 126}),
    ],
)
def test_an_odd_program_is_refused_as_a_shell_does(
    cell: Cell, argv: list[str], options: dict[str, Any], answer: dict[str, int]
) -> None:
    work = cell.execute(argv, **options)
    assert await_result(work) == answer
    assert work.stderr is not None
    assert ("exit" in answer and answer["exit"] > 0) == bool(os.read(work.stderr, 1000))
    assert run_in(cell, "echo alive").out == "alive\n"


def test_a_working_directory_that_is_gone_is_named(cell: Cell) -> None:
    work = cell.execute(["bash", "-c", "true"], cwd="/home/user/gone")
    assert await_result(work) == {"exit": 127}
    assert work.stderr is not None
    assert os.read(work.stderr, 1000) == b"/home/user/gone: not found\n"


@pytest.mark.parametrize("path", ["a\0b", "a\0/b", "\ud800", "a/" * 3000, "x" * 300])
def test_an_odd_path_is_refused(cell: Cell, path: str) -> None:
    run_in(cell, "echo secret > a")
    assert "errno" in await_result(cell.read(path, 100))
    assert "errno" in write_in(cell, path, b"x")


def test_a_request_that_is_too_large_is_refused_before_it_is_sent(cell: Cell) -> None:
    with pytest.raises(ValueError, match="over the limit"):
        cell.execute(["echo", "x" * 70_000_000])
    assert run_in(cell, "echo alive").out == "alive\n"


def test_no_room_for_a_process_is_no_shutdown(new_cell: Callable[..., Cell]) -> None:
    """An agent can bring it about."""
    cell = new_cell(limits=Limits(pids=8))
    if cell.limits["pids"] != "in force":
        pytest.skip(f"no limit of processes here: {cell.limits['pids']}")
    run_in(cell, "setsid sleep 100 >/dev/null 2>&1 &")  # so that the room may end between a pair of processes
    works = [cell.execute(["sleep", "100"]) for _ in range(24)]
    results = []
    for work in works:  # those that there was room for have none
        ready = select.select([work.status], [], [], 20 if work is works[-1] else 0.05)[0]
        try:
            results.append(work.result() if ready else {})
        except CellDownError as wrong:
            pytest.fail(f"called a shutdown: {wrong}")
    assert {"errno": 11} in results, "the test did not fill the cell"


@pytest.mark.parametrize("user", ["user", "root"])
def test_a_kill_at_once_leaves_nothing(cell: Cell, user: Any) -> None:
    for pause in range(40):
        work = cell.execute(["sleep", "4567"], user=user)
        time.sleep(pause / 10_000)
        cell.kill(work)
        assert await_result(work) == {"exit": -9}
        for fd in (work.stdout, work.stderr):
            os.close(fd or 0)
    await_true(lambda: run_in(cell, "pgrep -fc 'sleep [4]567'").out == "0\n")


# 2. The program outside, and the launcher.


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_program_with_closed_standard_streams_can_start_cells(closed: str, tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(
        f"import sys; sys.path[:0] = {sys.path!r}\n"
        "from in_cell import run_in\n"
        "from offswitch.guard.cell.starting import *; from offswitch.guard.cell.guest import Guest\n"
        "seen = run_in(start(Launcher(), Guest(), Limits()), 'echo out; echo err >&2; cat')\n"
        f"open({str(tmp_path / 'seen')!r}, 'w').write(repr(tuple(seen)))\n"
    )
    subprocess.run(["bash", "-c", f"exec {sys.executable} {script} {closed}"], check=True, timeout=60)
    assert (tmp_path / "seen").read_text() == repr((0, "out\n", "err\n"))


@pytest.mark.root
def test_a_host_without_room_for_one_more_cell_keeps_the_others() -> None:
    code = """
import resource
from offswitch.errors import MachineError
one = new()
_, most = resource.prlimit(launcher._process.pid, resource.RLIMIT_NPROC)
resource.prlimit(launcher._process.pid, resource.RLIMIT_NPROC, (1, most))
try:
    new()
except MachineError as refusal:
    print("refused")
resource.prlimit(launcher._process.pid, resource.RLIMIT_NPROC, (most, most))
print(run_in(one, "echo alive").out, run_in(new(), "echo new").out)
"""
    assert ordinary_user(code).split() == ["refused", "alive", "new"]


# 3. The Inspect side.


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def box() -> AsyncIterator[CellSandbox]:
    environments = await CellSandbox.sample_init("robustness", None, {})
    yield environments["default"].as_type(CellSandbox)
    await CellSandbox.sample_cleanup("robustness", None, environments, interrupted=False)


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208


async def until(reached: Callable[[], bool]) -> None:
    with anyio.fail_after(60):
        while not reached():  # noqa: ASYNC110 (another process or thread brings it about)
            await anyio.sleep(0.02)


@pytest.mark.anyio
async def test_an_exec_that_is_given_up_leaves_no_program_and_no_descriptor(box: CellSandbox) -> None:
    await box.exec(["true"])
    before = descriptors()
    for pause in range(60):
        with anyio.move_on_after(pause / 5000):
            await box.exec(["sleep", "5678"])
    with anyio.fail_after(60):
        while (await box.exec(["pgrep", "-fc", "sleep [5]678"])).stdout != "0\n":  # noqa: ASYNC110 (as below)
            await anyio.sleep(0.02)
    await until(lambda: descriptors() <= before)


@pytest.mark.anyio
async def test_many_execs_at_once(box: CellSandbox) -> None:
    before, outputs = descriptors(), []

    async def one(number: int) -> None:
        outputs.append((await box.exec(["echo", str(number)])).stdout)

    async with anyio.create_task_group() as tasks:
        for number in range(150):
            tasks.start_soon(one, number)
    assert sorted(outputs) == sorted(f"{number}\n" for number in range(150))
    await until(lambda: descriptors() <= before)


@pytest.mark.anyio
async def test_outputs_without_end_do_not_keep_the_program_outside_busy(box: CellSandbox) -> None:
    with anyio.fail_after(60):
        done = await box.exec(["bash", "-c", "yes & yes & yes & yes >&2 & sleep 0.3; exit 3"])
    assert done.returncode == 3
    before = time.process_time()
    await anyio.sleep(1)
    assert time.process_time() - before < 0.3


def test_an_agent_that_reads_its_own_output_stops_nobody() -> None:
    """Who has the host user's id can open a pipe again through /proc: what was announced may be gone."""
    background = streams._Background()
    (stolen, thief_writes), (ordinary, program_writes) = os.pipe(), os.pipe()
    thief_reads = os.open(f"/proc/self/fd/{stolen}", os.O_RDONLY | os.O_NONBLOCK)
    for fd in (stolen, ordinary):
        os.set_blocking(fd, False)
        background.take(fd)
    end = time.monotonic() + 2
    while time.monotonic() < end:
        os.write(thief_writes, b"x")
        with contextlib.suppress(BlockingIOError):
            os.read(thief_reads, 1)
    program = threading.Thread(target=os.write, args=(program_writes, bytes(300_000)), daemon=True)
    program.start()
    program.join(60)
    assert not program.is_alive(), "nobody empties the outputs any more"
    for fd in (thief_writes, thief_reads, program_writes):
        os.close(fd)


@pytest.mark.anyio
async def test_outputs_left_open_are_limited(box: CellSandbox) -> None:
    """However many an agent leaves open, half of the descriptors stay with the program outside."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    room = 2 * descriptors() + 100
    resource.setrlimit(resource.RLIMIT_NOFILE, (room, limits[1]))
    streams._background.cache_clear()
    try:
        for _ in range(room // 2 + 20):
            await box.exec(["bash", "-c", "sleep 100 & exit 0"])
    finally:
        streams._background.cache_clear()
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@pytest.mark.anyio
async def test_a_start_that_is_given_up_leaves_no_cell() -> None:
    before = descriptors()
    for pause in range(20):
        with anyio.move_on_after(pause / 1000):
            environments = await CellSandbox.sample_init("robustness", None, {})
            await CellSandbox.sample_cleanup("robustness", None, environments, interrupted=False)
    await until(lambda: descriptors() <= before)


@pytest.mark.anyio
async def test_a_program_that_stops_everything_is_ended_by_the_timeout(box: CellSandbox) -> None:
    start = time.monotonic()
    with pytest.raises(TimeoutError):
        await box.exec(["bash", "-c", "trap '' TERM INT HUP QUIT; kill -STOP 0; sleep 100"], timeout=1)
    assert time.monotonic() - start < 50
    assert (await box.exec(["echo", "alive"])).stdout == "alive\n"


def test_a_tail_keeps_the_last_bytes_and_no_more_than_twice_as_many() -> None:
    tail = streams.Tail(10)
    for number in range(100):
        tail.add(b"%02d" % number)
        assert len(tail._kept) <= 20
    assert tail.content() == b"9596979899"
    nothing = streams.Tail(0)
    nothing.add(b"x")
    assert nothing.content() == b""


@pytest.mark.root
def test_a_probe_can_be_looked_at_only_after_its_answer_was_taken(cell: Cell) -> None:
    """Who can look at it can take its answer out of the pipe, and put another in."""
    aim = {name: [] for name in ("sealed", "hidden", "unseen", "sockets", "processes", "groups", "barriers")}
    work = cell.probe(aim | {"port": 9, "abstract": "nobody"})
    assert work.stdin is not None
    assert work.stdout is not None
    with os.fdopen(work.stdin, "wb", buffering=0) as word, os.fdopen(work.stdout, "rb") as answers:
        told = json.loads(answers.readline()) | json.loads(answers.readline())
        assert told["outcomes"]
        opened = Path("/proc", str(told["pid"]), "fd")
        assert opened.stat().st_uid == 0, "the kernel shows what cannot be looked at as root's"
        held = {str(one.readlink()) for one in opened.iterdir()}
        assert all(one == "/dev/null" or one.startswith("pipe:") for one in held), held
        word.write(b".")
        assert json.loads(answers.readline()) == {"inspectable": True}
        assert opened.stat().st_uid != 0
    os.close(work.status)


FILL_CONNECTIONS = """
import contextlib, socket
server = socket.create_server(("127.0.0.1", 0), backlog=1000)
kept, held = [], 0
for _ in range(150):
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
    line.settimeout(2)
    try:
        line.connect(server.getsockname())
    except OSError:
        break
    kept += [line, server.accept()]
    line.setblocking(False)
    with contextlib.suppress(OSError):
        while True:
            held += line.send(b"x" * 65536)
print(held)
"""


def test_what_waits_in_connections_counts(new_cell: Callable[..., Cell]) -> None:
    """cgroup v1 counts it apart from other memory; v2 ends the program."""
    most = 128 * 1024 * 1024
    cell = new_cell(limits=Limits(memory=most))
    if cell.limits["memory"] != "in force":
        pytest.skip("this machine limits no memory")
    work = cell.execute(["python3", "-I", "-S", "-c", FILL_CONNECTIONS])
    with os.fdopen(work.stdout or 0) as said:
        assert int(said.read() or 0) < most
    assert await_result(work)["exit"] in {0, -9}
    os.close(work.stderr or 0)
