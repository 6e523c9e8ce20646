"""A policy on this machine: what is sealed, what is hidden, and what is refused as too much."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from guarding import open_folder

from offswitch.errors import UsageError
from offswitch.guard.policy import load, protect
from offswitch.guard.policy.explain import explained, in_words
from offswitch.guard.policy.program import locate
from offswitch.guard.policy.resolve import Resolved, resolve

Here = Callable[..., Resolved]


@pytest.fixture
def ground() -> Iterator[Path]:
    """A home with a folder of work in it."""
    with open_folder() as home:
        (home / "work").mkdir()
        yield home


@pytest.fixture
def here(ground: Path) -> Here:
    def resolved(text: str = "about: x", name: str = "policy.yaml", **environment: str) -> Resolved:
        file = ground / name
        file.write_text(text)
        given = {"PATH": "/usr/bin:/bin", **environment}
        return resolve(load.load(file), ground / "work", ground, given, file)

    return resolved


def write(file: Path, text: str = "x\n") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def test_files_of_assets_are_sealed_by_their_role_and_secrets_hidden(ground: Path, here: Here) -> None:
    work = ground / "work"
    sealed = [
        write(work / ".git/hooks/pre-commit").parent,
        write(work / ".git/config"),
        write(work / ".vscode/tasks.json"),
        write(work / "ops/shutdown.sh"),
        write(work / "model/m.safetensors"),
        write(work / "mine/goal.cfg"),
    ]
    hidden = [write(work / ".aws/credentials"), write(work / ".env"), write(work / "app/.ssh/id_rsa")]
    for name in ("main.py", "monitor.py", "README.md", "node_modules/x/shutdown.sh"):
        write(work / name)
    resolved = here("assets: [{name: mine, role: parameters, patterns: [path: goal.cfg]}]")
    assert set(resolved.workplace.sealed) == {*map(str, sealed), str(work / "offswitch.yaml")}
    assert set(resolved.workplace.hidden) == set(map(str, hidden))
    assert resolved.role_of(str(work / "ops/shutdown.sh")) == "shutdown"
    assert resolved.role_of(str(work / ".git/hooks/pre-commit")) == "persistence"
    assert set(resolved.workplace.sealed) <= set(resolved.watched)


def test_a_role_can_be_left_open_or_hidden_and_a_path_opened(ground: Path, here: Here) -> None:
    weights = str(write(ground / "work/m.safetensors"))
    flag = str(write(ground / "work/shutdown.sh"))
    resolved = here("protect: {weights: open, shutdown: hidden}")
    assert weights not in resolved.workplace.sealed
    assert flag in resolved.workplace.hidden
    assert flag not in here("files: {open: [shutdown.sh]}").workplace.sealed


def test_what_is_sealed_and_not_there_is_made_and_the_policy_is_sealed_where_it_lies(
    ground: Path, here: Here
) -> None:
    resolved = here("files: {sealed: [conf/, a.json]}", name="work/mine.yaml")
    made = {(one.path.name, one.folder) for one in resolved.made}
    assert made == {("offswitch.yaml", False), ("conf", True), ("a.json", False)}
    assert str(ground / "work/mine.yaml") in resolved.workplace.sealed
    assert not (ground / "work/conf").exists(), "resolving starts nothing"


def test_a_search_that_is_too_long_is_told_and_too_many_files_are_refused(
    ground: Path, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        write(ground / f"work/{number}.safetensors")
    monkeypatch.setattr(protect, "MOST_ENTRIES", 10)
    assert "only 10 files were searched" in here().notes[-1]
    monkeypatch.setattr(protect, "MOST_FOUND", 5)
    with pytest.raises(UsageError, match=r"more than 5 files are of assets, such as .*safetensors"):
        here()


def test_what_has_a_second_name_is_not_sealed_but_refused(ground: Path, here: Here) -> None:
    write(ground / "work/AGENTS.md")
    (ground / "work/CLAUDE.md").symlink_to("AGENTS.md")
    with pytest.raises(UsageError, match=r"CLAUDE\.md is a link, which the agent could replace"):
        here("files: {sealed: [CLAUDE.md]}")
    here("files: {sealed: [CLAUDE.md], open: [CLAUDE.md]}")
    os.link(ground / "work/AGENTS.md", ground / "work/other")
    with pytest.raises(UsageError, match=r"AGENTS\.md has a second name \(a hard link\)"):
        here("files: {sealed: [AGENTS.md]}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("files: {writable: ['~']}", "writable: it holds more than the agent's work"),
        ("files: {writable: [..]}", "writable: it holds more than the agent's work"),
        ("files: {writable: [/]}", "the policy makes / writable"),
        ("files: {writable: [/tmp]}", "the policy makes /tmp writable"),
        ("files: {writable: [/etc/cron.d]}", "programs of the system are started from it"),
        ("files: {writable: [/usr/local]}", "programs of the system are started from it"),
        ("files: {readable: ['~']}", "keys and sockets lie in it"),
        ("files: {readable: [/]}", "keys and sockets lie in it"),
        ("files: {readable: [/proc/1]}", "keys and sockets lie in it"),
        ("files: {readable: [/run]}", "keys and sockets lie in it"),
    ],
)
def test_a_policy_that_gives_too_much_is_refused(here: Here, text: str, said: str) -> None:
    with pytest.raises(UsageError) as told:
        here(text)
    assert said in str(told.value)
    assert "expected" in str(told.value)


def test_a_folder_that_programs_outside_are_started_from_is_refused_and_one_in_the_work_is_sealed(
    ground: Path, here: Here
) -> None:
    tools = ground / "work/venv/bin"
    tools.mkdir(parents=True)
    (ground / "bin").mkdir()
    path = f"/usr/bin:{tools}:{ground / 'bin'}"
    with pytest.raises(UsageError, match="programs outside the cell are found there"):
        here("files: {writable: ['~/bin']}", PATH=path)
    assert str(tools) in here(PATH=path).workplace.sealed


def test_a_socket_that_somebody_listens_on_is_refused_unless_it_is_hidden_or_opened(
    ground: Path, here: Here
) -> None:
    place = ground / "work/docker.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(place))
        listener.listen()
        with pytest.raises(UsageError, match="a service outside the cell listens on it"):
            here()
        here("files: {hidden: [docker.sock]}")
        here("files: {open: [docker.sock]}")


def test_the_key_of_a_model_is_needed_and_must_be_one(here: Here) -> None:
    text = "model: {url: 'https://x.org', key: MY_KEY, variables: [A_URL], prefix: 'Bearer '}"
    with pytest.raises(UsageError, match="expected it in the guard's environment as MY_KEY"):
        here(text)
    with pytest.raises(UsageError, match="MY_KEY is no key"):
        here(text, MY_KEY="a\nb")
    resolved = here(text, MY_KEY="sk-1")
    assert resolved.provider is not None
    assert resolved.provider.value == "Bearer sk-1"
    assert resolved.workplace.env["A_URL"] == "http://127.0.0.1:4141"
    assert "sk-1" not in str(resolved.workplace)


def test_what_is_not_there_is_left_out_and_told_and_a_folder_of_state_is_made(
    ground: Path, here: Here
) -> None:
    resolved = here("files: {writable: [out, ~/.agent/], readable: [/srv/nonesuch]}")
    assert resolved.notes == ("out is not there, and left out", "/srv/nonesuch is not there, and left out")
    assert str(ground / ".agent") in resolved.workplace.writable
    assert [one.path.name for one in resolved.made if one.folder] == [".agent"]


def test_a_program_is_found_as_outside_and_its_package_is_watched(ground: Path) -> None:
    program = write(ground / "pkg/bin/agent.js", "#!/bin/sh\n")
    program.chmod(0o755)
    write(ground / "pkg/package.json", "{}")
    (ground / "bin").mkdir()
    (ground / "bin/agent").symlink_to(program)
    environment = {"PATH": f"{ground}/bin:/usr/bin"}
    away = Path("/nonesuch")
    found = locate(["agent", "-v"], ground, away, environment, [ground])
    assert found.argv == (str(ground / "bin/agent"), "-v")
    assert found.path.startswith(f"{ground}/bin:")
    assert found.files == (ground / "bin/agent", program, ground / "pkg")
    with pytest.raises(UsageError, match=rf"does not show {ground}/pkg/bin/agent.js.*\({ground}/pkg\)"):
        locate(["agent"], ground, away, environment, [ground / "bin"])
    with pytest.raises(UsageError, match="expected a program that can be run"):
        locate(["nonesuch"], ground, away, environment, [])


def test_a_virtual_environment_and_its_python_are_shown_and_watched(ground: Path) -> None:
    whole, venv = ground / "py3", ground / "venv"
    python = write(whole / "bin/python3.12", "#!/bin/sh\n")
    python.chmod(0o755)
    write(whole / "lib/python3.12/os.py")
    write(venv / "pyvenv.cfg")
    (venv / "bin").mkdir()
    (venv / "bin/python").symlink_to(python)
    environment = {"PATH": f"{venv}/bin"}
    found = locate(["python", "a.py"], ground, Path("/nonesuch"), environment, [])
    assert found.needed == (venv, whole)
    assert venv in found.files
    with pytest.raises(UsageError, match="does not show"):
        locate(["python"], ground, venv / "home", environment, [])


def test_explaining_lists_what_the_agent_sees_without_starting_anything(ground: Path, here: Here) -> None:
    write(ground / "work/shutdown.sh")
    text = "model: {url: 'https://x.org', key: MY_KEY, variables: [A_URL]}\nnetwork: {hosts: [example.org]}"
    resolved = here(text, MY_KEY="sk-secret")
    described = explained(load.load(ground / "policy.yaml"), resolved, ["agent", "-v"])
    said = in_words(described)
    assert f"  {ground}/work/shutdown.sh (shutdown)" in said.splitlines()
    assert "  example.org:443" in said.splitlines()
    assert "A_URL" in described["environment"]
    assert "sk-secret" not in str(described)
