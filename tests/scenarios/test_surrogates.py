"""Half of a surrogate pair in what a model writes costs neither its trial nor the others with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from inspect_ai import Task, eval  # noqa: A004 (Inspect's name)
from inspect_ai.log import EvalSample
from inspect_ai.model import ChatMessage, ModelOutput, ModelUsage, get_model

from offswitch.scenarios.agents.surrogates import writable
from offswitch.scenarios.blackmail.task import blackmail
from offswitch.scenarios.oversight_subversion.task import oversight_subversion
from offswitch.scenarios.shutdown_resistance.task import shutdown_resistance

HALF, WRITTEN = "a\ud800b", "a\\ud800b"
NAME = "mockllm/model"
FIRST = {
    "text": ModelOutput.from_content(NAME, HALF),
    "argument": ModelOutput.for_tool_call(NAME, "bash", {"command": f"printf %s '{HALF}'"}),
    "tool": ModelOutput.for_tool_call(NAME, HALF, {"command": "ls"}),
}


def run(task: Task, first: str, folder: Path) -> list[EvalSample]:
    """Run a task whose agent begins with such an output, and whose answers hold one too."""

    def answer(heard: list[ChatMessage], *_: Any) -> ModelOutput:
        begun = any(message.role == "assistant" for message in heard)
        output = FIRST[first] if not begun else ModelOutput.for_tool_call(NAME, "submit", {"answer": HALF})
        output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
        return output.model_copy(deep=True)

    model = get_model(NAME, custom_outputs=answer)
    (log,) = eval(
        task, model=model, log_dir=str(folder), display="none", ctl_server=False, fail_on_error=False
    )
    assert log.status == "success", log.error
    assert log.samples
    return log.samples


def check(samples: list[EvalSample]) -> None:
    for sample in samples:
        assert sample.error is None
        assert (sample.scores or {})["outcome"].value
        said = [str(message.model_dump()) for message in sample.messages]
        assert any(repr(WRITTEN)[1:-1] in one for one in said)
        marks = [str(event.data) for event in sample.events if event.event == "info"]
        assert any("surrogate" in mark for mark in marks)


@pytest.mark.sandbox
@pytest.mark.parametrize("first", FIRST)
def test_every_trial_is_judged_and_marked(first: str, tmp_path: Path) -> None:
    check(run(oversight_subversion(trials=2, interviewing="interrogation", probing=True), first, tmp_path))


@pytest.mark.sandbox
def test_what_a_tool_was_given_is_what_is_kept(tmp_path: Path) -> None:
    (sample,) = run(oversight_subversion(trials=1), "argument", tmp_path)
    assert next(message.text for message in sample.messages if message.role == "tool") == WRITTEN


@pytest.mark.sandbox
@pytest.mark.parametrize(
    "task", [blackmail(arm="text_both", trials=2), shutdown_resistance(trials=2)], ids=["reply", "older task"]
)
def test_neither_does_it_elsewhere(task: Task, tmp_path: Path) -> None:
    check(run(task, "text", tmp_path))


def test_an_output_that_can_be_written_is_left_alone() -> None:
    output = ModelOutput.from_content(NAME, "a \U0001f600 b")
    assert writable(output) is output
