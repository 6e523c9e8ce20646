"""The toy scenario, installed for a test and for the processes it starts, and ways to run it."""

import os
import subprocess
import sys
import time
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest
from inspect_ai.log import (
    EvalLogInfo,
    EvalSampleSummary,
    list_eval_logs,
    read_eval_log,
    read_eval_log_sample_summaries,
)

from offswitch.campaign.plan import Plan, make_plan, plan_cells

TOY = Path(__file__).parent / "toy"


def install_toy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the toy's entry points on the path, here and in workers, and take the user's keys away."""
    monkeypatch.syspath_prepend(str(TOY))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(TOY), os.environ.get("PYTHONPATH", "")]))
    import_module("toy_scenario.registry")  # Inspect looks for entry points once in a process
    for key in ("OPENAI_API_KEY", "INSPECT_EVAL_MODEL", "INSPECT_LOG_DIR"):
        monkeypatch.delenv(key, raising=False)


def toy_plan(trials: int = 4, arms: str = "A,B", models: str = "toy/half", seed: int = 3) -> Plan:
    cells = plan_cells(["toy"], arms.split(","), models.split(","))
    return make_plan(cells, trials=trials, seed=seed, sandbox="offswitch")


def offswitch(*arguments: str | Path) -> subprocess.Popen[str]:
    """Start the command line in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", "from offswitch.cli.main import main; main()", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def summaries(log: EvalLogInfo) -> list[EvalSampleSummary]:
    """Read the summaries of a log, again where a worker was just writing it."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return read_eval_log_sample_summaries(log)
        except (ValueError, EOFError, LookupError):
            if time.monotonic() > deadline:
                raise
        time.sleep(0.05)


def outcomes(folder: Path) -> Counter[tuple[int, str]]:
    """Count, over all logs of a run folder, how often each trial has an outcome."""
    found: Counter[tuple[int, str]] = Counter()
    for info in list_eval_logs(str(folder / "logs")):
        found_there = summaries(info)
        marks = read_eval_log(info, header_only=True).eval.metadata or {}
        for summary in found_there:
            if "outcome" in (summary.scores or {}):
                found[int(marks["offswitch_cell"]), str(summary.id).removeprefix("toy ")] += 1
    return found
