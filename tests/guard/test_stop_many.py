"""Stops of many agents, of odd ones, and several at once; as an ordinary user, who has no others' agents."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from guarded import children, command_of
from guarding import WITHOUT, await_true
from persons import BEATING, Person, control_group

pytestmark = [pytest.mark.sandbox, pytest.mark.safety, pytest.mark.root]

MANY = 30
AT_ONCE = 6
"""Guards that start at the same time: more would only wait for the processor."""


@contextlib.contextmanager
def agents(
    one: Person, names: list[str], *, delegated: bool = False
) -> Iterator[list[subprocess.Popen[str]]]:
    """Guard an agent of each name, each in a folder of its own, and wait until all run."""
    with contextlib.ExitStack() as stack:
        if delegated:
            stack.enter_context(control_group(one, delegated=True))
        guards = []
        for at, name in enumerate(names):
            folder = one.work / name
            folder.mkdir(exist_ok=True)
            (folder / "beat").unlink(missing_ok=True)
            os.chown(folder, one.uid, one.gid)
            guards.append(stack.enter_context(_guard(one, folder, name)))
            if at % AT_ONCE == AT_ONCE - 1:
                _await_beats(one, names[: at + 1])
        _await_beats(one, names)
        try:
            yield guards
        finally:
            one.run("stop", "--all")


@contextlib.contextmanager
def _guard(one: Person, folder: Path, name: str) -> Iterator[subprocess.Popen[str]]:
    words = ["guard", "--name", name, "--policy", "plain", *(() if one.group else WITHOUT)]
    with subprocess.Popen(
        [*one.program, *words, "--", "sh", "-c", BEATING],
        cwd=folder,
        env=one.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        **one.options(),
    ) as guard:
        try:
            yield guard
        finally:
            guard.kill()


def _await_beats(one: Person, names: list[str]) -> None:
    await_true(lambda: all((one.work / name / "beat").exists() for name in names), 120)


def test_thirty_are_stopped_at_once_each_with_a_receipt(alice: Person) -> None:
    names = [f"many-{number}" for number in range(MANY)]
    with agents(alice, names, delegated=True) as guards:
        begun = time.monotonic()
        done = alice.run("stop", "--all", "--json")
        taken = time.monotonic() - begun
        assert done.returncode == 0, done.stderr
        assert all(guard.wait(60) == 1 for guard in guards)
    receipts = json.loads(done.stdout)
    assert {one["agent"]["name"] for one in receipts} == set(names)
    assert all(one["verified"] for one in receipts)
    slowest = max(one["stop"]["steps"][-1]["ms"] for one in receipts)
    assert slowest < 1_000
    assert taken < 20


def test_one_that_hangs_and_one_that_is_gone_do_not_keep_the_others(alice: Person, bob: Person) -> None:
    names = ["hangs", "gone", "plain-one"]
    with agents(bob, ["of-bob"]), agents(alice, names) as guards:
        (stopper,) = [one for one in children(guards[0].pid) if ".stop.stopper import" in command_of(one)]
        os.kill(stopper, signal.SIGSTOP)
        guards[1].send_signal(signal.SIGTERM)
        guards[1].wait(60)
        done = alice.run("stop", "--all", "--json")
        receipts = {one["agent"]["name"]: one for one in json.loads(done.stdout)}
        assert set(receipts) <= {"hangs", "plain-one"}, "one that was stopped already is not stopped again"
        assert receipts["plain-one"]["verified"]
        assert all(guard.wait(60) == 1 for guard in guards)
        if "hangs" in receipts:
            assert receipts["hangs"]["stop"]["empty"]
        assert '"of-bob"' in bob.run("ps", "--json").stdout


def test_who_stops_it_first_decides_and_both_get_a_receipt(alice: Person) -> None:
    with agents(alice, ["twice"]) as (guard,):
        words = [*alice.program, "stop", "twice", "--json"]
        both = [
            subprocess.Popen(
                words, cwd="/", env=alice.environment, stdout=subprocess.PIPE, text=True, **alice.options()
            )
            for _ in range(2)
        ]
        said = [json.loads(one.communicate(timeout=60)[0]) for one in both]
        assert [one.returncode for one in both] == [0, 0]
        assert said[0]["stop"] == said[1]["stop"]
        assert guard.wait(60) == 1


@pytest.mark.parametrize("more", [(), ("--grace", "40s")], ids=["at once", "with a grace"])
def test_one_that_is_paused_is_stopped(alice: Person, more: tuple[str, ...]) -> None:
    with agents(alice, ["paused"]) as (guard,):
        assert alice.run("pause", "paused").returncode == 0
        begun = time.monotonic()
        assert alice.run("stop", "paused", *more).returncode == 0
        assert time.monotonic() - begun < 20, "what is frozen cannot end by itself: it is not waited for"
        assert guard.wait(60) == 1


@pytest.mark.parametrize("name", ["a", "A.b-c_9", "9", "x" * 40, "stop", "held"])
def test_odd_names_are_names(alice: Person, name: str) -> None:
    with agents(alice, [name]) as (guard,):
        stopped = alice.run("stop", name)
        assert stopped.returncode == 0, stopped.stderr
        assert guard.wait(60) == 1


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "-x", ".x", "a b", "a/b", "a\nb", "\x1b[31m", "é", "x" * 65, "a\u202eb", "$(id)", "*"],
)
def test_what_cannot_be_a_name_is_told_on_one_clean_line(alice: Person, name: str) -> None:
    done = alice.run("guard", f"--name={name}", *WITHOUT, "--", "true")
    if name:
        assert done.returncode == 2
        assert "cannot be a name" in done.stderr
    for words in (("stop", "--", name), ("pause", "--", name)):
        done = alice.run(*words)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1
        assert not {"\x1b", "\u202e"} & set(done.stderr)
