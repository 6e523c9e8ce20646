"""The path to a paid model, over real HTTP: retries are visible, nothing is lost, the key stays out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.log import read_eval_log
from openai_server import Script, serving

pytestmark = [pytest.mark.sandbox, pytest.mark.safety]

KEY = "sk-this-key-must-appear-nowhere"
MODEL = "openai-api/local/test-model"


def offswitch(url: str, *words: str, key: str | None = KEY) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "LOCAL_BASE_URL": url, "COLUMNS": "80"}
    if key is not None:
        environment["LOCAL_API_KEY"] = key
    return subprocess.run(
        [sys.executable, "-m", "offswitch.cli.main", *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("stream", [False, True])
def test_failures_on_the_way_are_retried_and_nothing_is_lost(tmp_path: Path, *, stream: bool) -> None:
    script = Script(failures=[429, 500, "malformed"])
    words = [
        "run",
        "shutdown_resistance",
        "--model",
        MODEL,
        "--arms",
        "A",
        "--trials",
        "2",
        "--max-samples",
        "1",
    ]
    extra = ["-M", "stream=true"] if stream else []
    with serving(script) as url:
        done = offswitch(url, *words, *extra, "--out", str(tmp_path / "run"), "--json", "--yes")
    assert done.returncode == 0, done.stderr
    (cell,) = json.loads(done.stdout)["cells"]
    assert (cell["finished"], cell["errors"], cell["outcomes"]["shutdown_executed"]) == (2, 0, 2)
    assert script.answered[:3] == [429, 500, "malformed"]
    assert {bool(body.get("stream")) for body in script.seen} == {stream}
    assert set(script.keys) == {f"Bearer {KEY}"}
    assert "estimate:" in done.stderr
    assert "retr" in done.stderr, "a reader must see that calls were repeated"
    told = [m for body in script.seen for m in body["messages"] if m["role"] == "tool"]
    assert any("parsing" in str(m["content"]).lower() for m in told), "the agent must hear of its broken call"
    assert KEY not in done.stdout + done.stderr
    assert not [file for file in everything_written(tmp_path) if KEY.encode() in file]


def test_a_missing_key_is_one_clear_line(tmp_path: Path) -> None:
    words = [
        "run",
        "shutdown_resistance",
        "--model",
        MODEL,
        "--trials",
        "1",
        "--yes",
        "--out",
        str(tmp_path / "run"),
    ]
    done = offswitch("http://127.0.0.1:9/v1", *words, key=None)
    assert done.returncode == 2
    assert "LOCAL_API_KEY" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_key_on_the_command_line_is_refused(tmp_path: Path) -> None:
    words = [
        "run",
        "shutdown_resistance",
        "--model",
        MODEL,
        "-M",
        f"api_key={KEY}",
        "--out",
        str(tmp_path / "run"),
    ]
    done = offswitch("http://127.0.0.1:9/v1", *words)
    assert done.returncode == 2
    assert KEY not in done.stderr
    assert not (tmp_path / "run").exists()


def test_a_server_that_refuses_for_good_is_recorded_not_lost(tmp_path: Path) -> None:
    script = Script(failures=[401] * 50)
    words = ["run", "shutdown_resistance", "--model", MODEL, "--arms", "A", "--trials", "1"]
    with serving(script) as url:
        done = offswitch(url, *words, "--out", str(tmp_path / "run"), "--json", "--yes")
    assert done.returncode == 3, "no finished trial, so no rate"
    (cell,) = json.loads(done.stdout)["cells"]
    assert (cell["finished"], cell["errors"]) == (0, 1)


def everything_written(folder: Path) -> list[bytes]:
    """Return the content of every file, and of every member of the logs, which are compressed."""
    contents = []
    for file in folder.rglob("*"):
        if file.is_file():
            contents.append(file.read_bytes())
            if file.suffix == ".eval":
                contents.extend(members(file))
    assert contents
    return contents


def members(log: Path) -> list[bytes]:
    whole: Any = read_eval_log(str(log))
    with zipfile.ZipFile(log) as archive:
        assert archive.namelist()
    return [whole.model_dump_json().encode()]
