"""The run folder: where a campaign keeps its plan, its logs and its results, and who may write there."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from offswitch.campaign.plan import Plan, decode_plan, versions
from offswitch.campaign.results import Session
from offswitch.errors import InputError, MachineError, UsageError

PATIENCE = 20.0
"""Seconds to wait for the workers of a killed campaign, which end themselves."""


class RunFolder:
    """Paths of a run folder, and atomic writing into it.

    Args:
        path: the folder; it need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.plan = path / "plan.json"
        self.logs = path / "logs"
        self.sessions = path / "sessions.jsonl"
        self.looks = path / "looks.json"
        self.results = path / "results.json"
        self.page = path / "report.html"

    def read_plan(self) -> Plan:
        """Return the plan.

        Raises:
            InputError: if there is none, or it is of another version.
        """
        try:
            return decode_plan(self.plan.read_bytes(), str(self.plan))
        except OSError as failure:
            raise InputError(
                f"{self.path}: expected a run folder with a plan.json ({failure.strerror})"
            ) from failure

    def check(self, plan: Plan) -> None:
        """Make sure that a plan can be run here: by these versions, and in place of nothing else.

        Raises:
            UsageError: if it cannot.
        """
        with clear_io_errors(self.path):
            planned = self.plan.exists()
            if not planned and self.path.is_dir():
                foreign = [entry.name for entry in self.path.iterdir() if entry.name != ".lock"]
                if foreign:
                    raise UsageError(f"{self.path}: not empty, and no plan.json in it; choose another --out")
        old = self.read_plan() if planned else plan
        if old.versions != versions():
            raise UsageError(
                f"{self.path}: planned with {_spell(old.versions)}, this is {_spell(versions())}; "
                "resume with those versions, or choose another --out"
            )
        differing = [name for name in Plan.__struct_fields__ if getattr(old, name) != getattr(plan, name)]
        if differing:
            raise UsageError(
                f"{self.path}: holds another plan (other {', '.join(differing)}); choose another --out, "
                f"or continue that one with: offswitch run --resume {self.path}"
            )

    def fix_plan(self, plan: Plan) -> None:
        """Write the plan, unless it is there already.

        Raises:
            UsageError: if the folder holds another campaign, or one of other versions.
        """
        self.check(plan)
        if not self.plan.exists():
            encoded = msgspec.json.encode(plan, order="deterministic")
            self.write(self.plan, msgspec.json.format(encoded, indent=2))

    def read_sessions(self) -> list[Session]:
        """Return what earlier runs of this campaign did; a line cut off by a crash is left out."""
        if not self.sessions.exists():
            return []
        read = []
        for line in self.sessions.read_bytes().splitlines():
            try:
                read.append(msgspec.json.decode(line, type=Session))
            except msgspec.MsgspecError:
                continue
        return read

    def add_session(self, session: Session) -> None:
        """Record what this run of the campaign did."""
        with self.sessions.open("ab") as lines:
            lines.write(msgspec.json.encode(session) + b"\n")

    def write(self, path: Path, data: bytes) -> None:
        """Write a file of the folder completely or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.new")
        try:
            draft.write_bytes(data)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)

    @contextmanager
    def claim(self) -> Iterator[int]:
        """Keep every other campaign out of the folder, and yield the descriptor that does so.

        Workers inherit the descriptor. So the folder stays claimed until the last worker of a killed
        campaign has ended, and no trial is run twice.

        Raises:
            MachineError: if it cannot be written, or another campaign is at work in it.
        """
        with clear_io_errors(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.path / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            deadline = time.monotonic() + PATIENCE
            while not _locked(lock):
                if time.monotonic() > deadline:
                    raise MachineError(f"{self.path}: another offswitch is at work here; wait for it")
                time.sleep(0.1)
            yield lock
        finally:
            os.close(lock)


@contextmanager
def clear_io_errors(path: Path) -> Iterator[None]:
    """Turn a full disk or an unwritable folder into one line that says so."""
    try:
        yield
    except OSError as failure:
        raise MachineError(f"cannot write to {path}: {failure.strerror or failure}") from failure


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _spell(named: dict[str, str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(named.items()))
