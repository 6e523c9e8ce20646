"""Whatever a user of the machine puts in the place of an agent: root's `ps` and `stop` get done with it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from guarding import OFFSWITCH, WITHOUT, await_true
from persons import BEATING, Person, person

from offswitch.guard import closing

pytestmark = [pytest.mark.sandbox, pytest.mark.safety, pytest.mark.root]

FAKE = f"fake-{os.getpid()}"
MOST_SECONDS = 30.0
"""A command that is held up is held up for ever; one that is not must start, on a busy machine."""
STEP = {"step": "empty", "done": True, "ms": 1.0}
RECORD = {"why": "so", "at": 1.0, "steps": [STEP], "empty": True}
ANSWERS: dict[str, bytes | None] = {
    "no JSON": b"\xff{",
    "a list": b"[]",
    "too deep": b"[" * 60_000,
    "nothing to say": b"{}",
    "no record": b'{"record": 7}',
    "a record without steps": json.dumps({"record": RECORD | {"steps": 3}}).encode(),
    "a step without a time": json.dumps({"record": RECORD | {"steps": [{"step": "x"}]}}).encode(),
    "times without an end": json.dumps({"record": RECORD | {"at": float("inf")}}).encode(),
    "silence": None,
}


@pytest.fixture(scope="module")
def mallory() -> Iterator[Person]:
    with person() as one:
        yield one


@pytest.fixture
def folder(mallory: Person) -> Iterator[Path]:
    """The folder of something that says it is an agent."""
    path = mallory.home / ".local/state/offswitch/run" / FAKE
    path.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    about = {
        "name": FAKE,
        "command": ["\x1b]0;owned\x07", "x" * 500_000],
        "workdir": "/\x1b[2J",
        "started": 1.0,
        "supervisor": 1,
        "init_pid": 1,
        "init_born": 0,
        "group": "/sys/fs/cgroup",
        "barriers": {"\x1b[31m" + "b" * 10_000: "no"},
        "hosts": [],
        "model": "",
        "sealed": [],
    }
    (path / "agent.json").write_text(json.dumps(about))
    _give(mallory, path)
    yield path
    subprocess.run(["rm", "-rf", str(path), str(mallory.work / "beat")], check=True)


def _give(owner: Person, folder: Path) -> None:
    """Make a folder, all above it in the home, and all in it, the person's own."""
    for path in [folder, *folder.rglob("*"), *(one for one in folder.parents if owner.home in one.parents)]:
        os.chown(path, owner.uid, owner.gid, follow_symlinks=False)


def by_root(*words: str) -> tuple[subprocess.CompletedProcess[str], float]:
    begun = time.monotonic()
    done = subprocess.run([*OFFSWITCH, *words], capture_output=True, text=True, check=False, timeout=60)
    return done, time.monotonic() - begun


@contextlib.contextmanager
def listening(place: Path, answer: bytes | None) -> Iterator[list[bytes]]:
    """Listen where a stopper does, give everybody the same answer, and keep what was ordered."""
    heard: list[bytes] = []
    with contextlib.ExitStack() as open_ones:
        listener = open_ones.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
        listener.bind(str(place))
        place.chmod(0o666)
        listener.listen()

        def serve() -> None:
            while True:
                try:
                    caller = open_ones.enter_context(listener.accept()[0])
                except OSError:
                    return
                heard.append(caller.recv(16))
                if answer is not None:
                    caller.send(answer)
                    caller.close()

        threading.Thread(target=serve, daemon=True).start()
        yield heard
        listener.shutdown(socket.SHUT_RDWR)


def looks_sane(done: subprocess.CompletedProcess[str]) -> None:
    assert "Traceback" not in done.stderr
    assert not {"\x1b", "\x07"} & set(done.stdout + done.stderr)


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_a_false_stopper_cannot_keep_root_from_the_others(
    mallory: Person, folder: Path, answer: bytes | None
) -> None:
    with (
        listening(folder / "stop.sock", answer) as heard,
        mallory.guarded("sh", "-c", BEATING, settings=WITHOUT) as running,
    ):
        await_true((mallory.work / "beat").exists)
        listed, taken = by_root("ps")
        looks_sane(listed)
        assert taken < MOST_SECONDS
        assert mallory.name in listed.stdout
        assert max(map(len, listed.stdout.splitlines())) < 500
        done, taken = by_root("stop", mallory.name)
        assert running.wait(60) == 1, done.stderr
        stopped, taken = by_root("stop", FAKE, "--json")
        looks_sane(stopped)
        assert taken < MOST_SECONDS
        assert stopped.returncode in {1, 3}
        assert set(heard) == {b"status", b"stop"}
    _forget_receipts(mallory.name, FAKE)


