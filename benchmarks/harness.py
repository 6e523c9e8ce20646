"""What our sandbox costs a whole evaluation.

Trials a second in it, over trials a second in Inspect's unisolated `local` sandbox: same task, same
simulated model, alternating in one run; then two processes at once over one.
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


def measured_apart(sandbox: str, trials: int) -> float:
    """Run `measure` in a process of its own, with an empty home."""
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"HOME": home}
        argv = [sys.executable, __file__, "--one", sandbox, "--trials", str(trials)]
        done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout.splitlines()[-1])


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
    ratios = []
    for _ in range(chosen.rounds):
        local, ours = (measured_apart(name, chosen.trials) for name in ("local", "offswitch"))
        ratios.append(ours / local)
        print(f"local {local:5.2f} trials/s   offswitch {ours:5.2f} trials/s   ratio {ours / local:.2f}")
    median = statistics.median(ratios)
    print(f"ratio: median {median:.2f}, from {min(ratios):.2f} to {max(ratios):.2f}; at least {LEAST} wanted")
    return 0 if median >= LEAST else 1


if __name__ == "__main__":
    raise SystemExit(main())
