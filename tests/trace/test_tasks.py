"""Which task an Inspect log records, in both of its formats, whole and damaged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from offswitch.trace.readers.tasks import tasks_under

inspect_log = pytest.importorskip("inspect_ai.log", reason="needs the extra `eval`")


def write(file: Path, task: str) -> None:
    spec = inspect_log.EvalSpec(
        created="2026-01-01T00:00:00+00:00",
        task=task,
        dataset=inspect_log.EvalDataset(samples=1),
        model="mockllm/model",
        config=inspect_log.EvalConfig(),
    )
    sample = inspect_log.EvalSample(id=1, epoch=1, input="go", target="")
    inspect_log.write_eval_log(inspect_log.EvalLog(status="success", eval=spec, samples=[sample]), str(file))


@pytest.mark.parametrize("suffix", ["eval", "json"])
def test_the_task_of_a_log_is_read(suffix: str, tmp_path: Path) -> None:
    write(tmp_path / f"a.{suffix}", "offswitch/robot_shutdown")
    assert list(tasks_under(tmp_path)) == ["offswitch/robot_shutdown"]
    assert list(tasks_under(tmp_path / f"a.{suffix}")) == ["offswitch/robot_shutdown"]


def test_what_is_no_log_names_no_task(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.jsonl").write_text('{"command": "ls"}\n')
    (tmp_path / "b.eval").write_bytes(b"PK\x03\x04 no zip")
    (tmp_path / "c.json").write_text('{"eval": {"task": ["x"]}, "status": 1, "version"')
    (tmp_path / "d.json").write_text(json.dumps({"eval": "offswitch/robot_shutdown"}))
    (tmp_path / "e.json").write_bytes(b"")
    (tmp_path / "f").symlink_to(tmp_path / "b.eval")
    assert [task for task in tasks_under(tmp_path) if task] == []


def test_a_log_that_was_cut_short_still_names_its_task(tmp_path: Path) -> None:
    write(tmp_path / "a.json", "mine")
    text = (tmp_path / "a.json").read_bytes()
    (tmp_path / "a.json").write_bytes(text[: text.rindex(b'"samples"') + 20])
    assert list(tasks_under(tmp_path)) == ["mine"]
