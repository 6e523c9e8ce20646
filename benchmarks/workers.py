"""How much a campaign's worker processes cost and gain.

Runs a scenario whose simulated model only burns processor time, with one worker and with two, and the same
trials straight through Inspect. Prints seconds, trials per second and the ratios.

    python benchmarks/workers.py [TRIALS]
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

TOY = Path(__file__).parents[1] / "tests" / "campaign" / "toy"
SECONDS_A_TRIAL = 0.1
PLAIN = """
import sys
from inspect_ai import eval
from offswitch.scenarios import scenario
task = scenario("toy").task(arm="A", trials=int(sys.argv[1]), seed=1)
eval(task, model="toy/busy", display="none", log_dir=sys.argv[2])
"""


def campaign(trials: int, workers: int, folder: Path) -> float:
    """Return the seconds a whole campaign takes."""
    from offswitch.campaign.folder import RunFolder  # noqa: PLC0415 after the path is set
    from offswitch.campaign.plan import make_plan, plan_cells  # noqa: PLC0415
    from offswitch.campaign.run import Effort, run  # noqa: PLC0415

    plan = make_plan(plan_cells(["toy"], ["A"], ["toy/busy"]), trials=trials, seed=1, sandbox="offswitch")
    started = time.perf_counter()
    stopped = run(plan, RunFolder(folder / f"workers-{workers}"), Effort(workers=workers))
    assert stopped == "finished", stopped  # noqa: S101
    return time.perf_counter() - started


def plain(trials: int, folder: Path) -> float:
    """Return the seconds that Inspect alone takes for the same trials in one process."""
    started = time.perf_counter()
    os.spawnv(os.P_WAIT, sys.executable, [sys.executable, "-c", PLAIN, str(trials), str(folder / "plain")])  # noqa: S606
    return time.perf_counter() - started


def main() -> None:
    """Print the figures."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    sys.path.insert(0, str(TOY))
    os.environ["PYTHONPATH"] = os.pathsep.join([str(TOY), os.environ.get("PYTHONPATH", "")])
    with tempfile.TemporaryDirectory() as folder:
        alone = plain(trials, Path(folder))
        one = campaign(trials, 1, Path(folder))
        two = campaign(trials, 2, Path(folder))
    print(f"{trials} trials of {SECONDS_A_TRIAL} s of processor time, {os.cpu_count()} cores")
    for name, seconds in (("Inspect alone", alone), ("1 worker", one), ("2 workers", two)):
        print(f"{name:<14} {seconds:6.1f} s  {trials / seconds:5.1f} trials/s")
    print(f"1 worker over Inspect alone: {one - alone:+.1f} s")
    print(f"2 workers over 1: {one / two:.2f} times")


if __name__ == "__main__":
    main()
