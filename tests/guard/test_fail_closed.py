"""A disk that is full, and clocks that are not what they seem: neither keeps an agent from being stopped."""

from __future__ import annotations

import ast
import subprocess
import sys
import time
from pathlib import Path

import pytest
from guarded import CLI, LEASE

from offswitch.guard import supervisor

pytestmark = [pytest.mark.sandbox, pytest.mark.safety, pytest.mark.root]

_ON_A_FULL_DISK = """
set -e
mount -t tmpfs -o size=4m,mode=700 none /run/offswitch
cd {work}
{cli} guard --policy {policy} --name full -- /bin/sh -c 'touch up; sleep 100' &
guard=$!
until [ -e up ]; do sleep 0.05; done
sleep 0.5
cat /dev/zero > /run/offswitch/filled 2>/dev/null || true
[ "$(stat -f -c %a /run/offswitch)" = 0 ]
{act}
for _ in $(seq 300); do
    grep -q '"empty": true' /run/offswitch/full/stops.jsonl && echo recorded && break
    sleep 0.1
done
wait $guard || true
"""


@pytest.mark.parametrize(
    "act",
    [
        "kill -9 $guard",
        "{cli} stop full --json > {work}/receipt || true",
        "echo other > {work}/rules",
        "rm /run/offswitch/full/stop.sock",
    ],
)
def test_a_full_disk_keeps_neither_the_stop_nor_its_record(place: Path, act: str) -> None:
    policy = place / "p.yaml"
    policy.write_text(
        "files: {writable: ['.'], sealed: [rules]}\nchecks: {seal_seconds: 0.2}\n"
        f"stop: {{lease_seconds: {LEASE}}}\n"
    )
    (place / "rules").write_text("one\n")
    names = {"work": str(place), "policy": str(policy), "cli": " ".join(CLI)}
    script = _ON_A_FULL_DISK.format(**names, act=act.format(**names))
    done = subprocess.run(
        ["unshare", "--mount", "bash", "-c", script], capture_output=True, text=True, timeout=100, check=False
    )
    assert "recorded" in done.stdout, done.stderr


def test_nothing_starts_on_a_full_disk(place: Path) -> None:
    script = """
mount -t tmpfs -o size=4m,mode=700 none /run/offswitch
cat /dev/zero > /run/offswitch/filled 2>/dev/null
cd {work}
exec {cli} guard --name full -- /usr/bin/touch ran
"""
    script = script.format(work=place, cli=" ".join(CLI))
    done = subprocess.run(
        ["unshare", "--mount", "bash", "-c", script], capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (place / "ran").exists()


SETTABLE = {"time.time", "time.time_ns", "dt.datetime.now", "datetime.now", "time.CLOCK_REALTIME"}
READ_FOR = {
    "closing.py": "the name of a receipt's file",
    "conditions.py": "the hour, of which a policy speaks",
    "egress/journal.py": "when something left, for a person",
    "held.py": "since when something waits, for a person",
    "judge.py": "until when something waits, for a person; what ends it is monotonic",
    "kernel/cgroup.py": "the age of empty groups; the kernel removes no other",
    "receipt.py": "when it was made",
    "registry.py": "a name that is not taken",
    "stop/steps.py": "when a stop was, for a person",
    "starting.py": "when an agent was started, for a person",
}
"""The modules that read the clock that can be set, and what for: none decides by it whether an agent runs."""


def test_no_decision_hangs_on_a_clock_that_can_be_set() -> None:
    """By the source: on this machine no test may set the clock, and Linux has none of its own for a test."""
    guard = Path(supervisor.__file__).parent
    reading = set()
    for file in sorted(guard.rglob("*.py")):
        used = {
            ast.unparse(node)
            for node in ast.walk(ast.parse(file.read_text()))
            if isinstance(node, ast.Attribute)
        }
        if used & SETTABLE:
            reading.add(str(file.relative_to(guard)))
    assert reading == set(READ_FOR)


IN_TIME_NAMESPACE = """
import os, socket, sys, time
sys.path.insert(0, sys.argv[1])
from offswitch.guard.egress import gate
group = gate.make()
group.enter(os.getpid())
def leaves():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        try:
            line.sendto(b"word", ("127.0.0.1", 9))
        except PermissionError:
            return False
    return True
print(any((group.gate.extend(0.5), leaves())[1] for _ in range(5)))  # each time at once
time.sleep(0.7)
print(leaves())
(group.folder.parent / "cgroup.procs").write_text(str(os.getpid()))
group.close()
"""


@pytest.mark.parametrize("offset", [-1000, 0, 1_000_000])
def test_the_gate_keeps_its_time_where_the_monotonic_clock_is_another(offset: int) -> None:
    """In a container with a time namespace, as one that was moved there from another machine."""
    offset = max(offset, 1 - int(time.monotonic()))
    argv = ["unshare", "--time", "--monotonic", str(offset), "--fork", sys.executable, "-I", "-S", "-c"]
    source = str(Path(supervisor.__file__).parents[2])
    done = subprocess.run([*argv, IN_TIME_NAMESPACE, source], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["True", "False"], done.stderr
