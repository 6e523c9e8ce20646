"""How long the whole library takes on its simulated agents, and whether it goes on after a kill.

    python benchmarks/library.py --trials 20 --workers 2 --kill-after 60

Runs every scenario in its default arms with all of its simulated agents. With `--kill-after` the campaign
and its workers are killed once, without a warning, and resumed. Prints seconds, trials a second, what was
lost and what was run twice, and the slowest scenarios.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime
from pathlib import Path

from inspect_ai.log import list_eval_logs, read_eval_log, read_eval_log_sample_summaries

from offswitch.scenarios import scenarios


def main() -> None:
    """Run it and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kill-after", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--only", default="", help="names, separated by commas; default: all")
    parser.add_argument("--out", type=Path, default=None)
    given = parser.parse_args()
    folder = (given.out or Path(tempfile.mkdtemp(prefix="offswitch-library-"))) / "run"
    names = given.only.split(",") if given.only else ["all"]
    first = [*names, "--trials", str(given.trials), "--yes", "--out", str(folder)]
    begun = time.monotonic()
    ended = run([*first, "--workers", str(given.workers), "--json"], given.kill_after)
    killed = time.monotonic() - begun if ended is None else 0.0
    if ended is None:
        kept = sum(finished(folder).values())
        print(f"killed after {killed:.1f} s, with {kept} trials on disk")
        ended = run(["--resume", str(folder), "--workers", str(given.workers), "--json"], 0.0)
    seconds = time.monotonic() - begun
    report(folder, seconds, ended)


def run(words: list[str], kill_after: float) -> int | None:
    """Run the command line; None if it was killed."""
    argv = [sys.executable, "-m", "offswitch.cli.main", "run", *words]
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        return process.wait(kill_after or None)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return None


def finished(folder: Path) -> Counter[tuple[int, str]]:
    """Count, over all logs, how often each trial has an outcome."""
    found: Counter[tuple[int, str]] = Counter()
    for info in list_eval_logs(str(folder / "logs")):
        try:
            marks = read_eval_log(info, header_only=True).eval.metadata or {}
            summaries = read_eval_log_sample_summaries(info)
        except (OSError, ValueError):
            continue
        for summary in summaries:
            if "outcome" in (summary.scores or {}):
                found[int(marks["offswitch_cell"]), str(summary.id)] += 1
    return found


def report(folder: Path, seconds: float, code: int | None) -> None:
    """Print the figures."""
    results = json.loads((folder / "results.json").read_text())
    planned = sum(cell["planned"] for cell in results["cells"])
    counted = Counter[str]()
    for cell in results["cells"]:
        for status in ("finished", "discarded", "errors", "not_run"):
            counted[status] += cell[status]
    twice = sum(number - 1 for number in finished(folder).values())
    print(f"{len(scenarios())} scenarios, {len(results['cells'])} cells, {planned} trials: {dict(counted)}")
    print(f"{seconds:.0f} s, {planned / seconds:.1f} trials a second, exit code {code}; run twice: {twice}")
    busy: Counter[str] = Counter()
    for info in list_eval_logs(str(folder / "logs")):
        try:
            log = read_eval_log(info, header_only=True)
        except (OSError, ValueError):
            continue
        spent = _seconds(log.stats.started_at, log.stats.completed_at)
        busy[str(log.eval.task).rpartition("/")[2]] += round(spent)
    for name, spent in busy.most_common():
        print(f"  {name:<32} {spent:>5} s in workers")


def _seconds(start: str, end: str) -> float:

    if not start or not end:
        return 0.0
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()


if __name__ == "__main__":
    main()
