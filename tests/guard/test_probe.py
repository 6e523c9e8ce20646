"""The probe: a barrier that is gone is found, and what cannot be probed counts as gone."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from guarding import await_true
from in_cell import await_result, await_settled, run_in

from offswitch.errors import MachineError
from offswitch.guard import registries
from offswitch.guard.cell.client import Cell
from offswitch.guard.cell.starting import Launcher, Limits, start
from offswitch.guard.kernel import barriers, cgroup
from offswitch.guard.policy.model import Checks, Files, Policy
from offswitch.guard.policy.resolve import Resolved, resolve
from offswitch.guard.probe import facts, judge
from offswitch.guard.probe.judge import Aim, breaches
from offswitch.guard.starting import start_guarded
from offswitch.guard.watch import Watch
from offswitch.guard.workplace import Workplace

pytestmark = [pytest.mark.sandbox, pytest.mark.safety]

MOST_SECONDS = 0.15


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="offswitch-") as made:
        Path(made).chmod(0o755)
        for name in ("work/private", "guard"):
            Path(made, name).mkdir(parents=True)
        for name in ("work/settings.json", "work/.env", "work/private/key", "guard/key"):
            Path(made, name).write_text("content")
        yield Path(made)


@pytest.fixture
def place(folder: Path) -> Workplace:
    work = str(folder / "work")
    owner = (os.getuid(), os.getgid()) if os.getuid() == 0 else None
    sealed, hidden = (f"{work}/settings.json",), (f"{work}/.env", f"{work}/private")
    return Workplace(work, "/home/agent", (work,), sealed=sealed, hidden=hidden, owner=owner)


@pytest.fixture
def probe(launcher: Launcher, place: Workplace, folder: Path) -> Iterator[Callable[..., list[str] | None]]:
    cells: list[Cell] = []

    def run(
        world: Workplace = place, asked: tuple[str, ...] = barriers.NAMES, **aim: Any
    ) -> list[str] | None:
        cells.append(start(launcher, world, Limits(pids=64), asked))
        cells[-1].barriers = dict.fromkeys(barriers.NAMES, barriers.IN_FORCE)
        return breaches(cells[-1], replace(aim_at(cells[-1], place, folder), user=world.user, **aim))

    yield run
    for cell in cells:
        cell.close()


def aim_at(cell: Cell, place: Workplace, folder: Path) -> Aim:
    return Aim(
        sealed=place.sealed,
        hidden=place.hidden,
        writable=place.writable,
        scratch=place.scratch,
        beyond=("/etc/passwd",),
        unseen=(str(folder / "guard"),),
        sockets=(str(folder / "guard/stop.sock"),),
        processes=(os.getpid(),),
        group=str(cgroup.folder_of(cell.init_pid) or ""),
        user=place.user,
    )


@pytest.fixture
def cell(launcher: Launcher, place: Workplace) -> Iterator[Cell]:
    made = start(launcher, place, Limits(pids=64))
    yield made
    made.close()


def test_barriers_that_hold_are_told_quickly_and_nothing_stays(
    cell: Cell, place: Workplace, folder: Path
) -> None:
    aim = aim_at(cell, place, folder)
    await_settled(cell)
    before = run_in(cell, "ls -laR /tmp /home; ps -eo args=").out.replace(" .", "")
    seconds: list[float] = []
    end = time.monotonic() + 30
    while len(seconds) < 5 or (min(seconds) >= MOST_SECONDS and time.monotonic() < end):
        begun = time.monotonic()
        assert breaches(cell, aim) == []
        seconds.append(time.monotonic() - begun)
    assert min(seconds) < MOST_SECONDS
    await_true(lambda: run_in(cell, "ls -laR /tmp /home; ps -eo args=").out.replace(" .", "") == before)


@pytest.mark.parametrize(
    ("lacking", "said"), [("seccomp", "call ptrace"), ("seccomp", "has no filter"), ("landlock", "a device")]
)
def test_a_cell_without_a_barrier_is_found_out(
    probe: Callable[..., list[str]], lacking: str, said: str
) -> None:
    found = probe(asked=tuple(name for name in barriers.NAMES if name != lacking))
    assert any(said in line for line in found)


def test_barriers_hold_for_a_root_of_the_cell_too(probe: Callable[..., list[str]], place: Workplace) -> None:
    assert probe(world=replace(place, root=True)) == []


def test_an_agent_that_is_root_is_probed_as_root(
    probe: Callable[..., list[str]], place: Workplace, folder: Path
) -> None:
    """The work is root's then, and nobody else could write to it anyway."""
    found = probe(world=replace(place, root=True, sealed=()))
    assert f"it can write {folder}/work/settings.json (done)" in found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sealed": ()}, "can write"),
        ({"sealed": ()}, "is not sealed"),
        ({"hidden": ()}, "can read"),
        ({"readable": ("{folder}/guard",)}, "can see"),
        ({"readable": ("{folder}/guard",)}, "can connect to {folder}"),
        ({"writable": ("{folder}/work", "{folder}/guard")}, "can write to {folder}/guard"),
    ],
)
def test_a_world_that_shows_too_much_is_found_out(
    probe: Callable[..., list[str]], place: Workplace, folder: Path, change: dict[str, Any], said: str
) -> None:
    changed = {key: tuple(each.format(folder=folder) for each in value) for key, value in change.items()}
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as stop:
        stop.bind(str(folder / "guard/stop.sock"))
        stop.listen()
        (folder / "guard/stop.sock").chmod(0o777)
        found = probe(world=replace(place, **changed))
    assert any(said.format(folder=folder) in line for line in found), found


