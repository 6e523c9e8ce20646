"""Runs `offswitch guard` as a person does, with an agent that notes every few milliseconds that it runs."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from offswitch.guard import registry
from offswitch.guard.registry import Agent
from offswitch.guard.stop import steps

STAMPER = """
import os, time
out = os.open("stamps", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
while True:
    os.write(out, b"%.4f\\n" % time.monotonic())
    time.sleep(0.004)
"""
LEASE = 2.0
POLICY = """
files: {{writable: ["."]}}
{stop}
network: {{hosts: ["example.org"]}}
model: {{url: "http://127.0.0.1:{port}", key: TEST_KEY, variables: [TEST_URL]}}
"""
CLI = [sys.executable, "-m", "offswitch.cli.main"]
_SECONDS = 60.0
"""For what never comes: a busy machine may delay each of several processes."""
_numbers = count()


@dataclass
class Running:
    """An agent under guard: the guard's process, the agent as the registry knows it, its work folder."""

    guard: subprocess.Popen[bytes]
    agent: Agent
    work: Path

    def last_stamp(self) -> float:
        """When the agent ran last, in seconds of the monotonic clock."""
        lines = (self.work / "stamps").read_bytes().splitlines()
        return float(lines[-2])  # the last may be half written

    def part(self, name: str) -> int:
        """Return the process of a part of the guard: a module's name, or "supervisor" or "keeper"."""
        if name == "supervisor":
            return self.guard.pid
        if name == "keeper":
            (keeper,) = children(self.part("launcher"))
            return keeper
        (found,) = [one for one in children(self.guard.pid) if f".{name} import" in command_of(one)]
        return found

    def record(self) -> dict[str, Any] | None:
        """Return the record of its stop, which is written a moment after its end."""
        end = time.monotonic() + _SECONDS
        while (found := steps.last_record(self.agent.journal)) is None and time.monotonic() < end:
            time.sleep(0.01)
        return found

    def runs(self) -> bool:
        """Whether it notes again that it runs, however late a busy machine lets it."""
        return self._notes_within(_SECONDS / 3)

    def rests(self) -> bool:
        """Whether it notes nothing for a second from now."""
        return not self._notes_within(1.0)

    def _notes_within(self, seconds: float) -> bool:
        now = time.monotonic()
        while time.monotonic() - now < seconds:
            if self.last_stamp() > now:
                return True
            time.sleep(0.01)
        return False

    def await_end(self, seconds: float = _SECONDS) -> None:
        """Wait until nothing of the cell is left; when it ran last is in its stamps."""
        end = time.monotonic() + seconds
        while True:
            begun = time.monotonic()
            if not registry.remains(self.agent):
                return
            assert begun < end, "the cell has not ended"
            time.sleep(0.005)


def children(process: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def command_of(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:  # it has ended
        return ""


@contextlib.contextmanager
def guarding(
    work: Path,
    without: str = "stop",
    program: str = STAMPER,
    stop: str = "",
    port: int = 9,
    **options: Any,
) -> Iterator[Running]:
    """Start a guarded agent and wait until it runs; end whatever is left of it afterwards.

    Args:
        work: its folder.
        without: what becomes of it without its supervisor.
        program: in Python; it adds lines to "stamps".
        stop: the policy's section of that name, if not of the lease above.
        port: where its model's provider listens, on loopback.
        options: for Popen.
    """
    work.mkdir(exist_ok=True)
    policy = work.with_suffix(".yaml")
    stop = stop or f"stop: {{lease_seconds: {LEASE}, without_supervisor: {without}}}"
    policy.write_text(POLICY.format(stop=stop, port=port))
    name = f"test-{os.getpid()}-{next(_numbers)}"
    argv = [
        *CLI,
        "guard",
        "--policy",
        str(policy),
        "--name",
        name,
        "--",
        "/usr/bin/python3",
        "-I",
        "-S",
        "-c",
        program,
    ]
    options.setdefault("env", os.environ | {"TEST_KEY": "k"})
    guard = subprocess.Popen(argv, cwd=work, stdin=subprocess.DEVNULL, **options)
    agent = None
    try:
        end = time.monotonic() + _SECONDS
        while not (work / "stamps").exists() or len((work / "stamps").read_bytes().splitlines()) < 3:
            assert guard.poll() is None, "the guard has ended"
            assert time.monotonic() < end, "the agent does not run"
            time.sleep(0.01)
        agent = registry.find(name)
        yield Running(guard, agent, work)
    finally:
        parts = children(guard.pid) if guard.poll() is None else []
        for process in [guard.pid, *parts]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        guard.wait()
        if agent is not None and agent.group:
            with contextlib.suppress(OSError):
                Path(agent.group, "cgroup.kill").write_text("1")
        registry.forget(name)
