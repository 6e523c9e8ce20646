"""An agent that fills the disk it works on is ended, or frozen, before it is full."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from guarding import await_true

from offswitch.errors import MachineError
from offswitch.guard import disk, ending, registry
from offswitch.guard.policy.model import Limits, Policy, Stop
from offswitch.guard.policy.resolve import resolve
from offswitch.guard.starting import start_guarded
from offswitch.guard.stop import order, stopper
from offswitch.guard.supervisor import Guarded
from offswitch.guard.watch import Watch

pytestmark = [pytest.mark.sandbox, pytest.mark.safety, pytest.mark.root]

SIZE = 64 * 1024 * 1024
FLOOR_MB = 16
NEARLY = SIZE - (FLOOR_MB + 4) * 1024 * 1024
"""What is there already: little is left above the floor, and much below it for a watch that comes late."""
_numbers = count()
FILL = """
import time
with open("filled", "ab") as file:
    while True:
        file.write(bytes(1 << 13))
        file.flush()
        time.sleep(0.001)
"""


@pytest.fixture
def work() -> Iterator[Path]:
    """A work folder that is a small file system of its own."""
    with tempfile.TemporaryDirectory(prefix="offswitch-") as made:
        Path(made).chmod(0o755)
        folder = Path(made, "work")
        folder.mkdir()
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={SIZE},nr_inodes=20000", "none", folder], check=True
        )
        try:
            yield folder
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


@contextlib.contextmanager
def guarded(work: Path, policy: Policy) -> Iterator[Guarded]:
    resolved = resolve(policy, work, work.parent / "home", {})
    name = f"filling-{os.getpid()}-{next(_numbers)}"
    running = start_guarded(name, ["python3"], policy, resolved, frozenset())
    with contextlib.closing(running):
        yield running
    registry.forget(name)


def free(work: Path) -> int:
    found = os.statvfs(work)
    return found.f_bavail * found.f_frsize


def test_an_agent_that_fills_its_disk_is_stopped_before_it_is_full(work: Path) -> None:
    (work / "big").write_bytes(bytes(NEARLY))
    policy = Policy(limits=Limits(free_disk_mb=FLOOR_MB))
    said: list[str] = []
    with guarded(work, policy) as running:
        watch = Watch(running, policy, said.append)
        assert watch.follow(running.cell.execute(["python3", "-c", FILL]), []) is None
        record = running.stopped()
    assert record is not None
    assert record["why"] == stopper.REASONS[b"d"]
    assert record["empty"]
    assert said == [f"less than {FLOOR_MB} MB are free where {work} lies"]
    assert free(work) > 0


def test_so_is_one_that_uses_up_its_files(work: Path) -> None:
    for number in range(19_500):
        (work / f"old{number}").touch()
    said: list[str] = []
    with guarded(work, Policy()) as running:
        watch = Watch(running, Policy(), said.append)
        make = "import time\nfor n in range(10**6):\n open(f'f{n}', 'w').close(); time.sleep(0.005)"
        assert watch.follow(running.cell.execute(["python3", "-c", make]), []) is None
    assert said == [f"hardly a file more can be made where {work} lies"]


def test_by_policy_it_is_paused_until_there_is_room(work: Path) -> None:
    (work / "big").write_bytes(bytes(NEARLY))
    policy = Policy(limits=Limits(free_disk_mb=FLOOR_MB), stop=Stop(on_full_disk="pause"))
    said: list[str] = []
    with guarded(work, policy) as running:
        agent = registry.find(running.agent.name)
        watch = Watch(running, policy, said.append)
        filling = running.cell.execute(["python3", "-c", FILL])
        following = threading.Thread(target=watch.follow, args=(filling, []))
        following.start()
        try:
            for times in (1, 2):
                await_true(lambda: running.stopped() or order.give(stopper.STATUS, agent.place)["paused"])
                assert running.stopped() is None, said
                held = free(work)
                time.sleep(0.3)
                assert free(work) == held > 0
                assert len(said) == times
                if times == 1:
                    assert ending.resume(agent), "it goes on, and is paused again: there is no more room"
                    await_true(lambda: len(said) == 2)
            (work / "filled").unlink()
            (work / "filled").touch(0o666)
            assert not watch.stopped
        finally:
            ending.end(agent)
            following.join()


def test_it_is_not_started_where_there_is_no_room(work: Path) -> None:
    (work / "big").write_bytes(bytes(SIZE - (8 << 20)))
    too_little = guarded(work, Policy(limits=Limits(free_disk_mb=FLOOR_MB)))
    with pytest.raises(MachineError, match=r"not started: less than 16 MB are free where .*/work lies"):
        too_little.__enter__()
    for least in (None, 0, 4):
        with guarded(work, Policy(limits=Limits(free_disk_mb=least))):
            assert free(work) < FLOOR_MB << 20


def test_by_default_a_small_disk_spares_a_50th(work: Path) -> None:
    (work / "big").write_bytes(bytes(SIZE - SIZE // 40))
    assert disk.shortage([str(work)], None) == ""
    (work / "more").write_bytes(bytes(SIZE // 40 - SIZE // 60))
    assert disk.shortage([str(work)], None) == f"less than 1.28 MB are free where {work} lies"
    assert disk.shortage([str(work)], 0) == ""