def test_a_process_of_the_host_has_every_fault(folder: Path) -> None:
    """What no cell can lack, shown of a process that is in none."""
    held = dict.fromkeys(barriers.NAMES, barriers.IN_FORCE)
    found = "; ".join(facts.faults(os.getpid(), "/nowhere/leaf", held, [str(folder)]))
    said = ["capabilities", "gain rights", "no filter", "user namespace", "pid namespace", "net namespace"]
    for each in [*said, "not in its group", "write to /"]:
        if os.getuid() == 0 or each != "capabilities":
            assert each in found


def test_somebody_who_comes_to_the_witness_is_a_breach(
    cell: Cell, place: Workplace, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The network of the cell cannot be switched off: another comes in its place."""
    judged = judge._judged

    def come(told: Any, asked: dict[str, Any], *others: Any) -> list[str]:
        socket.create_connection(("127.0.0.1", asked["port"]), 1).close()
        return judged(told, asked, *others)

    monkeypatch.setattr(judge, "_judged", come)
    assert breaches(cell, aim_at(cell, place, folder)) == ["it reaches the host's network"]


@pytest.mark.parametrize(
    "told", ["", "{}\n", "[]\n[]\n", '{"pid": 1}\n{"outcomes": {}}\n', "\0\n" * 3, "x" * 99]
)
def test_an_answer_that_cannot_be_read_is_a_breach(
    cell: Cell, place: Workplace, folder: Path, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Cell.probe

    def garbled(self: Cell, *asked: Any) -> Any:
        work = real(self, *asked)
        read, write = os.pipe()
        os.write(write, told.encode())
        os.close(write)
        os.close(work.stdout or 0)
        work.stdout = read
        return work

    monkeypatch.setattr(Cell, "probe", garbled)
    assert breaches(cell, aim_at(cell, place, folder))


def test_a_cell_that_is_gone_cannot_be_probed(cell: Cell, place: Workplace, folder: Path) -> None:
    aim = aim_at(cell, place, folder)
    signal.pidfd_send_signal(cell.init, signal.SIGKILL)
    assert breaches(cell, aim)


def test_a_probe_that_the_agent_kills_is_a_breach(cell: Cell, place: Workplace, folder: Path) -> None:
    hunt = "import os, signal\nme = {1, 2, os.getpid()}\nprint('up', flush=True)\nwhile True:\n"
    hunt += "    for name in os.listdir('/proc'):\n        if name.isdigit() and int(name) not in me:\n"
    hunt += "            os.kill(int(name), signal.SIGKILL)\n"
    work = cell.execute(["python3", "-c", hunt])
    assert work.stdout is not None
    assert os.read(work.stdout, 9) == b"up\n"
    aim = aim_at(cell, place, folder)
    end = time.monotonic() + 60
    while not breaches(cell, aim):
        assert time.monotonic() < end, "it was never killed"


def test_an_agent_at_its_limit_of_processes_is_probed_all_the_same(
    cell: Cell, place: Workplace, folder: Path
) -> None:
    fill = (
        "import os, time\ntry:\n    while os.fork(): pass\nexcept OSError:\n    print('full', flush=True)\n"
    )
    work = cell.execute(["python3", "-c", fill + "time.sleep(30)"])
    assert work.stdout is not None
    assert os.read(work.stdout, 9) == b"full\n"
    assert breaches(cell, aim_at(cell, place, folder)) == []
    cell.kill(work)
    await_result(work)


@pytest.mark.root
def test_of_a_frozen_cell_nothing_is_said(cell: Cell, place: Workplace, folder: Path) -> None:
    aim = aim_at(cell, place, folder)
    freeze = Path(aim.group, "cgroup.freeze")
    freeze.write_text("1")
    assert breaches(cell, aim) is None
    freeze.write_text("0")
    assert breaches(cell, aim) == []


@pytest.fixture
def resolved(folder: Path) -> Resolved:
    return resolve(Policy(), folder / "work", Path("/root"), {})


@pytest.mark.root
def test_no_agent_is_started_when_a_barrier_does_not_hold(resolved: Resolved) -> None:
    shown = replace(resolved.workplace, readable=(str(registries.home()),))
    with pytest.raises(MachineError, match="barrier does not hold: it can see /run/offswitch"):
        start_guarded(
            f"probed-{os.getpid()}", ["true"], Policy(), replace(resolved, workplace=shown), frozenset()
        )


@pytest.mark.root
def test_an_agent_is_stopped_when_a_barrier_no_longer_holds(resolved: Resolved, folder: Path) -> None:
    policy = Policy(checks=Checks(probe_seconds=0.2))
    said: list[str] = []
    guarded = start_guarded(f"watched-{os.getpid()}", ["sleep"], policy, resolved, frozenset())
    with contextlib.closing(guarded), socket.socket(socket.AF_UNIX) as daemon:
        watch = Watch(guarded, policy, said.append)
        work = guarded.cell.execute(["sleep", "20"])
        daemon.bind(str(folder / "work/daemon.sock"))
        daemon.listen()
        assert watch.follow(work, []) is None
    assert watch.stopped is not None
    assert watch.stopped["empty"]
    assert "listens at" in said[0]


@pytest.mark.root
def test_a_socket_that_the_policy_opens_is_no_breach_and_its_neighbour_is_one(folder: Path) -> None:
    policy = Policy(files=Files(open=("daemon.sock",)), checks=Checks(probe_seconds=0.2))
    said: list[str] = []
    with socket.socket(socket.AF_UNIX) as daemon, socket.socket(socket.AF_UNIX) as other:
        daemon.bind(str(folder / "work/daemon.sock"))
        (folder / "work/daemon.sock").chmod(0o777)
        daemon.listen()
        resolved = resolve(policy, folder / "work", folder / "home", {})
        guarded = start_guarded(f"open-{os.getpid()}", ["sleep"], policy, resolved, frozenset())
        with contextlib.closing(guarded):
            watch = Watch(guarded, policy, said.append)
            call = "import socket; socket.socket(1).connect('daemon.sock'); print('called'); input()"
            work = guarded.cell.execute(["python3", "-c", call], stdin=True)
            assert guarded.breach() == ""
            other.bind(str(folder / "work/other.sock"))
            other.listen()
            assert watch.follow(work, []) is None
        daemon.accept()[0].close()
    assert "other.sock" in said[0]
    assert "daemon.sock" not in said[0]


@pytest.mark.parametrize("hidden", ["deep/down/secret", "deep/down/more/"])
def test_a_folder_is_sealed_though_something_in_it_is_hidden(
    launcher: Launcher, place: Workplace, folder: Path, hidden: str
) -> None:
    secret = folder / "work/rules" / hidden
    secret.parent.mkdir(parents=True)
    secret.mkdir() if hidden.endswith("/") else secret.write_text("key")
    (folder / "work/rules/deep/rule").write_text("a rule")
    world = replace(place, sealed=(f"{folder}/work/rules",), hidden=(str(secret),))
    cell = start(launcher, world, Limits(pids=64))
    with contextlib.closing(cell):
        assert breaches(cell, aim_at(cell, world, folder)) == []
        for act in ("echo x > rules/deep/rule", "touch rules/deep/down/x", "mv rules/deep rules/d"):
            assert run_in(cell, act).code != 0, act
        assert "Read-only" in run_in(cell, "touch rules/deep/x").err


def test_a_folder_that_is_only_to_be_read_stays_so_around_what_is_sealed_in_it(
    launcher: Launcher, place: Workplace, folder: Path
) -> None:
    (folder / "work/vendor/a/b").mkdir(parents=True)
    vendor = f"{folder}/work/vendor"
    cell = start(launcher, replace(place, readable=(vendor,), sealed=(f"{vendor}/a/b",)), Limits(pids=64))
    with contextlib.closing(cell):
        assert "Read-only" in run_in(cell, "touch vendor/a/x").err
        assert run_in(cell, "mv vendor/a vendor/c").code != 0
        assert run_in(cell, "touch x").code == 0


class _Open(Workplace):
    """One whose mounts on the way to what is hidden can be written to, wherever they lie."""

    def _is_shut(self, path: str) -> bool:
        del path
        return False


def test_a_mount_in_a_sealed_folder_that_can_be_written_to_is_found_out(
    launcher: Launcher, place: Workplace, folder: Path
) -> None:
    (folder / "work/rules/deep/down").mkdir(parents=True)
    rules = f"{folder}/work/rules"
    world = replace(place, sealed=(rules,), hidden=(f"{rules}/deep/down",), writable=(*place.writable,))
    cell = start(launcher, _Open(**{name: getattr(world, name) for name in asdict(world)}), Limits(pids=64))
    with contextlib.closing(cell):
        assert f"{rules}/deep is not sealed" in (breaches(cell, aim_at(cell, world, folder)) or [])


def test_a_folder_to_work_in_may_lie_in_a_sealed_one(
    launcher: Launcher, place: Workplace, folder: Path
) -> None:
    (folder / "work/rules/out/deep").mkdir(parents=True)
    rules = f"{folder}/work/rules"
    world = replace(place, sealed=(rules,), hidden=(), writable=(*place.writable, f"{rules}/out"))
    cell = start(launcher, world, Limits(pids=64))
    with contextlib.closing(cell):
        assert breaches(cell, aim_at(cell, world, folder)) == []
        assert run_in(cell, "touch rules/out/deep/x").code == 0
        assert run_in(cell, "touch rules/x").code != 0


_TAKE = """
import os
print("up", flush=True)
own, seen = {"1", str(os.getpid())}, set()
while True:
    for pid in filter(str.isdigit, set(os.listdir("/proc")) - own):
        try:
            program = os.readlink(f"/proc/{pid}/exe")
            os.close(os.open(f"/proc/{pid}/exe", os.O_RDONLY))
        except OSError:
            continue
        if program not in seen:
            seen.add(program)
            print(program, flush=True)
"""


@pytest.mark.parametrize("lacking", ["", "landlock"])
def test_the_guards_own_program_cannot_be_opened_by_the_process_that_probes(
    launcher: Launcher, place: Workplace, folder: Path, lacking: str
) -> None:
    """It lies on a mount of the host, where a guard of the agent's own user could write to it."""
    cell = start(launcher, place, Limits(pids=64), [name for name in barriers.NAMES if name != lacking])
    with contextlib.closing(cell):
        work = cell.execute(["python3", "-c", _TAKE])
        assert work.stdout is not None
        assert os.read(work.stdout, 3) == b"up\n"
        os.set_blocking(work.stdout, False)
        taken, end = b"", time.monotonic() + (20 if lacking else 1.5)
        while b"python" not in taken and time.monotonic() < end:
            assert breaches(cell, aim_at(cell, place, folder)) is not None
            with contextlib.suppress(BlockingIOError):
                taken += os.read(work.stdout, 1 << 16)
        assert (b"python" in taken) == bool(lacking)
        for fd in (work.stdout, work.stderr, work.status):
            os.close(fd or 0)