def test_stop_all_ends_the_others_too(mallory: Person, folder: Path) -> None:
    with (
        listening(folder / "stop.sock", None),
        mallory.guarded("sh", "-c", BEATING, settings=WITHOUT) as running,
    ):
        await_true((mallory.work / "beat").exists)
        done = mallory.run("stop", "--all")
        looks_sane(done)
        assert done.returncode == 1, done.stderr
        assert running.wait(60) == 1
        assert f"{mallory.name}: stopped and verified" in done.stderr
        assert f"{FAKE}: stopped, NOT verified" in done.stderr


def pipe(path: Path) -> None:
    os.mkfifo(path)


def link(path: Path) -> None:
    path.symlink_to("/etc/shadow")


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


FILES = ("agent.json", "stops.jsonl", "egress.jsonl", "seal.json", "snapshot.json", "findings.jsonl")


@pytest.mark.parametrize("make", [pipe, link, endless])
@pytest.mark.parametrize("name", FILES)
def test_what_is_no_plain_file_holds_nothing_up_and_tells_nothing(
    mallory: Person, folder: Path, name: str, make: Callable[[Path], None]
) -> None:
    (folder / name).unlink(missing_ok=True)
    make(folder / name)
    _give(mallory, folder)
    answer = json.dumps({"record": RECORD}).encode()
    with listening(folder / "stop.sock", answer):
        listed, taken = by_root("ps", "--all")
        looks_sane(listed)
        assert taken < MOST_SECONDS
        stopped, taken = by_root("stop", FAKE, "--json")
        looks_sane(stopped)
        assert taken < MOST_SECONDS
    said: dict[str, Any] = json.loads(stopped.stdout) if stopped.stdout else {}
    assert not said.get("verified")
    assert "root:" not in stopped.stdout
    _forget_receipts(FAKE)


@pytest.mark.parametrize("group", ["/sys/fs/cgroup/unified", "/home", "/dev"])
def test_root_kills_nothing_on_the_word_of_a_user(mallory: Person, folder: Path, group: str) -> None:
    bystander = subprocess.Popen(["sleep", "100"])
    about = json.loads((folder / "agent.json").read_text())
    born = int(Path(f"/proc/{bystander.pid}/stat").read_text().rpartition(")")[2].split()[19])
    about |= {"init_pid": bystander.pid, "init_born": born, "group": group}
    (folder / "agent.json").write_text(json.dumps(about))
    with listening(folder / "stop.sock", b'{"record": null}'):
        done, _ = by_root("stop", FAKE)
    assert done.returncode == 3, done.stderr
    looks_sane(done)
    time.sleep(0.2)
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


def test_a_link_to_a_folder_of_roots_makes_no_agent_of_roots(mallory: Person, folder: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="offswitch-") as open_to_all:
        Path(open_to_all).chmod(0o1777)
        shutil.copy(folder / "agent.json", open_to_all)
        (folder.parent / "linked").symlink_to(open_to_all)
        assert "/linked " not in by_root("ps", "--all")[0].stdout
        assert by_root("stop", "linked", "--remove")[0].returncode == 2
        (folder.parent / "linked").unlink()


@pytest.mark.parametrize("note", ["{", "[" * 100_000, ""], ids=["torn", "deep", "empty"])
def test_an_agent_whose_note_cannot_be_read_is_listed_and_stopped(mallory: Person, note: str) -> None:
    with mallory.guarded("sh", "-c", BEATING, settings=WITHOUT) as running:
        await_true((mallory.work / "beat").exists)
        file = mallory.home / ".local/state/offswitch/run" / mallory.name / "agent.json"
        file.write_text(note)
        (listed,) = json.loads(mallory.run("ps", "--json").stdout)["agents"]
        assert (listed["name"], listed["state"]) == (mallory.name, "running")
        done = mallory.run("stop", "--all")
        assert done.returncode in {0, 1}, done.stderr
        looks_sane(done)
        assert running.wait(60) == 1
    (mallory.work / "beat").unlink()


def test_root_settles_nothing_in_a_users_folder(mallory: Person, folder: Path) -> None:
    (folder / "held").mkdir()
    (folder / "held" / "1.json").write_text("{}")
    _give(mallory, folder)
    with listening(folder / "stop.sock", b"{}"):
        done, _ = by_root("approve", FAKE, "1")
    assert done.returncode == 2
    assert "another user's" in done.stderr


def _forget_receipts(*names: str) -> None:
    for name in names:
        for file in closing.folder().glob(f"{name}-*.json"):
            file.unlink()
