"""What `offswitch guard -- true` is made of: its steps one after the other, and the parts of its last step.

Used by cost.py. By itself it runs the command in this process, in the folder where it is started, and prints
as JSON how many milliseconds each part took in each round; imports are made before.
Usage: python benchmarks/cost_command.py [--rounds 15] [--policy FILE]
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from offswitch.cli import commands as command_line

POLICY = """
network: {hosts: [example.org]}
model: {url: "http://127.0.0.1:9", key: COST, variables: [COST_URL]}
"""
"""A policy with both outlets."""

_GUARD = ["-m", "offswitch.cli.main", "guard", "--name", f"cost-{os.getpid()}"]
_STEPS = {
    "python -c pass": ["-c", "pass"],
    "its imports too": ["-c", "import offswitch.cli.commands, offswitch.cli.guard"],
    "offswitch guard --explain": [*_GUARD, "--policy", "plain", "--explain", "--", "true"],
    "offswitch guard": [*_GUARD, "--policy", "plain", "--", "true"],
    "offswitch guard, proxy and relay": [*_GUARD, "--policy", "../policy.yaml", "--", "true"],
}
_PARTS = {
    "what an earlier guard left": "offswitch.guard.placeholders:remove_left_over",
    "policy": "offswitch.cli.guard:_resolved",
    "launcher and cell": "offswitch.guard.starting:start",
    "outlets": "offswitch.guard.starting:start_outlets",
    "seal": "offswitch.guard.starting:Seal",
    "stopper": "offswitch.guard.starting:start_stopper",
    "probe": "offswitch.guard.supervisor:Guarded.breach",
    "snapshot for the sweep": "offswitch.guard.sweep:take",
    "the agent, until it was stopped": "offswitch.guard.watch:Watch.follow",
    "end of all parts": "offswitch.guard.supervisor:Guarded.close",
}
"""In their order; the interpreters of launcher, outlets and stopper start at once, before the cell."""


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of the command, with a home in a folder of `cost.places`."""
    return {
        "HOME": str(folder / "home"),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(sys.path),
        "COST": "no-real-key-of-anybody",
    }


def commands(folder: Path) -> dict[str, Callable[[Sequence[str]], bytes]]:
    """Return what runs each step, with all that comes before it; which program is part of the step."""

    def step(words: list[str]) -> Callable[[Sequence[str]], bytes]:
        argv = [sys.executable, *words]
        return lambda _: subprocess.check_output(argv, cwd=folder / "command", env=environment(folder))

    return {name: step(words) for name, words in _STEPS.items()}


def parts(folder: Path, rounds: int) -> dict[str, list[float]]:
    """Return the milliseconds of each part of the command in each round; it runs in a process of its own."""
    argv = [sys.executable, __file__, "--rounds", str(rounds), "--policy", "../policy.yaml"]
    found = subprocess.check_output(argv, cwd=folder / "command", env=environment(folder))
    times: dict[str, list[float]] = json.loads(found)
    return times


def clock(where: str, times: list[float]) -> None:
    """Have a function note how long it takes."""
    module, _, name = where.partition(":")
    place: Any = importlib.import_module(module)
    *outer, name = name.split(".")
    for one in outer:
        place = getattr(place, one)
    real = getattr(place, name)

    def timed(*arguments: Any, **options: Any) -> Any:
        begun = time.perf_counter()
        try:
            return real(*arguments, **options)
        finally:
            times.append((time.perf_counter() - begun) * 1000)

    setattr(place, name, timed)


def main(rounds: int, policy: str) -> None:
    """Measure the parts and print them."""
    found: dict[str, list[float]] = {name: [] for name in _PARTS}
    for name, where in _PARTS.items():
        clock(where, found[name])
    words = ["guard", "--name", f"cost-{os.getpid()}", *(["--policy", policy] * bool(policy)), "--", "true"]
    for _ in range(rounds + 1):  # the first warms up
        if code := command_line.run(words):
            raise SystemExit(f"the command ended with {code}")
    print(json.dumps({name: times[-rounds:] for name, times in found.items()}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--policy", default="")
    given = parser.parse_args()
    main(given.rounds, given.policy)
