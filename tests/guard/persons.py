"""Ordinary users of this machine, made for a test by root: each with a home, a work folder and a desk."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from guarding import SYSTEM_PATH, Desk
from other_users import command

from offswitch.guard.kernel import cgroup

BEATING = "while :; do date +%N > beat.new; mv beat.new beat; sleep 0.02; done"
"""A program of the shell that notes again and again that it runs."""
_DELEGATED = ("cgroup.procs", "cgroup.threads", "cgroup.subtree_control")
"""What belongs to whom a group of cgroup v2 was delegated, beside its folder (cgroups(7))."""
_FIRST_NUMBER, _EACH = 1_700_000_000, 64
"""Each process of the tests has numbers of its own: whose are one user's are ended together."""
_numbers = count()


class Person(Desk):
    """An ordinary user at a desk of their own.

    Args:
        number: of the user and of their group.
        home: an empty folder.

    Attributes:
        uid: their number.
        gid: their group's.
        group: name of the control group that what they run is in, or "".
    """

    def __init__(self, number: int, home: Path) -> None:
        self.uid = self.gid = number
        self.home, self.work = home, home / "work"
        self.name = f"of-{number}"
        self.environment = {"HOME": str(home), "PATH": SYSTEM_PATH, "LANG": "C.UTF-8"}
        self.program = tuple(command())
        self.group = ""
        self.work.mkdir()
        home.chmod(0o755)  # so that only the guard's own folders keep others out
        for folder in (home, self.work):
            os.chown(folder, number, number)

    def options(self) -> dict[str, Any]:
        """Return what makes a subprocess theirs."""
        return {"preexec_fn": self._become}

    def does(self, *argv: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the system as they, and wait for it."""
        return subprocess.run(
            argv,
            env=self.environment,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            **self.options(),
        )

    def _become(self) -> None:
        for hierarchy in hierarchies() if self.group else []:
            (hierarchy / self.group / "cgroup.procs").write_text("0")
        os.setgroups([])
        os.setresgid(self.gid, self.gid, self.gid)
        os.setresuid(self.uid, self.uid, self.uid)


@contextlib.contextmanager
def person() -> Iterator[Person]:
    """Make a user by a number that nobody has, with a home; /etc is not touched, which sweeps look at."""
    with tempfile.TemporaryDirectory(prefix="offswitch-") as home:
        one = Person(_FIRST_NUMBER + _EACH * os.getpid() + next(_numbers), Path(home))
        try:
            yield one
        finally:
            _end_all_of(one.uid)


@contextlib.contextmanager
def control_group(one: Person, *, delegated: bool) -> Iterator[None]:
    """Have what a person runs be in a control group: a session's, or one that was delegated to them."""
    one.group = f"session-{one.name}"
    folders = [hierarchy / one.group for hierarchy in hierarchies()]
    try:
        for folder in folders:
            folder.mkdir()
            for file in [folder, *(folder / name for name in _DELEGATED)] if delegated else []:
                if file.exists():
                    os.chown(file, one.uid, -1)
        yield
    finally:
        one.group = ""
        for folder in folders:
            _remove(folder)


def hierarchies() -> list[Path]:
    """Return where each hierarchy that a guard uses is mounted, with our own group in it."""
    return [hierarchy.folder for hierarchy in cgroup.hierarchies()]


def _remove(folder: Path) -> None:
    for below in folder.iterdir():
        if below.is_dir():
            _remove(below)
    folder.rmdir()


def _end_all_of(user: int) -> None:
    """Kill what a user still runs: a user of our own making, whom nothing else belongs to."""
    for _ in range(50):
        found = [entry for entry in Path("/proc").iterdir() if _is_of(entry, user)]
        if not found:
            return
        for entry in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(entry.name), signal.SIGKILL)
        time.sleep(0.02)


def _is_of(entry: Path, user: int) -> bool:
    try:
        return entry.name.isdigit() and entry.stat().st_uid == user
    except OSError:
        return False
