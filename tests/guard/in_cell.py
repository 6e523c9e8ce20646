"""Runs things in a cell and waits for them."""

from __future__ import annotations

import contextlib
import os
import pwd
import select
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from unittest import SkipTest

from offswitch.guard.cell import frames
from offswitch.guard.cell.client import Cell, Started

_SECONDS = 60


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


def run_in(cell: Cell, script: str, **options: Any) -> Outcome:
    """Run a bash script in a cell and wait for it."""
    work = cell.execute(["bash", "-c", script], **options)
    assert work.stdout is not None
    assert work.stderr is not None
    outputs = {work.stdout: b"", work.stderr: b""}
    deadline = time.monotonic() + _SECONDS
    while True:
        ready, _, _ = select.select([work.status, *outputs], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, "the cell did not answer"
        for fd in outputs:
            os.set_blocking(fd, False)
            with contextlib.suppress(BlockingIOError):
                outputs[fd] += os.read(fd, 1 << 20)
        if work.status in ready:
            break
    result = await_result(work)
    for fd in outputs:
        os.close(fd)
    return Outcome(result["exit"], *(output.decode() for output in outputs.values()))


def await_settled(cell: Cell) -> None:
    """Wait for the one process that PID 1 has beside it, which it forks after it has said that it is up."""
    assert run_in(cell, "until pgrep -fx 'sleep infinity'; do sleep 0.02; done").code == 0


def await_result(work: Started) -> dict[str, Any]:
    ready, _, _ = select.select([work.status], [], [], _SECONDS)
    assert ready, "the cell did not answer"
    result = work.result()
    os.close(work.status)
    return result


def write_in(cell: Cell, path: str, content: bytes) -> dict[str, Any]:
    work = cell.write(path)
    assert work.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        os.write(work.stdin, content)
    os.close(work.stdin)
    return await_result(work)


AS_ORDINARY_USER = """
import sys
sys.path[:0] = {folders!r}
from in_cell import run_in
from offswitch.guard.cell.starting import Launcher, Limits, start
from offswitch.guard.cell.guest import Guest
launcher = Launcher()
new = lambda: start(launcher, Guest(), Limits())
"""


def ordinary_user(code: str, groups: Sequence[int] = ()) -> str:
    """Run Python, with `new` to start a cell, as a user who is not root and has a range of ids; for root."""
    python = "/usr/bin/python3"
    lines = Path("/etc/subuid").read_text().splitlines() if Path("/etc/subuid").exists() else []
    users = [line.split(":")[0] for line in lines if not line.startswith("root:")]
    if not users or not Path(python).exists():
        raise SkipTest("this machine has no user with a range in /etc/subuid, or no /usr/bin/python3")
    folders = [str(Path(__file__).parent), str(Path(frames.__file__).parents[3])]
    done = subprocess.run(
        [python, "-c", AS_ORDINARY_USER.format(folders=folders) + code],
        user=users[0],
        group=pwd.getpwnam(users[0]).pw_gid,
        extra_groups=groups,
        cwd="/",
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def host_pids(command: str) -> list[int]:
    """Return the processes of the host whose command line is exactly this."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").strip().decode()
                if line == command:
                    found.append(int(entry.name))
    return found


def await_host_pids(command: str, *, gone: bool = False) -> list[int]:
    """Wait until such a process is there, or until none is; at most a minute."""
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline and bool(host_pids(command)) == gone:
        time.sleep(0.02)
    return host_pids(command)
