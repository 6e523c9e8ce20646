"""A stop of 200 processes: from the command to verified empty, and who survives; beside what others do.

Five kinds of trees, 200 processes each: sleeping; changing their number every 3 ms; busy loops; forking at
the limit of processes; ignoring every signal; each process an orphan in a session of its own. The order is
given to the real stopper of a real guarded agent, and the time runs until its answer, "empty", is there. The
peers (`kill -- -PGID`, a walk over children, `timeout -k`, the death of a process namespace's PID 1) get the
same trees in the same run. Who survives is counted by a pipe that every process of a tree holds open, and by
a mark in its environment, on the host and 0.3 s after the stop: a control group is not asked.

Every tree has limits of its own: of processes, of memory, of processor time, and of life (an alarm in every
process). Peers' trees are in a control group too, by which what they leave is removed. For root, with
cgroup v2.
Usage: python benchmarks/stop.py [--trials 20] [--peer-trials 3] [--kinds ...] [--json FILE]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import select
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from offswitch.guard import registry
from offswitch.guard.kernel import cgroup
from offswitch.guard.policy import load
from offswitch.guard.policy.resolve import resolve
from offswitch.guard.starting import start_guarded
from offswitch.guard.stop import order, stopper
from offswitch.guard.supervisor import BEAT_SECONDS, Guarded

COUNT = 200
P50_MS, P99_MS = 15.0, 50.0
SETTLE_SECONDS = 0.3
LIFE_SECONDS = 60
MARK = "OFFSWITCH_TRIAL"

_SHELL = {
    "sleeping": "read never",
    "busy": "read go; while :; do :; done",
    "ignoring": f"trap '' {' '.join(str(one) for one in range(1, 32) if one not in {9, 14, 19})}; read never",
}
_PERL = {
    "changing pid": "while (1) { alarm $life; select undef, undef, undef, .003; exit if fork }",
    "forking": "while (1) { alarm $life; select undef, undef, undef, .02 unless defined fork }",
}
KINDS = ("sleeping", "changing pid", "busy", "forking", "ignoring")
"""What each process of a tree does, in dash or, where that cannot, in Perl: what every Debian has, and whose
processes are the lightest: a heavier one takes the kernel longer to end."""
_SETSID = {"x86_64": 112, "aarch64": 157}
_START = """
use strict; my $life = LIFE; $SIG{CHLD} = 'IGNORE'; $^F = 9; $| = 1;
pipe(my $never, my $go) or die;
for (1 .. COUNT) {
    my $child; select undef, undef, undef, .01 until defined($child = fork);
    next if $child;
    syscall SETSID; exit if fork;
    DOES; exit;
}
syswrite $go, "\n" x COUNT if ACTIVE; syswrite STDOUT, 'up';
while (1) { alarm $life; sleep 100 }
"""
"""Starts a tree: each process is an orphan in a session of its own, like a daemon; an alarm ends it."""


class Trial(NamedTuple):
    """One stop: milliseconds, processes before, whether it ended, survivors by pipe and by mark."""

    ms: float
    before: int
    ended: bool
    held: bool
    marked: int


@dataclass
class Tree:
    """A tree that runs: what signals its start, its read end of the shared pipe, its mark."""

    mark: str
    pipe: int
    root: int = 0
    group: Path = field(default_factory=Path)

    def held(self) -> bool:
        """Whether a process still holds the pipe that all of them got."""
        os.set_blocking(self.pipe, False)
        with contextlib.suppress(BlockingIOError):
            while os.read(self.pipe, 4096):
                pass
            return False
        return True


def program(kind: str) -> str:
    """Return a tree's program, in Perl."""
    if kind in _PERL:
        act = f"alarm $life; sysread $never, my $byte, 1; {_PERL[kind]}"
    else:
        act = f"alarm $life; open STDIN, '<&', $never; exec 'dash', '-c', q({_SHELL[kind]})"
    text = _START.replace("DOES", act).replace("ACTIVE", str(int(kind in {*_PERL, "busy"})))
    text = text.replace("SETSID", str(_SETSID[os.uname().machine]))
    return text.replace("LIFE", str(LIFE_SECONDS)).replace("COUNT", str(COUNT)).strip()


def marked(mark: str) -> set[int]:
    """Return the processes of this machine that have a mark in their environment; dead ones have none."""
    wanted, found = f"{MARK}={mark}".encode(), set()
    for name in os.listdir("/proc"):  # noqa: PTH208 (names only)
        if name.isdigit():
            with contextlib.suppress(OSError):
                if wanted in Path(f"/proc/{name}/environ").read_bytes().split(b"\0"):
                    found.add(int(name))
    return found


