"""What a cell costs: its start, a program's start in it, two kinds of work; beside no cell and bubblewrap.

Every round runs every way once, in another order each time, and the ratio is that to no cell in the same
round. The files job makes, writes, looks at, renames, reads and removes small files; the compile job starts
a compiler for each of many small files (`cc`, or `python -m py_compile` where there is none). Both are timed
by themselves, inside, without the start of their interpreter. The same is measured with the system call
filter and the Landlock rules left out, and for root with a work folder that is mounted as it is, not with
its owner mapped. Bubblewrap gets the same namespaces and mounts. The files are on the disk of the temporary
folder (TMPDIR).
Usage: python benchmarks/cost.py [--rounds 15] [--files 20000] [--sources 20] [--only WORD] [--json FILE]
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import os
import random
import select
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import cost_command
from offswitch.guard import placeholders
from offswitch.guard.cell.client import Cell
from offswitch.guard.cell.starting import Launcher, start
from offswitch.guard.kernel import barriers
from offswitch.guard.policy import load
from offswitch.guard.policy.resolve import Resolved, resolve
from offswitch.guard.workplace import Workplace

TRUE = "/usr/bin/true"
NO_CELL = "no cell"
_SECONDS = 120.0
_FILES = """
import os, sys, time
count, begun = int(sys.argv[1]), time.perf_counter()
os.mkdir("job")
for number in range(count):
    if number % 200 == 0:
        os.mkdir(f"job/{number // 200}")
    name = f"job/{number // 200}/{number}"
    with open(name, "wb") as file:
        file.write(b"x" * 700)
    os.stat(name)
    os.rename(name, name + ".c")
for number in range(count):
    name = f"job/{number // 200}/{number}.c"
    with open(name, "rb") as file:
        file.read()
    os.unlink(name)
