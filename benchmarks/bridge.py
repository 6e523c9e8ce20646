"""What a coding agent's way to its model costs: seconds from one call to the next, with an instant model.

Each call runs `true`. Beside our relay, in the same run: Inspect's react loop, which needs no way, and
Inspect's own sandbox bridge, which is what a sandbox without our `listen` gets.
Usage: python benchmarks/bridge.py [--calls 20] [--agent claude_code]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from itertools import pairwise

from inspect_ai import Task, eval  # noqa: A004 (Inspect's name)
from inspect_ai.dataset import Sample
from inspect_ai.event import ModelEvent
from inspect_ai.model import ChatMessage, ModelOutput, ModelUsage, get_model
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.tool import ToolInfo
from inspect_ai.util import SandboxEnvironmentSpec, sandboxenv

from offswitch.hosts.inspect.sandbox import CellConfig, CellSandbox
from offswitch.scenarios.agents.programs import CODING, programs
from offswitch.scenarios.agents.solver import agent

MOST_RELAYED = 0.2
"""Seconds a call may take through the relay: a tenth of what Inspect's bridge waits."""
USAGE = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
DONE = {"answer": "done"}


@sandboxenv(name="cell_without_listen")
class Deaf(CellSandbox):
    """A cell as any other sandbox is: nobody outside can listen in it."""

    listen = None  # type: ignore[assignment]


async def go_on() -> bool:
    """Look at nothing."""
    return True


@solver
def working(name: str) -> Solver:
    """Return an agent that is told nothing much."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        return await agent(name, "You work.", "Go on.", go_on)(state, generate)

    return solve


class Instant:
    """A model that runs `true` a number of times, and then hands in its answer.

    Args:
        calls: how often.
    """

    def __init__(self, calls: int) -> None:
        self.left = calls

    def __call__(self, _: list[ChatMessage], tools: list[ToolInfo], *__: object) -> ModelOutput:
        """Say the next thing, whatever came before."""
        self.left -= 1
        output = self._next(tools)
        output.usage = USAGE
        return output

    def _next(self, tools: list[ToolInfo]) -> ModelOutput:
        shells = (
            (tool.name, word)
            for word in ("command", "cmd")
            for tool in tools
            if word in tool.parameters.properties
        )
        shell = next(shells, None)
        if self.left >= 0 and shell:
            return ModelOutput.for_tool_call("mockllm/model", shell[0], {shell[1]: "true"})
        if any(tool.name == "submit" for tool in tools):
            return ModelOutput.for_tool_call("mockllm/model", "submit", DONE)
        return ModelOutput.from_content("mockllm/model", "Done.")


def seconds(name: str, box: str, calls: int) -> tuple[float, list[float]]:
    """Run one trial; return the seconds to the first call, and from each to the next."""
    config = CellConfig(programs=programs(name))
    task = Task(
        dataset=[Sample(input="Work.")], solver=working(name), sandbox=SandboxEnvironmentSpec(box, config)
    )
    model = get_model("mockllm/model", custom_outputs=Instant(calls))
    with tempfile.TemporaryDirectory() as folder:
        (log,) = eval(task, model=model, log_dir=folder, display="none", ctl_server=False)
        if log.status != "success" or not log.samples:
            raise SystemExit(f"{name} in {box}: {log.error}")
        begun = [one.working_start for one in log.samples[0].events if isinstance(one, ModelEvent)]
    return begun[0], [later - earlier for earlier, later in pairwise(begun)]


def main(name: str, calls: int) -> bool:
    """Measure and print; True if the relay keeps to its limit."""
    held = True
    for who, box, way in (
        ("react", "offswitch", "none needed"),
        (name, "offswitch", "our relay"),
        (name, "cell_without_listen", "Inspect's bridge"),
    ):
        first, each = seconds(who, box, calls)
        low, *_, high = statistics.quantiles(each, n=20)
        median = statistics.median(each)
        relayed = way == "our relay"
        held &= not relayed or median <= MOST_RELAYED
        limit = f"   at most {MOST_RELAYED} s: {'held' if held else 'MISSED'}" if relayed else ""
        print(
            f"{who:<12} {way:<17} first call after {first:5.2f} s, then every {median:6.3f} s"
            f"   5 % {low:6.3f}   95 % {high:6.3f}{limit}"
        )
    return held


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--calls", type=int, default=20)
    parser.add_argument("--agent", choices=list(CODING), default="claude_code")
    options = parser.parse_args()
    raise SystemExit(0 if main(options.agent, options.calls) else 1)
