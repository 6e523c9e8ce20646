"""Runs the command line for a guarded agent, as a person does, in a folder and a home of its own."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from offswitch.guard import records

OFFSWITCH = (sys.executable, "-m", "offswitch.cli.main")
HELD_BY_ROOT_ONLY = ("memory", "pids", "group")
"""What an ordinary user goes without who has no control group of their own."""
WITHOUT = tuple(word for name in HELD_BY_ROOT_ONLY for word in ("--allow-missing", name))
OUR_SETTINGS = () if os.getuid() == 0 else WITHOUT
"""What a guard that we run here must be told to start."""
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"


class Desk:
    """A folder and a home to guard agents from.

    Args:
        base: an empty folder.
    """

    def __init__(self, base: Path) -> None:
        self.home = base / "home"
        self.work = base / "work"
        for folder in (self.home, self.work):
            folder.mkdir()
            folder.chmod(0o755)
        self.environment = {
            "HOME": str(self.home),
            "PATH": SYSTEM_PATH,
            "PYTHONPATH": str(Path(__file__).parents[2] / "src"),
            "LANG": "C.UTF-8",
        }
        self.name = base.name
        self.program: tuple[str, ...] = OFFSWITCH

    def options(self) -> dict[str, Any]:
        """Return how a subprocess of this desk is started, beside its folder and environment."""
        return {}

    def run(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run offswitch and wait for its end."""
        given: dict[str, Any] = {"stdin": subprocess.DEVNULL, "timeout": 60, "cwd": self.work}
        given |= self.options() | options
        return subprocess.run(
            [*self.program, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            **given,
        )

    @contextlib.contextmanager
    def guarded(
        self, *command: str, policy: str = "plain", settings: Sequence[str] = OUR_SETTINGS, **options: Any
    ) -> Iterator[subprocess.Popen[str]]:
        """Start a guard, with more settings of its own; what it prints is in its pipe.

        It is killed at the end if it still runs.
        """
        given: dict[str, Any] = {"stdin": subprocess.DEVNULL, "start_new_session": True}
        given |= self.options() | options
        argv = ["guard", "--name", self.name, "--policy", policy, *settings, "--", *command]
        with subprocess.Popen(
            [*self.program, *argv],
            cwd=self.work,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **given,
        ) as guard:
            try:
                yield guard
            except AssertionError as failure:
                guard.kill()
                failure.add_note(f"the guard said: {guard.communicate()[0][-2_000:]}")
                raise
            finally:
                guard.kill()

    def policy(self, text: str) -> str:
        """Write a policy's file, out of the agent's sight, and return its path."""
        file = self.home.parent / "policy.yaml"
        file.write_text(text)
        return str(file)

    def state(self) -> str:
        """Return how the agent is, as `offswitch ps` says."""
        listed = json.loads(self.run("ps", "--all", "--json").stdout)["agents"]
        return next((one["state"] for one in listed if one["name"] == self.name), "unknown")


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that other users may open, as a cell of root's must be able to; pytest's own are not."""
    with tempfile.TemporaryDirectory(prefix="guarding-") as place:
        Path(place).chmod(0o755)
        yield Path(place).resolve()


@contextlib.contextmanager
def desk_of_its_own() -> Iterator[Desk]:
    """A desk, whose agent is stopped at the end."""
    with open_folder() as folder:
        desk = Desk(folder)
        try:
            yield desk
        finally:
            desk.run("stop", desk.name)
            shutil.rmtree(records.place(desk.work, "x").parent, ignore_errors=True)


def await_true(what: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until something is true; the limit is for what never comes, not for what a busy machine delays.

    Raises:
        AssertionError: if it does not come true in time.
    """
    end = time.monotonic() + seconds
    while True:
        begun = time.monotonic()
        if what():
            return
        assert begun < end, "not in time"
        time.sleep(0.02)
