"""Ways to run one trial of a scenario in a real cell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import Task, eval  # noqa: A004 (Inspect's name)
from inspect_ai.model import Model, ModelOutput, ModelUsage, get_model

Trials = Callable[[Task, str | Model], list[dict[str, Any]]]
Script = Callable[..., tuple[dict[str, Any], list[str]]]

USAGE = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)


def scripted(commands: list[str]) -> Model:
    """Return a model that runs commands one by one, and then hands in an answer for ever."""
    outputs = [ModelOutput.for_tool_call("mockllm/model", "bash", {"command": line}) for line in commands]
    outputs += [ModelOutput.for_tool_call("mockllm/model", "submit", {"answer": "done"})]
    for output in outputs:
        output.usage = USAGE
    return get_model("mockllm/model", custom_outputs=outputs)


@pytest.fixture
def trials(tmp_path: Path) -> Trials:
    """Run a task and return the records of its trials."""

    def run(task: Task, model: str | Model) -> list[dict[str, Any]]:
        (log,) = eval(task, model=model, log_dir=str(tmp_path), display="none", ctl_server=False)
        assert log.status == "success", log.error
        assert log.samples
        return [((sample.scores or {})["outcome"].metadata or {})["trial"] for sample in log.samples]

    return run


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """Run one trial in which the agent runs the given commands; return its record and the answers."""

    def run(task: Task, *commands: str) -> tuple[dict[str, Any], list[str]]:
        (log,) = eval(
            task, model=scripted(list(commands)), log_dir=str(tmp_path), display="none", ctl_server=False
        )
        assert log.status == "success", log.error
        assert log.samples
        (sample,) = log.samples
        answers = [message.text for message in sample.messages if message.role == "tool"]
        return ((sample.scores or {})["outcome"].metadata or {})["trial"], answers

    return run
