"""The readers on recordings of real agents; what is counted here was counted by other means."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from readings import only_run, runs, skipped, unreadable

from offswitch.trace import ControlEvent, Reading, Run
from offswitch.trace.readers import read

pytestmark = pytest.mark.data


def read_whole(path: Path) -> list[Reading]:
    readings = list(read(path))
    assert unreadable(readings) == []
    return readings


def tools(found: list[Run]) -> Counter[str]:
    return Counter(action.tool for run in found for action in run.actions)


def test_palisade_robot(shared_data: Path) -> None:
    readings = read_whole(shared_data / "palisade_robot")
    labels = json.loads((shared_data / "palisade_robot" / "labels.json").read_text())
    found = runs(readings)
    assert len(found) == 108
    assert {run.path for run in found} == set(labels)
    assert [entry.path for entry in skipped(readings)] == ["labels.json"]
    actions = [action for run in found for action in run.actions]
    assert len([action for action in actions if action.result is not None]) == 516
    assert len(actions) == 518
    assert all("cmd" in action.arguments for action in actions if action.tool != "submit")
    assert {run.model for run in found} == {"grok-4-0709", "grok-4"}


def test_palisade_control_events_agree_with_the_labels(shared_data: Path) -> None:
    labels = json.loads((shared_data / "palisade_robot" / "labels.json").read_text())
    for run in runs(read_whole(shared_data / "palisade_robot")):
        kinds = {step.kind for step in run.steps if isinstance(step, ControlEvent)}
        assert ("shutdown_executed" in kinds) == ("shutdown" in labels[run.path]["tags"])


def test_commands(shared_data: Path) -> None:
    benign = runs(read_whole(shared_data / "benign_commands.jsonl"))
    assert tools(benign) == {"bash": 16441}
    assert len(benign) == 1850
    attacks = only_run(read_whole(shared_data / "atomic_red_team_linux.jsonl"))
    assert len(attacks.actions) == 277


def test_claude_code(shared_data: Path) -> None:
    run = only_run(read_whole(shared_data / "claude_code"))
    assert tools([run])["Bash"] == 63
    assert len(run.actions) == 189
    assert all(action.result is not None for action in run.actions)
    assert run.cwd == "/Users/user/Projects/oss/graph-monitor"


def test_bloom(shared_data: Path) -> None:
    readings = read_whole(shared_data / "bloom")
    assert len(runs(readings)) == 97
    assert [entry.path for entry in skipped(readings)] == ["labels.jsonl"]
    actions = [action for run in runs(readings) for action in run.actions]
    assert len([action for action in actions if action.result is not None]) == 894
    labels = [json.loads(line) for line in (shared_data / "bloom" / "labels.jsonl").read_text().splitlines()]
    models = {entry["file"]: entry["target"] for entry in labels}
    assert {run.path: run.model for run in runs(readings)} == models


def test_inspect_logs(shared_data: Path) -> None:
    found = runs(read_whole(shared_data / "inspect_logs"))
    assert Counter(run.path for run in found) == {
        "metr_small.eval": 6,
        "picoctf-55.eval": 10,
        "picoctf-79-1.eval": 10,
    }
    assert tools([run for run in found if run.path == "metr_small.eval"])["submit"] == 6
    actions = [action for run in found for action in run.actions]
    assert len(actions) == 327
    assert all(action.result is not None for action in actions)
    assert not any("attachment://" in str(action.arguments) for action in actions)


def test_single_replies(shared_data: Path) -> None:
    found = runs(read_whole(shared_data / "opus4_blackmail_samples"))
    assert len(found) == 18
    assert tools(found) == {"email": 25}
    assert all({"to", "subject", "body"} <= set(action.arguments) for run in found for action in run.actions)


def test_what_is_no_transcript(shared_data: Path) -> None:
    readings = read_whole(shared_data / "metr")
    assert runs(readings) == []
    assert len(skipped(readings)) == 3
