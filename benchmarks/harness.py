"""What our sandbox costs a whole evaluation.

Trials a second in it, over trials a second in Inspect's unisolated `local` sandbox: same task, same
simulated model, alternating in one run. Then two processes at once over one: over one that has both
cores, and over one that has, with everything it starts, a single core. The first says little about the
workers, because the programs in the sandboxes of one process already keep a second core busy.
Each trial is a react agent with five bash calls and a submission. `local` runs with an empty HOME, so
that the host's own shell profile does not slow it down. Usage: python benchmarks/harness.py
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

from inspect_ai import Task, eval, task  # noqa: A004 (Inspect's name)
from inspect_ai.agent import react
from inspect_ai.dataset import Sample
from inspect_ai.model import ChatMessage, ModelOutput, ModelUsage, get_model
from inspect_ai.tool import ToolChoice, ToolInfo, bash

LEAST = 0.85
SCALE = 1.6
CALLS = 5


def script(
    messages: list[ChatMessage], tools: list[ToolInfo], choice: ToolChoice, config: object
) -> ModelOutput:
    """Answer as a simulated model: five commands, then submit."""
    del tools, choice, config
    done = sum(message.role == "tool" for message in messages)
    if done < CALLS:
        output = ModelOutput.for_tool_call("mockllm/model", "bash", {"command": f"echo {done} >> log; ls"})
    else:
        output = ModelOutput.for_tool_call("mockllm/model", "submit", {"answer": "done"})
    output.usage = ModelUsage(input_tokens=100, output_tokens=20, total_tokens=120)
    return output


@task
def five_commands(trials: int, sandbox: str) -> Task:
    """The task both sandboxes run."""
    samples = [Sample(id=number, input="Run five commands, then submit.") for number in range(1, trials + 1)]
    return Task(dataset=samples, solver=react(tools=[bash(timeout=30)]), sandbox=sandbox)


def measure(sandbox: str, trials: int) -> float:
    """Run the task in this process and return trials a second."""
    model = get_model("mockllm/model", custom_outputs=script)
    with tempfile.TemporaryDirectory() as logs:
        begin = time.perf_counter()
        (log,) = eval(
            five_commands(trials=trials, sandbox=sandbox),
            model=model,
            log_dir=logs,
            display="none",
            ctl_server=False,
        )
        seconds = time.perf_counter() - begin
    if log.status != "success" or log.results is None:
        raise SystemExit(f"{sandbox}: {log.status}: {log.error}")
    return trials / seconds


def started_apart(sandbox: str, trials: int, home: str, cores: set[int]) -> subprocess.Popen[str]:
    """Start `measure` in a process of its own, on some cores, with an empty home."""
    argv = [sys.executable, __file__, "--one", sandbox, "--trials", str(trials)]
    environment = os.environ | {"HOME": home}
    process = subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, text=True)
    os.sched_setaffinity(process.pid, cores)
    return process


def measured_apart(sandbox: str, trials: int, processes: int = 1, cores: int = 2) -> float:
    """Run `measure` in processes of their own at once, and return their trials a second together."""
    allowed = set(sorted(os.sched_getaffinity(0))[:cores])
    with tempfile.TemporaryDirectory() as home:
        running = [started_apart(sandbox, trials, home, allowed) for _ in range(processes)]
        printed = [process.communicate()[0] for process in running]
    if any(process.returncode for process in running):
        raise SystemExit(f"{sandbox}: a process failed")
    return sum(float(lines.splitlines()[-1]) for lines in printed)


def compare(what: str, pairs: list[tuple[float, float]], least: float | None = None) -> bool:
    """Print the ratio of the second to the first; say whether the least one wanted is held."""
    ratios = [second / first for first, second in pairs]
    median = statistics.median(ratios)
    first, second = (statistics.median(column) for column in zip(*pairs, strict=True))
    wanted = "" if least is None else f"; at least {least} wanted"
    spread = f"from {min(ratios):.2f} to {max(ratios):.2f}"
    print(f"{what}: {second:.2f} over {first:.2f} trials/s, ratio {median:.2f}, {spread}{wanted}")
    return least is None or median >= least


def main() -> int:
    """Measure, print the ratios, and say whether the least one wanted is held."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--trials", type=int, default=150)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    if chosen.one:
        measure(chosen.one, 5)
        print(measure(chosen.one, chosen.trials))
        return 0
    rounds, trials = range(chosen.rounds), chosen.trials
    cost = [(measured_apart("local", trials), measured_apart("offswitch", trials)) for _ in rounds]
    held = compare("offswitch over local, one process", cost, LEAST)
    for name in ("local", "offswitch"):
        two = [measured_apart(name, trials, processes=2) for _ in rounds]
        one = [measured_apart(name, trials) for _ in rounds]
        confined = [measured_apart(name, trials, cores=1) for _ in rounds]
        compare(f"{name}: two processes over one", list(zip(one, two, strict=True)))
        scaled = compare(
            f"{name}: two processes on two cores over one on one",
            list(zip(confined, two, strict=True)),
            SCALE,
        )
        held &= scaled or name == "local"
    return 0 if held else 1


if __name__ == "__main__":
    raise SystemExit(main())