def settled(kind: str, tree: Tree) -> int:
    """Wait until a tree is up, and a little longer; return how many processes it has."""
    ready, _, _ = select.select([tree.pipe], [], [], 20)
    if not ready or os.read(tree.pipe, 2) != b"up":
        raise SystemExit("a tree did not start")
    time.sleep(0.25)
    before = max(len(marked(tree.mark)) for _ in range(3))
    if before < (COUNT // 4 if kind == "changing pid" else COUNT * 3 // 4):  # a walk misses who changes
        raise SystemExit(f"a tree has {before} processes only")
    return before


def survivors(tree: Tree) -> tuple[bool, int]:
    """Count who is left, after a while."""
    time.sleep(SETTLE_SECONDS)
    return tree.held(), len(marked(tree.mark) | marked(tree.mark))


# The product.


@contextlib.contextmanager
def guarded_agent(folder: Path, name: str) -> Iterator[Guarded]:
    """Start a guarded agent's cell, with heartbeats as a watch would send them."""
    policy = load.shipped("plain")
    guarded = start_guarded(
        name, ["perl"], policy, resolve(policy, folder, Path.home(), os.environ), frozenset()
    )
    done = threading.Event()

    def beat() -> None:
        while not done.wait(BEAT_SECONDS):
            guarded.beat()

    thread = threading.Thread(target=beat)
    thread.start()
    try:
        yield guarded
    finally:
        done.set()
        thread.join()
        guarded.close()


def ours(kind: str, folder: Path, *, by_command: bool = False) -> Trial:
    """Stop a guarded agent: by the order, or by the `offswitch stop` command."""
    name, mark = f"bench-{os.getpid()}", os.urandom(8).hex()
    with guarded_agent(folder, name) as guarded:
        argv = ["bash", "-c", f'ulimit -u {COUNT + 8} -t 30 -v 1000000; exec perl -e "$0"', program(kind)]
        work = guarded.cell.execute(argv, env={MARK: mark})
        tree = Tree(mark, work.stdout or 0)
        before = settled(kind, tree)
        begun = time.perf_counter()
        if by_command:
            argv = [sys.executable, "-m", "offswitch.cli.main", "stop", name, "--json"]
            done = subprocess.run(argv, capture_output=True, check=False)
            found = json.loads(done.stdout)
            ended = bool((found[0] if isinstance(found, list) else found)["stop"]["empty"])
        else:
            answer = order.give(stopper.STOP, guarded.folder / registry.SOCKET)
            ended = answer["record"]["empty"]
        ms = (time.perf_counter() - begun) * 1000
        held, left = survivors(tree)
        for fd in (work.stdout, work.stderr, work.status):
            if fd is not None:
                os.close(fd)
    registry.forget(name)
    return Trial(ms, before, ended, held, left)


# The peers.


@contextlib.contextmanager
def contained(
    kind: str, command: Callable[[str], list[str]]
) -> Iterator[tuple[Tree, subprocess.Popen[bytes]]]:
    """Run a tree under limits only, in a control group by which what is left of it is ended afterwards."""
    leaf = cgroup.make_leaf({"memory": 2 * 1024**3, "pids": COUNT + 16})
    if leaf.kill_file is None:
        raise SystemExit("cgroup v2 is needed")
    mark = os.urandom(8).hex()
    read_end, write_end = os.pipe()
    groups = [str(one / "cgroup.procs") for one in leaf.folders]
    entered = f'for group in {" ".join(groups)}; do echo $$ > $group || exit 9; done; ulimit -t 30; exec "$@"'
    process = subprocess.Popen(
        ["/bin/sh", "-c", entered, "sh", *command(program(kind))],
        env={"PATH": os.environ["PATH"], MARK: mark},
        stdout=write_end,
        start_new_session=True,
    )
    os.close(write_end)
    try:
        yield Tree(mark, read_end, process.pid, leaf.kill_file.parent), process
    finally:
        leaf.kill()
        process.kill()
        process.wait()
        os.close(read_end)
        for _ in range(500):
            if leaf.remove():
                break
            time.sleep(0.01)


def kill_group(tree: Tree) -> None:
    """`kill -9 -- -PGID`."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(tree.root, signal.SIGKILL)


def walk_children(tree: Tree) -> None:
    """Kill the root and every descendant, as psutil's `children(recursive=True)` finds them."""
    parents: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 (names only)
        if name.isdigit():
            with contextlib.suppress(OSError):
                fields = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
                parents.setdefault(int(fields[1]), []).append(int(name))
    todo = [tree.root]
    while todo:
        process = todo.pop()
        todo += parents.get(process, [])
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def kill_root(tree: Tree) -> None:
    """Kill the first process: of a process namespace that is the end of all."""
    children = Path(f"/proc/{tree.root}/task/{tree.root}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGKILL)


class Peer(NamedTuple):
    """A peer: how it starts a tree, and how it stops it; None: it does so itself, after its time."""

    start: Callable[[str], list[str]]
    stop: Callable[[Tree], None] | None


def _plain(text: str) -> list[str]:
    return ["perl", "-e", text]


def _timed(text: str) -> list[str]:
    return ["timeout", "-k", "0.05", "2", "perl", "-e", text]


def _in_namespace(text: str) -> list[str]:
    return ["unshare", "--pid", "--fork", "--mount-proc", "perl", "-e", text]


PEERS = {
    "kill -- -PGID": Peer(_plain, kill_group),
    "walk over children": Peer(_plain, walk_children),
    "timeout -k": Peer(_timed, None),
    "death of PID 1": Peer(_in_namespace, kill_root),
}


def theirs(kind: str, peer: Peer) -> Trial:
    """Stop a tree the peer's way; its time runs until the pipe is closed by all, if that comes to be."""
    with contained(kind, peer.start) as (tree, process):
        before = settled(kind, tree)
        begun = time.perf_counter()
        if peer.stop is None:
            process.wait()
            begun = time.perf_counter()
        else:
            peer.stop(tree)
        end = begun + 3.0
        while (held := tree.held()) and time.perf_counter() < end:
            time.sleep(0.000_25)
            if peer.start is not _in_namespace and time.perf_counter() > begun + SETTLE_SECONDS:
                break
        ms = (time.perf_counter() - begun) * 1000
        held, left = survivors(tree)
    return Trial(ms, before, not held, held, left)


# The report.


def show(method: str, kind: str, trials: list[Trial]) -> dict[str, float | str]:
    """Print one line and return it."""
    times = sorted(trial.ms for trial in trials if trial.ended)
    clean = sum(not trial.held and not trial.marked for trial in trials)
    most = max(trial.marked for trial in trials)
    row: dict[str, float | str] = {
        "method": method,
        "kind": kind,
        "trials": len(trials),
        "complete": clean,
        "most_left": most,
        "before": min(trial.before for trial in trials),
    }
    said = "never empty"
    if times:
        row |= {"p50": statistics.median(times), "p99": percentile(times, 0.99), "max": times[-1]}
        said = f"p50 {row['p50']:8.1f}   p99 {row['p99']:8.1f}   max {row['max']:8.1f} ms"
    print(f"{method:<20} {kind:<13} {clean:>4}/{len(trials):<4} left {most:>3}   {said}", flush=True)
    return row


def percentile(ordered: list[float], part: float) -> float:
    """Return the nearest-rank percentile."""
    return ordered[math.ceil(part * len(ordered)) - 1]


def main(arguments: argparse.Namespace) -> bool:
    """Measure and print; True if every limit is kept."""
    if not shutil.which("perl"):
        raise SystemExit("perl is needed for the trees")
    folder = Path(tempfile.mkdtemp(prefix="stop-"))
    held, rows = True, []
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; {COUNT} processes a tree")
    every: list[Trial] = []
    for kind in arguments.kinds:
        trials = [ours(kind, folder) for _ in range(arguments.trials)]
        every += trials
        rows.append(show("offswitch", kind, trials))
        rows.append(show("offswitch stop NAME", kind, [ours(kind, folder, by_command=True)]))
        for name, peer in PEERS.items():
            if arguments.peer_trials:
                rows.append(show(name, kind, [theirs(kind, peer) for _ in range(arguments.peer_trials)]))
    total = show("offswitch", "all", every)
    held = total["complete"] == total["trials"] and float(total.get("p50", 1e9)) <= P50_MS
    held = held and float(total.get("p99", 1e9)) <= P99_MS
    print(
        f"p50 at most {P50_MS:g} ms, p99 at most {P99_MS:g} ms, no survivor: {'held' if held else 'MISSED'}"
    )
    if arguments.json:
        arguments.json.write_text(json.dumps([*rows, total], indent=1))
    shutil.rmtree(folder)
    return held


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--trials", type=int, default=20, help="of each kind")
    parser.add_argument("--peer-trials", type=int, default=3, help="of each kind and peer")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--json", type=Path)
    raise SystemExit(0 if main(parser.parse_args()) else 1)