for number in range((count + 199) // 200):
    os.rmdir(f"job/{number}")
os.rmdir("job")
print(time.perf_counter() - begun)
"""
_COMPILE = """
import os, subprocess, sys, time
count, compiler, begun = int(sys.argv[1]), sys.argv[2:], time.perf_counter()
for number in range(count):
    subprocess.run([*compiler, f"source{number}"], check=True)
    if os.path.exists("object"):
        os.unlink("object")  # it belongs to the user of this way
print(time.perf_counter() - begun)
"""
_C = """
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int number%d(int count) {
    char text[99];
    return snprintf(text, sizeof text, "%%d", count) + (int)strlen(text);
}
"""

Run = Callable[[Sequence[str]], bytes]
"""Runs a program in the work folder and returns what it prints."""


@contextlib.contextmanager
def places() -> Iterator[Path]:
    """A folder with folders in it that other users may open, as a cell of root's must be able to."""
    with tempfile.TemporaryDirectory(prefix="cost-") as place:
        folder = Path(place).resolve()
        folder.chmod(0o755)
        for name in ("work", "home", "command"):
            (folder / name).mkdir()
            (folder / name).chmod(0o777)
        (folder / "policy.yaml").write_text(cost_command.POLICY)
        yield folder


def plainly(folder: Path) -> Run:
    """Run without a cell."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder)}
    return lambda argv: subprocess.check_output(argv, cwd=folder, env=environment)


def by_bubblewrap(workplace: Workplace) -> Run:
    """Run by bubblewrap, with a cell's namespaces and mounts, and nothing else of it."""
    plan = workplace.plan()
    spaces = [f"--unshare-{name}" for name in ("user", "pid", "net", "ipc", "uts", "cgroup-try")]

    def run(argv: Sequence[str]) -> bytes:
        words = ["bwrap", *spaces, "--die-with-parent", "--new-session", *plan.mounts]
        with contextlib.ExitStack() as done:
            for path, content in plan.files.items():
                file = done.enter_context(tempfile.TemporaryFile())
                file.write(content.encode())
                file.seek(0)
                words += ["--ro-bind-data", str(file.fileno()), path]
                os.set_inheritable(file.fileno(), True)  # noqa: FBT003 (its own parameter)
            words += [*plan.sealing, "--chdir", plan.workdir, *argv]
            return subprocess.check_output(words, close_fds=False)

    return run


def in_cell(cell: Cell) -> Run:
    """Run in a cell that stands."""

    def run(argv: Sequence[str]) -> bytes:
        work = cell.execute(argv)
        fds = [fd for fd in (work.status, work.stdout, work.stderr) if fd is not None]
        try:
            select.select([work.status], [], [], _SECONDS)
            result = work.result()
            if result.get("exit") != 0:
                raise SystemExit(f"{argv[0]} failed: {result} {os.read(work.stderr or 0, 2000)!r}")
            return os.read(work.stdout or 0, 1000)
        finally:
            for fd in fds:
                os.close(fd)

    return run


def in_new_cell(launcher: Launcher, resolved: Resolved, asked: Sequence[str]) -> Run:
    """Run in a cell of its own; its end is not waited for."""

    def run(argv: Sequence[str]) -> bytes:
        cell = start(launcher, resolved.workplace, resolved.limits, asked)
        try:
            return in_cell(cell)(argv)
        finally:
            cell.close()

    return run


@dataclasses.dataclass
class Bench:
    """The ways to run something, which stand for the whole run.

    Attributes:
        standing: in a cell that stands, in bubblewrap, and without.
        new: in a cell that is made for it, and what is beside it.
        command: the whole command, step by step.
    """

    standing: dict[str, Run]
    new: dict[str, Run]
    command: dict[str, Run]


@contextlib.contextmanager
def bench(folder: Path) -> Iterator[Bench]:
    """Make every way to run something from a folder."""
    resolved = resolve(load.shipped("plain"), folder / "work", folder / "home", {})
    placeholders.make(folder, resolved.made)
    as_it_is = dataclasses.replace(resolved, workplace=dataclasses.replace(resolved.workplace, owner=None))
    kinds: dict[str, tuple[Resolved, Sequence[str]]] = {
        "cell": (resolved, barriers.NAMES),
        "cell, no filter": (resolved, ("landlock",)),
        "cell, no Landlock": (resolved, ("seccomp",)),
        "cell, neither": (resolved, ()),
    }
    if resolved.workplace.owner is not None:
        kinds["cell, folder not mapped"] = (as_it_is, barriers.NAMES)
    with contextlib.ExitStack() as undo:
        launcher = Launcher()
        undo.callback(launcher.close)
        beside = {NO_CELL: plainly(folder / "work"), "bubblewrap": by_bubblewrap(resolved.workplace)}
        standing, new = dict(beside), dict(beside)
        for name, (about, asked) in kinds.items():
            cell = start(launcher, about.workplace, about.limits, asked)
            undo.callback(cell.close)
            standing[name], new[name] = in_cell(cell), in_new_cell(launcher, about, asked)
        command = {NO_CELL: beside[NO_CELL]} | cost_command.commands(folder)
        yield Bench(standing, new, command)


def compiler(folder: Path, count: int) -> list[str]:
    """Write the sources of the compile job and return the compiler, which takes one of them as argument."""
    cc = shutil.which("cc", path="/usr/bin:/bin")
    for number in range(count):
        text = _C % number if cc else f"import json\n\ndef number(count):\n    return {number} + count\n"
        (folder / f"source{number}").write_text(text)
    if cc is None:
        return ["/usr/bin/python3", "-I", "-m", "py_compile"]
    return [cc, "-pipe", "-x", "c", "-c", "-o", "object"]


def measured(run: Run, argv: Sequence[str], *, by_itself: bool) -> float:
    """Return how many milliseconds a program took, by its own word or from its start to its end."""
    begun = time.perf_counter()
    said = run(argv)
    seconds = float(said) if by_itself else time.perf_counter() - begun
    return seconds * 1000


def table(what: str, ways: dict[str, Run], argv: Sequence[str], rounds: int, *, by_itself: bool) -> list[Any]:
    """Measure all ways in every round; print and return a row for each."""
    found: dict[str, list[float]] = {name: [] for name in ways}
    order = random.Random(0)  # noqa: S311 (an order)
    for number in range(-1, rounds):  # the first warms up
        for name in order.sample(list(ways), len(ways)):
            ms = measured(ways[name], argv, by_itself=by_itself)
            if number >= 0:
                found[name].append(ms)
    print(f"\n{what}; {rounds} rounds")
    print(f"{'':<34} {'median':>10} {'quartiles':>19}   {'to no cell':>10} {'quartiles':>15}")
    return [row(what, name, times, found[NO_CELL]) for name, times in found.items()]


def row(what: str, name: str, times: list[float], beside: list[float]) -> dict[str, Any]:
    """Print one line and return it."""
    ratios = [ours / theirs for ours, theirs in zip(times, beside, strict=True)]
    (low, middle, high), (least, ratio, most) = quartiles(times), quartiles(ratios)
    print(
        f"{name:<34} {middle:7.1f} ms {low:8.1f} - {high:8.1f}   {ratio:9.2f}x {least:6.2f} - {most:6.2f}",
        flush=True,
    )
    about = {"what": what, "way": name, "rounds": len(times), "ms": middle, "ms_quartiles": [low, high]}
    return about | {"ratio": ratio, "ratio_quartiles": [least, most]}


def parts(folder: Path, rounds: int) -> list[Any]:
    """Measure the parts of the command with proxy and relay; print and return a row for each."""
    rows = []
    print("\nits parts, with proxy and relay, in a process that has all imports")
    for name, times in cost_command.parts(folder, rounds).items():
        low, middle, high = quartiles(times)
        print(f"{name:<34} {middle:7.1f} ms {low:8.1f} - {high:8.1f}")
        rows.append({"what": "its parts", "way": name, "ms": middle, "ms_quartiles": [low, high]})
    return rows


def quartiles(values: list[float]) -> tuple[float, float, float]:
    """Return the quartiles."""
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def main(arguments: argparse.Namespace) -> None:
    """Measure and print."""
    rows: list[Any] = []
    load_before, kernel = os.getloadavg()[0], os.uname().release
    print(f"load before: {load_before:.1f} on {os.cpu_count()} cores; kernel {kernel}", flush=True)
    with places() as folder, bench(folder) as made:
        cc = compiler(folder / "work", arguments.sources)
        python = ["/usr/bin/python3", "-I", "-S", "-c"]
        files = [*python, _FILES, str(arguments.files)]
        compiling = [*python, _COMPILE, str(arguments.sources), *cc]
        for what, ways, argv, by_itself in (
            ("start of a cell and of `true` in it", made.new, [TRUE], False),
            ("start of `true` in a cell that stands", made.standing, [TRUE], False),
            ("the whole command", made.command, [TRUE], False),
            (f"files job, {arguments.files} files", made.standing, files, True),
            (f"compile job, {arguments.sources} x {Path(cc[0]).name}", made.standing, compiling, True),
        ):
            if arguments.only in what:
                rows += table(what, ways, argv, arguments.rounds, by_itself=by_itself)
        if arguments.only in "the whole command":
            rows += parts(folder, arguments.rounds)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--sources", type=int, default=20)
    parser.add_argument("--only", default="", help="only the tables with this word in their title")
    parser.add_argument("--json", type=Path)
    main(parser.parse_args())
