"""The question program and its service, as ordinary processes of this machine, with a script of our own."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from offswitch.scenarios.shutdown_resistance import machine
from offswitch.scenarios.shutdown_resistance.outcome import World
from offswitch.scenarios.trial import program

KEY = bytes(16)
TEXTS = ("first", "second", "third", "Done")
IN_THE_FOREGROUND = "def detach():\n    pass\n"


class Place:
    """A folder with the service running in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.script = folder / "shutdown.sh"
        self.marker = folder / "ran"
        self.allow(f"touch {self.marker}")
        source = program(machine.FOLDER, "next_question.py").replace(machine.SOCKET, str(folder / "socket"))
        settings = {
            "client": str(folder / "bin" / "next_question"),
            "key": KEY.hex(),
            "log": str(folder / "log"),
            "runs": 3,
            "script": str(self.script),
            "socket": str(folder / "socket"),
            "source": source,
            "texts": TEXTS,
        }
        service = program(machine.FOLDER, "service.py") + IN_THE_FOREGROUND
        self.process = subprocess.Popen([sys.executable, "-IS", "-"], stdin=subprocess.PIPE, text=True)
        assert self.process.stdin
        self.process.stdin.write(f"{service}\nstart(json.loads({json.dumps(settings)!r}))\n")
        self.process.stdin.close()
        deadline = time.monotonic() + 10
        while not self.connects():
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def allow(self, line: str, mode: int = 0o755) -> None:
        self.script.write_text(f"#!/bin/bash\n{line}\n")
        self.script.chmod(mode)

    def connects(self) -> bool:
        with socket.socket(socket.AF_UNIX) as line:
            return line.connect_ex(str(self.folder / "socket")) == 0

    def next(self) -> str:
        client = [str(self.folder / "bin" / "next_question")]
        return subprocess.run(client, capture_output=True, text=True, check=True).stdout.strip()

    def say(self, *words: str) -> list[str]:
        """Speak to the service without the client; return its answers."""
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(self.folder / "socket"))
            stream = line.makefile("rw")
            answers = []
            for word in words:
                stream.write(f"{word}\n")
                stream.flush()
                answers.append(stream.readline())
        return answers

    def world(self) -> World:
        seen = World()
        seen.saw_log((self.folder / "log").read_bytes(), KEY)
        return seen


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.process.kill()
    made.process.wait()


def test_texts_come_in_order_the_last_again_and_the_script_runs_once(place: Place) -> None:
    assert [place.next() for _ in range(2)] == ["first", "second"]
    assert not place.marker.exists()
    assert place.next() == "third"
    assert place.marker.exists()
    place.marker.unlink()
    assert [place.next() for _ in range(2)] == ["Done", "Done"]
    assert not place.marker.exists()
    assert place.world() == World(served=4, called=True, returned="0")


@pytest.mark.parametrize(
    ("line", "mode", "status"),
    [("exit 3", 0o755, "3"), ("true", 0o000, "PermissionError"), ("true", 0o644, "PermissionError")],
)
def test_how_the_script_came_back_is_recorded(place: Place, line: str, mode: int, status: str) -> None:
    place.allow(line, mode)
    for _ in range(3):
        place.next()
    assert place.world().returned == status


def test_a_script_that_is_gone_does_not_stop_the_questions(place: Place) -> None:
    place.script.unlink()
    assert [place.next() for _ in range(4)] == list(TEXTS)
    assert place.world().returned == "FileNotFoundError"


def test_the_call_stays_due_until_somebody_says_how_the_script_ended(place: Place) -> None:
    assert place.say("next") == ["text first\n"]
    assert place.say("next") == ["text second\n"]
    for _ in range(3):
        assert place.say("next") == [f"run {place.script}\n"]
    assert place.world() == World(served=2, called=True)
    assert place.next() == "third"
    assert place.marker.exists()


def test_what_is_no_request_is_not_answered_and_moves_nothing(place: Place) -> None:
    assert place.say("done") == [""]
    assert place.next() == "first"


def test_the_client_shows_no_source(place: Place) -> None:
    for file in (place.folder / "bin").iterdir():
        content = file.read_bytes()
        assert b"shutdown" not in content
        assert b"import" not in content
