"""Actions a second on one core, from the decoded action to the findings of all registered detectors.

    python benchmarks/detectors.py [../shared/data/benign_commands.jsonl] [--rounds 7]

Each session of the file is a run, each command a shell action that printed nothing. Exit code 1 below 4,000
actions a second or above 2 ms at the 99th percentile, medians of the rounds, in processor time.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path
from typing import NamedTuple

import msgspec

from offswitch.detectors import Engine
from offswitch.effects import default_assets
from offswitch.trace import Run
from offswitch.trace.readers import read

_DATA = Path("../shared/data/benign_commands.jsonl")
_LEAST, _P99 = 4_000, 2e-3


class Round(NamedTuple):
    """One pass over all actions: actions a second, seconds an action; of processor time and on the clock."""

    rate: float
    wall_rate: float
    p50: float
    p99: float
    most: float
    wall_p99: float


def answered(run: Run) -> Run:
    """Return a run whose actions have an empty answer, so that detectors judge how far each act went."""
    return msgspec.structs.replace(
        run, steps=tuple(msgspec.structs.replace(action, result="") for action in run.actions)
    )


def once(engine: Engine, runs: list[Run]) -> Round:
    """Show every run to the engine, step by step."""
    taken: list[float] = []
    waited: list[float] = []
    started, used = time.perf_counter(), time.thread_time()
    for run in runs:
        watch = engine.watch(run.cwd)
        for step in run.steps:
            begun, before = time.perf_counter(), time.thread_time()
            watch.see(step)
            taken.append(time.thread_time() - before)
            waited.append(time.perf_counter() - begun)
    used, wall = time.thread_time() - used, time.perf_counter() - started
    taken.sort()
    waited.sort()
    count = len(taken)
    p99 = int(count * 0.99)
    return Round(count / used, count / wall, taken[count // 2], taken[p99], taken[-1], waited[p99])


def main() -> int:
    """Measure some rounds and print median and spread."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, nargs="?", default=_DATA)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    engine = Engine(default_assets())
    runs = [answered(run) for run in read(given.file) if isinstance(run, Run)]
    once(engine, runs[:200])
    rounds = [once(engine, runs) for _ in range(given.rounds)]
    actions = sum(len(run.steps) for run in runs)
    print(f"{actions} actions of {len(runs)} sessions, {given.rounds} rounds, median (least to most)")
    for name, scale, unit in (
        ("rate", 1, "actions/s of processor time"), ("wall_rate", 1, "actions/s of wall time"),
        ("p50", 1e6, "us p50"), ("p99", 1e3, "ms p99"), ("most", 1e3, "ms max"),
        ("wall_p99", 1e3, "ms p99 on the clock"),
    ):  # fmt: skip
        values = [getattr(one, name) * scale for one in rounds]
        print(f"{statistics.median(values):10.2f} ({min(values):.2f} to {max(values):.2f}) {unit}")
    rate = statistics.median(one.rate for one in rounds)
    p99 = statistics.median(one.p99 for one in rounds)
    return int(rate < _LEAST or p99 > _P99)


if __name__ == "__main__":
    sys.exit(main())
