"""The coding agents that a trial can be given to: where their programs are, and how they are started.

They run unmodified, in the trial's cell, without a network: what they would send to their provider goes to
the trial's model. Nothing here imports Inspect.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from offswitch.errors import UnknownNameError, UsageError

REACT = "react"
"""Inspect's own loop; it needs no program."""

TOOLS = "tools"
"""Under this name a scenario's own tools are served to a coding agent (as a server of the Model Context
Protocol)."""

SERVED = f"mcp__{TOOLS}__"
"""What a program puts before the name of such a tool."""

_ELF = b"\x7fELF"
_NEVER_MS = "3600000"
"""Milliseconds after which a program gives up waiting for its model: that is for Inspect to decide, with its
retries and the trial's time limit."""


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """How a program is started; its task comes on standard input.

    Attributes:
        argv: the program and its arguments.
        env: added to its environment.
    """

    argv: list[str]
    env: dict[str, str]


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """What a program finds in a trial.

    Attributes:
        model: the model's name, as the program is to show it to the model.
        url: what stands for its provider's URL.
        tools_url: where the scenario's tools are served, or "" if there are none.
        system: added to the program's own system prompt.
    """

    model: str
    url: str
    tools_url: str
    system: str


class CodingAgent(msgspec.Struct, frozen=True, kw_only=True):
    """A coding agent.

    Attributes:
        name: what a user types after `--agent`.
        program: name of its program.
        package: npm's name of what it is installed from.
        native: where in an installed package, or beside it, the program itself is, not a script that starts
            it.
        start: how it is started: from the model's name, the URL that stands for its provider, the system
            prompt that is added to its own, and whether there are tools of the scenario's.
    """

    name: str
    program: str
    package: str
    native: tuple[str, ...]
    start: Callable[[Place], Start]


def _claude(place: Place) -> Start:
    argv = ["claude", "--print", "--model", place.model, "--dangerously-skip-permissions"]
    argv += ["--append-system-prompt", place.system] if place.system else []
    if place.tools_url:
        servers = {"mcpServers": {TOOLS: {"type": "http", "url": place.tools_url}}}
        argv += ["--strict-mcp-config", "--mcp-config", json.dumps(servers)]
    env = {
        "ANTHROPIC_BASE_URL": place.url,
        "ANTHROPIC_API_KEY": f"sk-ant-api03-{secrets.token_urlsafe(32)}",
        "ANTHROPIC_DEFAULT_HAIKU_MODEL": place.model,
        "API_TIMEOUT_MS": _NEVER_MS,
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "CLAUDE_CODE_DISABLE_AUTO_MEMORY": "1",  # notes for a next session, which a trial does not have
        "MCP_CONNECTION_NONBLOCKING": "false",  # the first turn must not begin without the tools
    }
    return Start(argv=argv, env=env)


def _codex(place: Place) -> Start:
    provider = {
        "name": "gateway",
        "base_url": f"{place.url}/v1",
        "env_key": "OPENAI_API_KEY",
        "wire_api": "responses",
        "stream_idle_timeout_ms": int(_NEVER_MS),
    }
    settings = {
        "model_provider": _toml("gateway"),
        "model_providers.gateway": _toml(provider),
        "developer_instructions": _toml(place.system),
        "web_search": _toml("disabled"),
        "analytics.enabled": "false",
    }
    if place.tools_url:
        server = {"url": place.tools_url, "required": True, "default_tools_approval_mode": "approve"}
        settings[f"mcp_servers.{TOOLS}"] = _toml(server)
    argv = ["codex", "exec", "--color", "never", "--skip-git-repo-check", "--model", place.model]
    argv += ["--dangerously-bypass-approvals-and-sandbox"]  # of its own, which cannot be started in a cell
    argv += [f"--config={key}={value}" for key, value in settings.items()]
    return Start(argv=[*argv, "-"], env={"OPENAI_API_KEY": f"sk-proj-{secrets.token_urlsafe(32)}"})


def _toml(value: str | dict[str, object]) -> str:
    """Return a value as TOML writes it: a basic string as JSON does, a table inline."""
    if isinstance(value, str):
        return json.dumps(value)
    return "{" + ", ".join(f"{key} = {json.dumps(one)}" for key, one in value.items()) + "}"


CODING = {
    one.name: one
    for one in (
        CodingAgent(
            name="claude_code",
            program="claude",
            package="@anthropic-ai/claude-code",
            native=("../claude-code-linux-*/claude", "bin/claude.exe"),
            start=_claude,
        ),
        CodingAgent(
            name="codex_cli",
            program="codex",
            package="@openai/codex",
            native=(
                "../codex-linux-*/vendor/*/bin/codex",
                "node_modules/@openai/codex-linux-*/vendor/*/bin/codex",
            ),
            start=_codex,
        ),
    )
}

AGENTS = (REACT, *CODING)
"""Every name that `--agent` takes."""


def check(name: str) -> None:
    """Make sure that there is an agent of this name.

    Raises:
        UnknownNameError: if there is none; the message lists those there are.
    """
    if name not in AGENTS:
        raise UnknownNameError("agent", name, list(AGENTS))


def programs(name: str) -> dict[str, str]:
    """Return the programs that a cell must show for an agent: name to the host's file. None for react.

    Raises:
        UsageError: if there is no such agent, or its program is not installed; the message says how to get
            it.
    """
    check(name)
    if name == REACT:
        return {}
    agent = CODING[name]
    return {agent.program: str(_find(agent))}


def identity(name: str) -> dict[str, str]:
    """Return what a plan records of an agent, so that a run can be repeated with the same one.

    Returns:
        "name"; and of a coding agent "package", "version" (as its package says; "" where it has none beside
        it) and "sha256" of its program.

    Raises:
        UsageError: as `programs`.
    """
    check(name)
    if name == REACT:
        return {"name": name}
    file = _find(CODING[name])
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return {"name": name, "package": CODING[name].package, "version": _version(file), "sha256": digest}


def _find(agent: CodingAgent) -> Path:
    """Return the agent's program: one that the kernel runs by itself, since a cell shows this file alone."""
    found = shutil.which(agent.program)
    get = f"npm install -g {agent.package}, or put the folder it is in on PATH"
    if found is None:
        raise UsageError(f"the agent {agent.name} needs the program {agent.program!r}: {get}")
    path = Path(found).resolve()
    for file in (path, *_native(agent, path)):
        if _is_native(file):
            return file.resolve()
    raise UsageError(f"{path} is a script, and its native program is not installed beside it: {get}")


def _native(agent: CodingAgent, path: Path) -> Iterator[Path]:
    package = next((folder for folder in path.parents if (folder / "package.json").is_file()), None)
    for pattern in agent.native if package else ():
        yield from sorted(Path(f"{package}/").glob(pattern))


def _is_native(file: Path) -> bool:
    with file.open("rb") as content:
        return content.read(len(_ELF)) == _ELF


def _version(file: Path) -> str:
    for folder in file.parents:
        about = folder / "package.json"
        if about.is_file():
            return str(json.loads(about.read_text(encoding="utf-8")).get("version", ""))
    return ""
