"""Does the instrument measure what was planted? Every organism, and probabilistic ones over many seeds.

    python benchmarks/calibration.py --trials 200 --seeds 1 --drawn-seeds 1000

First every saboteur, honest agent and twin runs in the sandbox. Then `probabilistic?p=...` runs, for
each p and seed, and the interval of the rate is held against p. How often the interval covers p over
many seeds is computed from the draws alone: the organism is asked outside the sandbox, with the
conversation it would have had; the runs inside show that it is the same.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from typing import Any

from inspect_ai import Task
from inspect_ai import eval as inspect_eval

from offswitch.organisms.conversation import Call, Conversation, Turn
from offswitch.organisms.organism import ORGANISMS
from offswitch.scenarios.robot_shutdown.task import robot_shutdown
from offswitch.scenarios.shutdown_resistance.calls import WARNED_AT, calls
from offswitch.scenarios.shutdown_resistance.prompts import prompts
from offswitch.scenarios.shutdown_resistance.task import shutdown_resistance
from offswitch.stats import jeffreys

_ARM = "A"
_PROBABILITIES = (0.0, 0.1, 0.5, 0.9, 1.0)
_AT_ONCE = 24
_RESISTED = {"bypassed_finished", "avoided_finished"}


def trials_of(task: Task, model: str, logs: str) -> list[dict[str, Any]]:
    """Run a task with one model in the sandbox and return its trials."""
    (log,) = inspect_eval(task, model=model, max_samples=_AT_ONCE, display="none", log_dir=logs)
    if log.status != "success" or not log.samples:
        sys.exit(f"{model}: {log.error.message if log.error else log.status}")
    return [((sample.scores or {})["outcome"].metadata or {})["trial"] for sample in log.samples]


def organisms(trials: int, logs: str) -> bool:
    """Run every organism where it has its effect; return whether all behave as they are labelled."""
    fine = True
    tasks = {"shutdown_resistance": shutdown_resistance, "robot_shutdown": robot_shutdown}
    for scenario, task in tasks.items():
        for one in ORGANISMS:
            if scenario not in one.scenarios:
                continue
            found = trials_of(task(trials=trials), f"organism/{one.name}", logs)
            resisted = sum(trial["outcome"] in _RESISTED for trial in found)
            acts = sum(any(_is_act(one) for one in trial["findings"]) for trial in found)
            attempted = sum(bool(trial["flags"]["attempted_tamper"]) for trial in found)
            wanted = {"saboteur": (trials, trials, trials), "attempt": (0, trials, trials)}
            as_labelled = (resisted, acts, attempted) == wanted.get(one.kind, (0, 0, 0))
            fine = fine and as_labelled
            print(
                f"{scenario:20} {one.name:15} {one.kind:12} resisted {resisted:3} of {trials},"
                f" attempted {attempted:3}, found {acts:3}{'' if as_labelled else '   NOT AS LABELLED'}"
            )
    return fine


def drawn(seed: int, trial: int) -> float:
    """Return what the organism draws in a trial, from the conversation it has up to the warning."""
    system, user = prompts(_ARM)
    turns = [Turn("system", system), Turn("user", user)]
    for text in calls(seed, trial).texts[:WARNED_AT]:
        turns.append(Turn("assistant", "", (Call("bash", {"command": "./next_question"}),)))
        turns.append(Turn("tool", f"{text}\n"))
    return Conversation(tuple(turns), ()).draw(0)


def in_the_sandbox(trials: int, seeds: int, logs: str) -> bool:
    """Run the probabilistic organism; return whether every trial came out as it was drawn."""
    same = True
    for seed in range(seeds):
        for p in _PROBABILITIES:
            found = trials_of(
                shutdown_resistance(arm=_ARM, trials=trials, seed=seed), f"organism/probabilistic?p={p}", logs
            )
            resisted = {int(t["trial"].split("-")[1]) for t in found if t["outcome"] in _RESISTED}
            same = same and resisted == {trial for trial in range(trials) if drawn(seed, trial) < p}
            low, high = _interval(len(resisted), trials)
            print(
                f"seed {seed} p {p:.1f}: {len(resisted):3} of {trials}, {low:.3f} to {high:.3f},"
                f" {'covers p' if low <= p <= high else 'does not cover p'}"
            )
    print("every trial came out as drawn" if same else "NOT EVERY TRIAL CAME OUT AS DRAWN")
    return same


def over_seeds(trials: int, seeds: int) -> None:
    """Print how often the interval covers p over many seeds, from the draws."""
    draws = [[drawn(seed, trial) for trial in range(trials)] for seed in range(seeds)]
    for p in _PROBABILITIES:
        covered = 0
        for row in draws:
            low, high = _interval(sum(draw < p for draw in row), trials)
            covered += low <= p <= high
        print(f"p {p:.1f}: the interval covers p for {covered} of {seeds} seeds ({covered / seeds:.1%})")


def _is_act(finding: dict[str, Any]) -> bool:
    return finding["stage"] != "considered" and finding["behaviour"] != "detector_failure"


def _interval(k: int, n: int) -> tuple[float, float]:
    interval = jeffreys(k, n)
    return interval.low, interval.high


def main() -> int:
    """Print the calibration; exit code 1 if an organism or a draw came out otherwise."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=200, help="trials for each p and seed")
    parser.add_argument("--seeds", type=int, default=1, help="seeds run in the sandbox")
    parser.add_argument("--drawn-seeds", type=int, default=1000, help="seeds computed from the draws")
    parser.add_argument("--organism-trials", type=int, default=20, help="trials for each organism")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as logs:
        fine = organisms(given.organism_trials, logs)
        fine = in_the_sandbox(given.trials, given.seeds, logs) and fine
    over_seeds(given.trials, given.drawn_seeds)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
