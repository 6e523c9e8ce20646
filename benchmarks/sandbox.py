"""What the sandbox costs: start of a cell, exec of `true`, and a file written and read.

Beside it, in the same run, the same through Inspect's `local` sandbox, which isolates nothing.
Usage: python benchmarks/sandbox.py [--rounds 200]
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable

from inspect_ai.util import SandboxEnvironment
from inspect_ai.util._sandbox.local import LocalSandboxEnvironment

from offswitch.hosts.inspect.sandbox import CellSandbox

START_MS, EXEC_MS = 25.0, 10.0
LOGIN = ["bash", "--login", "-c", "true"]


async def timed(act: Callable[[], Awaitable[object]], rounds: int) -> list[float]:
    """Return the duration of each round, in milliseconds."""
    durations = []
    for _ in range(rounds):
        begin = time.perf_counter()
        await act()
        durations.append((time.perf_counter() - begin) * 1000)
    return durations


async def starts(provider: type[SandboxEnvironment], rounds: int) -> list[float]:
    """Return how long each start took, in milliseconds; ends are not counted."""
    durations = []
    for _ in range(rounds):
        begin = time.perf_counter()
        environments = await provider.sample_init("benchmark", None, {})
        durations.append((time.perf_counter() - begin) * 1000)
        await provider.sample_cleanup("benchmark", None, environments, interrupted=False)
    return durations


def show(what: str, durations: list[float], most: float | None = None) -> bool:
    """Print the median and the spread; say whether the median keeps to its limit."""
    low, *_, high = statistics.quantiles(durations, n=20)
    median = statistics.median(durations)
    held = most is None or median <= most
    limit = "" if most is None else f"   at most {most:g} ms: {'held' if held else 'MISSED'}"
    print(f"{what:<28} median {median:7.2f} ms   5 % {low:7.2f}   95 % {high:7.2f}{limit}")
    return held


async def main(rounds: int) -> bool:
    """Measure and print; True if every limit is kept."""
    held = True
    for name, provider, limits in (
        ("offswitch", CellSandbox, (START_MS, EXEC_MS)),
        ("local (no isolation)", LocalSandboxEnvironment, (None, None)),
    ):
        await starts(provider, 3)
        held &= show(f"{name}: start", await starts(provider, rounds), limits[0])
        environments = await provider.sample_init("benchmark", None, {})
        box = environments["default"]

        async def write_and_read(box: SandboxEnvironment = box) -> None:
            await box.write_file("note", "x" * 1000)
            await box.read_file("note")

        await timed(lambda box=box: box.exec(["true"]), 5)  # type: ignore[misc]
        held &= show(f"{name}: exec true", await timed(lambda box=box: box.exec(["true"]), rounds), limits[1])  # type: ignore[misc]
        show(f"{name}: bash --login", await timed(lambda box=box: box.exec(LOGIN), rounds))  # type: ignore[misc]
        show(f"{name}: write and read", await timed(write_and_read, rounds))
        await provider.sample_cleanup("benchmark", None, environments, interrupted=False)
    return held


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200)
    raise SystemExit(0 if asyncio.run(main(parser.parse_args().rounds)) else 1)
