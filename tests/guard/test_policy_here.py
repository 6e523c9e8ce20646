"""A policy on this machine: what is sealed, what is hidden, and what is refused as too much."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import re2
from guarding import open_folder

from offswitch.errors import UsageError
from offswitch.guard.policy import load, protect, search, second_names
from offswitch.guard.policy.explain import explained, in_words
from offswitch.guard.policy.program import Shown, locate
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
        write(work / "sub/.vscode/tasks.json"),
        write(work / "ops/shutdown.sh"),
        write(work / "model/m.safetensors"),
        write(work / "mine/goal.cfg"),
    ]
    hidden = [write(work / ".aws/credentials"), write(work / ".env"), write(work / "app/.ssh/id_rsa")]
    for name in ("main.py", "monitor.py", "README.md", "node_modules/x/shutdown.sh"):
        write(work / name)
    resolved = here("assets: [{name: mine, role: parameters, patterns: [path: goal.cfg]}]")
    at_the_top = {str(work / name) for name in (*load.shipped("plain").files.sealed, ".envrc", "refs")}
    assert set(resolved.workplace.sealed) == {*map(str, sealed), *at_the_top, f"{work}/.git/commondir"}
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
    others = {(name, True) for name in (".vscode", ".idea", ".devcontainer", ".git", "refs")}
    others |= {(name, False) for name in ("offswitch.yaml", ".env", ".envrc")}
    assert made == {("conf", True), ("a.json", False), *others}
    assert str(ground / "work/mine.yaml") in resolved.workplace.sealed
    assert not (ground / "work/conf").exists(), "resolving starts nothing"


def test_a_search_that_is_too_long_and_too_many_files_are_refused(
    ground: Path, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        write(ground / f"work/{number}.safetensors")
    monkeypatch.setattr(search, "MOST_ENTRIES", 10)
    with pytest.raises(UsageError, match=r"more than 10 files among which something could be to be sealed"):
        here()
    monkeypatch.setattr(search, "MOST_ENTRIES", 1000)
    monkeypatch.setattr(protect, "MOST_FOUND", 5)
    with pytest.raises(UsageError, match=r"more than 5 files are of assets, such as .*safetensors"):
        here()


def test_a_link_is_not_sealed_but_refused(ground: Path, here: Here) -> None:
    write(ground / "work/AGENTS.md")
    (ground / "work/CLAUDE.md").symlink_to("AGENTS.md")
    with pytest.raises(UsageError, match=r"CLAUDE\.md is a link, which an agent could have put there"):
        here("files: {sealed: [CLAUDE.md]}")
    here("files: {sealed: [CLAUDE.md], open: [CLAUDE.md]}")


@pytest.mark.parametrize(
    ("link", "target", "files"),
    [
        ("out", "../home/elsewhere", {"writable": [".", "out"]}),
        ("vendor", "../home/.ssh", {"readable": ["vendor"]}),
        ("deep/vendor", "../../home/.ssh", {"readable": ["deep/vendor/sub"]}),
        (".claude", "real", {"sealed": [".claude/settings.json"]}),
        (".claude", "/nowhere", {"sealed": [".claude/settings.json"]}),
        ("docs", "real", {"open": ["docs/settings.json"]}),
        ("docs", "real", {"hidden": ["docs/settings.json"]}),
        (".env", "real/settings.json", {}),
        (".netrc", "real/settings.json", {}),
        ("sub/.vscode", "../real", {}),
        (".aws", "real", {}),
        (".git", "real", {}),
        ("../home/.agent", "elsewhere", {"writable": ["~/.agent/"]}),
    ],
)
def test_nothing_is_named_by_a_link_that_an_agent_could_have_put_there(
    ground: Path, here: Here, link: str, target: str, files: dict[str, list[str]]
) -> None:
    for name in ("settings.json", "tasks.json", "credentials", "HEAD"):
        write(ground / "work/real" / name)
    for place in ("../.ssh/sub", "../home/.ssh/sub", "../home/elsewhere", "deep", "sub"):
        (ground / "work" / place).mkdir(parents=True, exist_ok=True)
    file = write(ground / "policy.yaml", json.dumps({"files": files}))
    assert resolve(load.load(file), ground / "work", ground / "home", {}, file)
    (ground / "work" / link).symlink_to(target)
    with pytest.raises(UsageError) as told:
        resolve(load.load(file), ground / "work", ground / "home", {}, file)
    path = os.path.normpath(ground / "work" / link)
    assert str(told.value).startswith(f"{path} is a link, which an agent could have put there")


def test_a_secret_elsewhere_is_not_seen_by_a_link(ground: Path, here: Here) -> None:
    outside = write(ground / "outside")
    write(ground / "work/.aws/config")
    for name in (".aws/credentials", ".env"):
        (ground / "work" / name).symlink_to(outside)
    assert here().workplace.hidden == ()


@pytest.mark.parametrize("name", ["a[b]", "a*", "a?b", "a\x1b", "a\n"])
def test_no_name_of_a_folder_keeps_what_lies_in_it_from_being_found(
    ground: Path, here: Here, name: str
) -> None:
    secret = write(ground / "work" / name / ".netrc")
    assert here().workplace.hidden == (str(secret),)


def test_a_file_whose_path_is_an_assets_has_a_name_that_is_looked_for(ground: Path) -> None:
    protector = protect.Protector(load.shipped("claude_code"), ground)
    globs = {one.glob for asset in protector._index.assets for one in asset.patterns if one.kind == "path"}
    tried = 0
    for glob in globs:
        path = glob.replace("**", "a/b").replace("*", "xyz").replace("?", "q").replace("~", str(ground))
        path = re2.sub(r"\[([^\]!])[^\]]*\]", r"\1", path)
        place = Path("/", path) if path.startswith("/") else ground / "work" / path
        ways = [one for one in (place, *place.parents) if protector.of(one) is not None]
        tried += bool(ways)
        assert not ways or any(protector._names(one.name) for one in ways), (glob, place)
    assert tried > len(globs) * 0.9


@pytest.mark.parametrize(
    ("kept", "setting", "harm"),
    [
        ("rules.md", {"sealed": ["rules.md"]}, "changed"),
        ("ops/shutdown.sh", {}, "changed"),
        ("conf/deep/a", {"sealed": ["conf/"]}, "changed"),
        (".git/hooks/pre-commit", {}, "changed"),
        ("../lib/steering", {"readable": ["../lib"], "sealed": ["../lib/steering"]}, "changed"),
        (".env", {}, "read"),
        ("keys/id", {"hidden": ["keys"]}, "read"),
        ("app/.ssh/id_rsa", {}, "read"),
    ],
)
def test_a_second_name_by_which_it_could_be_reached_is_refused(
    ground: Path, here: Here, kept: str, setting: dict[str, list[str]], harm: str
) -> None:
    file = write(ground / "work" / kept)
    other = ground / "work/node_modules/x/other"
    other.parent.mkdir(parents=True)
    os.link(file, other)
    with pytest.raises(UsageError) as told:
        here(json.dumps({"files": setting}))
    path = str(file.resolve())
    said = f"{path} has a second name, {other} (a hard link), by which it could be {harm}: expected one name"
    assert str(told.value).startswith(said)
    also = "sealed" if harm == "changed" else "hidden"
    both = here(json.dumps({"files": setting | {also: [*setting.get(also, []), str(other)]}}))
    assert str(other) in getattr(both.workplace, also)


def test_a_second_name_that_is_out_of_reach_too_is_no_matter(ground: Path, here: Here) -> None:
    """As those of a store of packages outside the work, or of two files in one sealed folder."""
    os.link(write(ground / "work/shutdown.sh"), ground / "elsewhere")
    os.link(write(ground / "work/conf/a"), ground / "work/conf/b")
    os.link(write(ground / "work/.env"), ground / "env")
    assert str(ground / "work/shutdown.sh") in here("files: {sealed: [conf/]}").workplace.sealed


def test_a_sealed_name_of_a_secret_shows_it(ground: Path, here: Here) -> None:
    os.link(write(ground / "work/.env"), ground / "work/rules")
    with pytest.raises(UsageError, match=r"\.env has a second name, .*/rules .* could be read"):
        here("files: {sealed: [rules]}")


def test_a_second_name_that_cannot_be_looked_for_is_refused(
    ground: Path, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.link(write(ground / "work/.env"), ground / "elsewhere")
    monkeypatch.setattr(second_names, "MOST_ENTRIES", 5)
    for number in range(5):
        write(ground / f"work/{number}")
    with pytest.raises(UsageError, match="more than 5 files among which it could be"):
        here()


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
    with pytest.raises(UsageError, match="programs are started from"):
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
    assert resolved.made[0] == (ground / ".agent", True)


def test_a_program_is_found_as_outside_and_its_package_is_watched(ground: Path) -> None:
    program = write(ground / "pkg/bin/agent.js", "#!/bin/sh\n")
    program.chmod(0o755)
    write(ground / "pkg/package.json", "{}")
    (ground / "bin").mkdir()
    (ground / "bin/agent").symlink_to(program)
    environment = {"PATH": f"{ground}/bin:/usr/bin"}
    away = Path("/nonesuch")
    found = locate(["agent", "-v"], ground, away, environment, Shown((ground,)))
    assert found.argv == (str(ground / "bin/agent"), "-v")
    assert found.path.startswith(f"{ground}/bin:")
    assert found.files == (ground / "bin/agent", program, ground / "pkg")
    with pytest.raises(UsageError, match=rf"does not show {ground}/pkg/bin/agent.js.*\({ground}/pkg\)"):
        locate(["agent"], ground, away, environment, Shown((), (ground / "bin",)))
    with pytest.raises(UsageError, match="expected a program that can be run"):
        locate(["nonesuch"], ground, away, environment, Shown())


def test_a_virtual_environment_and_its_python_are_shown_and_watched(ground: Path) -> None:
    whole, venv = ground / "py3", ground / "venv"
    python = write(whole / "bin/python3.12", "#!/bin/sh\n")
    python.chmod(0o755)
    write(whole / "lib/python3.12/os.py")
    write(venv / "pyvenv.cfg")
    (venv / "bin").mkdir()
    (venv / "bin/python").symlink_to(python)
    environment = {"PATH": f"{venv}/bin"}
    found = locate(["python", "a.py"], ground, Path("/nonesuch"), environment, Shown())
    assert found.needed == (venv / "bin", venv / "pyvenv.cfg", whole)
    assert venv in found.files
    with pytest.raises(UsageError, match="does not show"):
        locate(["python"], ground, venv / "home", environment, Shown())


def test_of_an_environment_in_a_folder_of_more_only_its_parts_are_shown_and_the_work_is_not_watched(
    ground: Path,
) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", ground], check=True)
    write(ground / ".netrc", "machine example.org password x")
    shown = Shown((ground / "work",))
    found = locate([f"{ground}/bin/python", "-V"], ground, Path("/nonesuch"), {"PATH": "/usr/bin"}, shown)
    assert {ground / "bin", ground / "lib", ground / "pyvenv.cfg"} <= set(found.needed)
    assert not any(Path(one).is_relative_to(part) for one in (ground / ".netrc",) for part in found.needed)
    assert not any((ground / "work").is_relative_to(file) for file in found.files)
    assert ground / "lib" in found.files


def test_a_program_in_the_work_does_not_make_all_of_that_watched(ground: Path) -> None:
    work = ground / "work"
    write(work / "run.sh", "#!/bin/sh\n").chmod(0o755)
    write(work / "package.json", "{}")
    found = locate(["./run.sh"], work, Path("/nonesuch"), {"PATH": "/usr/bin"}, Shown((work,)))
    assert work / "run.sh" in found.files
    assert work not in found.files


@pytest.mark.parametrize(
    "place",
    [".ssh", ".config", ".config/systemd", ".config/systemd/user/x", ".local", ".config/autostart", ".aws"],
)
def test_a_folder_that_programs_start_from_by_themselves_is_refused(
    ground: Path, here: Here, place: str
) -> None:
    (ground / place).mkdir(parents=True)
    with pytest.raises(UsageError, match=rf"programs are started from {ground}/\."):
        here(f"files: {{writable: ['~/{place}']}}")
    here("files: {writable: ['~/.config/editor/']}")


def test_a_start_up_file_that_is_a_link_into_the_work_is_sealed_there(ground: Path, here: Here) -> None:
    """As of people who keep such files in a repository; `systemctl link` makes the like."""
    work = ground / "work"
    (ground / ".bashrc").symlink_to("work/bashrc")
    write(work / "bashrc")
    (ground / ".config").symlink_to("work/config")
    units = work / "config/systemd/user"
    units.mkdir(parents=True)
    write(work / "app.service")
    (units / "app.service").symlink_to(work / "app.service")
    resolved = here()
    names = ("bashrc", "config/systemd/user", "config/autostart", "app.service")
    assert {str(work / name) for name in names} <= set(resolved.workplace.sealed)
    assert (work / "config/autostart", False) in resolved.made
    assert not {str(work / "main.py"), str(work)} & set(resolved.workplace.sealed)


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
