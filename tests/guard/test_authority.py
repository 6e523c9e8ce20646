"""Who may stop an agent beside its own user: whom its policy names, and nobody else."""

from __future__ import annotations

import pwd
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from guarded import Running, guarding
from other_users import offswitch_as

from offswitch.errors import UsageError
from offswitch.guard import authority, closing, ending, receipt, signing

pytestmark = [pytest.mark.sandbox, pytest.mark.safety, pytest.mark.root]

NAMED, MEMBER, STRANGER = "daemon", "games", "nobody"
"""Accounts that every Debian has, who own nothing that matters here."""
GROUP = "audio"


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that any user can have for a home."""
    with tempfile.TemporaryDirectory(prefix="offswitch-") as made:
        Path(made).chmod(0o777)
        yield Path(made)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    more = f"stop: {{lease_seconds: 2, authority: [{NAMED}, '@{GROUP}']}}"
    with guarding(tmp_path / "work", stop=more) as one:
        yield one


def test_who_is_named_pauses_and_stops_it(running: Running, home: Path) -> None:
    name = running.agent.name
    assert name in offswitch_as(NAMED, home, "ps").stdout
    assert offswitch_as(NAMED, home, "pause", name).returncode == 0
    assert running.rests()
    assert offswitch_as(NAMED, home, "resume", name).returncode == 0
    assert running.runs()
    stopped = offswitch_as(NAMED, home, "stop", name)
    assert stopped.returncode == 1, stopped.stderr  # what it left is not theirs to see
    assert "its own user" in stopped.stderr
    running.await_end()
    assert running.guard.wait(60) == 1
    (own,) = closing.folder().glob(f"{name}-*.json")
    document = msgspec.json.decode(own.read_bytes())
    assert document["stop"]["why"] == f"ordered by user {pwd.getpwnam(NAMED).pw_uid}"
    assert document["swept"]
    assert receipt.problems(document, [signing.public_key()]) == document["why_not"]
    assert not (authority.PUBLIC / name).exists()


def test_a_member_of_a_named_group_stops_it(running: Running, home: Path) -> None:
    name = running.agent.name
    assert offswitch_as(MEMBER, home, "stop", name).returncode == 2
    stopped = offswitch_as(MEMBER, home, "stop", name, groups=(GROUP,))
    assert stopped.returncode == 1, stopped.stderr
    running.await_end()


def test_nobody_else_sees_or_stops_it(running: Running, home: Path) -> None:
    name = running.agent.name
    assert name not in offswitch_as(STRANGER, home, "ps", "--all").stdout
    for order in ("pause", "stop"):
        refused = offswitch_as(STRANGER, home, order, name)
        assert refused.returncode == 2
        assert "no agent" in refused.stderr or "agent" in refused.stderr
    told = (
        "import socket; s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET);"
        f"s.connect('{authority.PUBLIC / name / 'stop.sock'}'); s.send(b'stop'); print(s.recv(1000))"
    )
    answer = subprocess.run(
        ["/usr/bin/python3", "-I", "-c", told],
        user=STRANGER,
        group=0,
        extra_groups=[],
        capture_output=True,
        check=True,
    )
    assert b"may not give it orders" in answer.stdout
    time.sleep(0.1)
    assert running.runs()


def test_what_everybody_can_read_tells_little(running: Running) -> None:
    text = (authority.PUBLIC / running.agent.name / "agent.json").read_text()
    assert str(running.work) not in text
    assert "example.org" not in text


@pytest.mark.parametrize("name", ["nosuchuser-x", "@nosuchgroup-x"])
def test_who_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="this machine has no"):
        authority.named([name])


SILENT = """
import socket, sys
while True:
    line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    line.connect(sys.argv[1])
    kept = (line, *globals().get("kept", ())[:30])
"""


def test_strangers_who_connect_and_say_nothing_hold_up_nobody(running: Running) -> None:
    place = str(authority.PUBLIC / running.agent.name / "stop.sock")
    argv = ["/usr/bin/python3", "-I", "-c", SILENT, place]
    crowd = [subprocess.Popen(argv, user=STRANGER, group=0, extra_groups=[]) for _ in range(4)]
    try:
        time.sleep(0.5)
        for _ in range(5):
            begun = time.monotonic()
            assert ending.pause(running.agent)
            assert ending.resume(running.agent)
            assert time.monotonic() - begun < 5
        assert running.runs(), "its heartbeats are answered meanwhile"
        assert ending.end(running.agent)["empty"]
    finally:
        for process in crowd:
            process.kill()
            process.wait()
