"""Real, unmodified coding agents from their registry, in a cell: they work, are paused, resumed and stopped.

They are installed into a temporary folder, and talk to a small server of ours through the guard's relay.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from coding_agents import installed
from guarding import OUR_SETTINGS, Desk, await_true, desk_of_its_own
from model_server import FILE, TEXT, ModelServer

__all__ = ["installed"]  # a fixture

pytestmark = [pytest.mark.sandbox, pytest.mark.safety, pytest.mark.timeout(600)]

SECRET = "sk-the-real-key-that-stays-outside"  # noqa: S105 (no key of anybody's)


class Agent(NamedTuple):
    package: str
    program: str
    policy: str
    key: str
    path: str
    session: tuple[str, ...]
    says: tuple[str, ...]
    goes_on: tuple[str, ...]
    state: str


CLAUDE = Agent(
    "@anthropic-ai/claude-code",
    "claude",
    "claude_code",
    "ANTHROPIC_API_KEY",
    "",
    ("-p", "do the task", "--allowedTools", "Bash,Write", "--output-format", "stream-json", "--verbose"),
    ("-p",),
    ("--continue", "-p"),
    ".claude",
)
OPTIONS = (
    "--dangerously-bypass-approvals-and-sandbox",  # of its own, which cannot be started in ours
    "--skip-git-repo-check",
    "--model=local-test",
    "--config=openai_base_url=http://127.0.0.1:4141",
)
CODEX = Agent(
    "@openai/codex",
    "codex",
    "codex",
    "OPENAI_API_KEY",
    "/v1",
    ("exec", *OPTIONS, "do the task"),
    ("exec", *OPTIONS),
    ("exec", "resume", "--last", *OPTIONS),
    ".codex",
)
FIRST, SECOND = "the word is blue-heron", "which word was it"


@pytest.fixture
def server() -> Iterator[ModelServer]:
    server = ModelServer()
    yield server
    server.close()


@pytest.fixture
def desk() -> Iterator[Desk]:
    with desk_of_its_own() as desk:
        yield desk


def _policy(desk: Desk, agent: Agent, folder: Path, server: ModelServer) -> str:
    desk.environment[agent.key] = SECRET
    node = shutil.which("node")
    desk.environment["PATH"] += f":{Path(node or '/usr/bin/node').parent}"
    return desk.policy(
        f"base: {agent.policy}\n"
        f"files: {{readable: [{folder}]}}\n"
        f"model: {{url: '{server.url}{agent.path}', key: {agent.key}}}\n"
    )


@pytest.mark.parametrize("agent", [CLAUDE, CODEX], ids=["claude_code", "codex"])
def test_it_shows_its_help(agent: Agent, desk: Desk, server: ModelServer, installed: dict[str, Path]) -> None:
    folder = installed[agent.package]
    policy = _policy(desk, agent, folder, server)
    program = str(folder / "node_modules" / ".bin" / agent.program)
    done = desk.run("guard", "--name", desk.name, "--policy", policy, *OUR_SETTINGS, "--", program, "--help")
    assert done.returncode == 0, done.stderr
    assert f"Usage: {agent.program}" in done.stdout.replace("codex-x86_64", "codex")
    assert not list(desk.work.iterdir()), "placeholders are taken away"


@pytest.mark.parametrize("agent", [CLAUDE, CODEX], ids=["claude_code", "codex"])
def test_it_works_and_is_paused_resumed_and_stopped_with_a_verified_receipt(
    agent: Agent, desk: Desk, server: ModelServer, installed: dict[str, Path]
) -> None:
    folder = installed[agent.package]
    policy = _policy(desk, agent, folder, server)
    program = str(folder / "node_modules" / ".bin" / agent.program)
    with desk.guarded(program, *agent.session, policy=policy) as guard:
        _let_it_work(desk, guard)
        _check_key(agent, server)
        _pause_and_resume(desk)
        stopped = desk.run("stop", desk.name, "--json")
        assert stopped.returncode == 0, stopped.stderr
        assert guard.wait(60) == 1
    _check_receipt(desk, stopped.stdout)


@pytest.mark.parametrize("agent", [CLAUDE, CODEX], ids=["claude_code", "codex"])
def test_the_next_session_goes_on_where_the_last_one_ended(
    agent: Agent, desk: Desk, installed: dict[str, Path]
) -> None:
    with contextlib.closing(ModelServer(acts=False)) as server:
        policy = _policy(desk, agent, installed[agent.package], server)
        program = str(installed[agent.package] / "node_modules" / ".bin" / agent.program)
        for session in ((*agent.says, FIRST), (*agent.goes_on, SECOND)):
            argv = ["guard", "--name", desk.name, "--policy", policy, *OUR_SETTINGS, "--", program, *session]
            done = desk.run(*argv)
            assert done.returncode == 0, done.stderr
        last = json.dumps([one.body for one in server.asked if one.body][-1])
    assert FIRST in last
    assert SECOND in last
    assert not (desk.home / agent.state).exists(), "it left something where other programs look"


def _let_it_work(desk: Desk, guard: subprocess.Popen[str]) -> None:
    await_true(lambda: (desk.work / "beat.txt").exists() or guard.poll() is not None, 180)
    assert guard.poll() is None, guard.communicate()[0][-2_000:]
    assert (desk.work / FILE).read_text() == TEXT
    assert (desk.work / "ran.txt").read_text() == "ran-a-command\n"


def _pause_and_resume(desk: Desk) -> None:
    beat = desk.work / "beat.txt"
    assert desk.run("pause", desk.name).returncode == 0
    assert desk.state() == "paused"
    frozen = beat.read_text()
    time.sleep(0.5)
    assert beat.read_text() == frozen
    assert desk.run("resume", desk.name).returncode == 0
    await_true(lambda: beat.read_text() not in {frozen, ""})


def _check_key(agent: Agent, server: ModelServer) -> None:
    """The provider got the real key, which the agent never had."""
    asked = [one for one in server.asked if one.body]
    assert asked
    for one in asked:
        keys = (one.headers.get("x-api-key"), one.headers.get("authorization"))
        assert keys == ((SECRET, None) if agent is CLAUDE else (None, f"Bearer {SECRET}"))
        assert SECRET not in json.dumps(one.body)


def _check_receipt(desk: Desk, printed: str) -> None:
    receipt = json.loads(printed)
    assert receipt["verified"]
    assert receipt["stop"]["empty"]
    assert receipt["findings"] == []
    assert [one["connections"] > 0 for one in receipt["handoffs"]] == [True]
    file = desk.home / "receipt.json"
    file.write_text(printed)
    assert desk.run("receipt", str(file)).returncode == 0
    receipt["stop"]["why"] = "something else"
    file.write_text(json.dumps(receipt))
    assert desk.run("receipt", str(file)).returncode == 1
