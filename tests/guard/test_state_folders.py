"""An agent's folders in the home: what steers it and its records are there, and nothing else of the person's.

What other programs of the person's run or read in these folders, outside, it does not reach.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from guarding import OUR_SETTINGS, WITHOUT, Desk, await_true, desk_of_its_own
from persons import person

from offswitch.guard import records
from offswitch.guard.policy import load

pytestmark = [pytest.mark.sandbox, pytest.mark.safety]

WRITE = """
import os, sys
for path in map(os.path.expanduser, sys.argv[1:]):
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "a") as file:
            file.write("by the agent")
        print("wrote", path)
    except OSError as refusal:
        print("refused", path, refusal.errno)
"""
LISTEN = """
import os, socket, sys
line = socket.socket(socket.AF_UNIX)
line.bind(os.path.expanduser(sys.argv[1]))
line.listen()
open("listens", "w").close()
while True:
    other = line.accept()[0]
    socket.send_fds(other, [b"here"], [os.open("secret.txt", os.O_RDWR)])
"""
CALL = """
import os, socket, sys
line = socket.socket(socket.AF_UNIX)
line.connect(os.path.expanduser(sys.argv[1]))
print(os.read(socket.recv_fds(line, 10, 1)[1][0], 100))
"""
CALL_UNTIL_ANSWERED = f"""
import time
open("up", "w").close()
while True:
    try:
        exec({CALL!r})
        break
    except (FileNotFoundError, ConnectionRefusedError):
        time.sleep(0.05)
"""
RUN_OUTSIDE = {
    "claude_code": (
        *("statusline.sh", "scripts/notify.sh", "mine/hook.sh", "shell-snapshots/snapshot-bash-1-a.sh"),
        *("session-env/s1/hook-0.sh", "skills/mine/SKILL.md", "hooks/stop.sh", "plugins/cache/run.js"),
        *("projects/-other/memory/MEMORY.md", "history.jsonl", ".credentials.json", "settings.json"),
    ),
    "codex": (
        *("notify.sh", "models_cache.json", "skills/mine/SKILL.md", "shell_snapshots/s.sh"),
        *("tmp/arg0/codex-arg0abc/apply_patch", "sessions/2026/01/01/rollout-other.jsonl", "auth.json"),
        *("history.jsonl", "config.toml", "hooks.json", "prompts/p.md", "AGENTS.md"),
    ),
    "openhands": (
        *("cache/skills/mine/SKILL.md", "conversations/other/base_state.json", "agent_settings.json"),
        *("mcp.json", "hooks.json"),
    ),
}
"""What lies in each agent's folder and is run or read by its other sessions, outside."""
FOLDERS = {"claude_code": ".claude", "codex": ".codex", "openhands": ".openhands"}
RECORDS = {"claude_code": "projects", "codex": "sessions", "openhands": "conversations"}
POLICIES = tuple(FOLDERS)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with desk_of_its_own() as desk:
        desk.environment |= dict.fromkeys(("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "LLM_API_KEY"), "k")
        yield desk


@contextlib.contextmanager
def elsewhere(desk: Desk) -> Iterator[Desk]:
    """The same home, another folder of work."""
    other = object.__new__(Desk)
    other.__dict__ |= desk.__dict__ | {"name": desk.name + "-2", "work": desk.work.with_name("other")}
    other.work.mkdir()
    try:
        yield other
    finally:
        other.run("stop", other.name)
        shutil.rmtree(other.work)
        shutil.rmtree(records.place(other.work, "x").parent, ignore_errors=True)


def laid_out(desk: Desk, policy: str) -> dict[Path, str]:
    """Lay out the folder of the agent's outside sessions; return what every file of it holds."""
    for name in RUN_OUTSIDE[policy]:
        file = desk.home / FOLDERS[policy] / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text('{"of": "the person"}\n')
    return content(desk.home / FOLDERS[policy])


def content(folder: Path) -> dict[Path, str]:
    return {path: path.read_text() for path in folder.rglob("*") if path.is_file()}


def run(
    desk: Desk, policy: str, program: str, *arguments: str, settings: Sequence[str] = OUR_SETTINGS
) -> str:
    """Run a program of ours as the agent; return what it prints."""
    (desk.work / "act.py").write_text(program)
    named = ["guard", "--name", desk.name, "--policy", policy, *settings, "--"]
    done = desk.run(*named, "/usr/bin/python3", "act.py", *arguments)
    assert "Traceback" in done.stderr or done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("policy", POLICIES)
def test_what_is_run_outside_cannot_be_written(desk: Desk, policy: str) -> None:
    before = laid_out(desk, policy)
    state = FOLDERS[policy]
    paths = [f"~/{state}/{name}" for name in (*RUN_OUTSIDE[policy], "new.sh", "skills/new/SKILL.md")]
    said = run(desk, policy, WRITE, *paths, "./here.txt")
    assert said.count("wrote") + said.count("refused") == len(paths) + 1
    assert (desk.work / "here.txt").exists()
    assert content(desk.home / state) == before
    sealed = [one for one in load.shipped(policy).files.sealed if one.startswith(f"~/{state}/")]
    for name in RUN_OUTSIDE[policy]:
        path = f"~/{state}/{name}"
        if any(path.startswith(one) for one in sealed):
            assert f"refused {desk.home}/{state}/{name} 30" in said, "it is read-only"


@pytest.mark.parametrize("policy", POLICIES)
def test_secrets_and_other_folders_records_are_not_there(desk: Desk, policy: str) -> None:
    laid_out(desk, policy)
    look = "import os; print([f for _, _, files in os.walk(os.path.expanduser('~')) for f in files])"
    seen = run(desk, policy, look)
    assert "rollout-other.jsonl" not in seen
    assert "base_state.json" not in seen
    assert "MEMORY.md" not in seen
    assert ".credentials.json" not in seen
    assert "agent_settings.json" not in seen
    assert any(Path(one).name in seen for one in RUN_OUTSIDE[policy]), "what is sealed is there"


@pytest.mark.parametrize("policy", POLICIES)
def test_what_steers_it_cannot_be_made_where_it_is_not(desk: Desk, policy: str) -> None:
    sealed = [one for one in load.shipped(policy).files.sealed if one.startswith("~/")]
    said = run(desk, policy, WRITE, *(f"{one}x" if one.endswith("/") else one for one in sealed))
    assert said.count("refused") == len(sealed)
    assert not (desk.home / FOLDERS[policy]).exists(), "nothing is made in the person's home for it"


@pytest.mark.parametrize("policy", POLICIES)
def test_its_records_are_there_again_and_in_no_other_folder(desk: Desk, policy: str) -> None:
    file = f"~/{FOLDERS[policy]}/{RECORDS[policy]}/a/session.jsonl"
    read = f"import os; print(open(os.path.expanduser('{file}')).read())"
    assert "wrote" in run(desk, policy, WRITE, file, f"~/{FOLDERS[policy]}/other")
    assert "by the agent" in run(desk, policy, read)
    assert "FileNotFoundError" in run(
        desk, policy, read.replace(f"{RECORDS[policy]}/a/session.jsonl", "other")
    )
    with elsewhere(desk) as other:
        assert "FileNotFoundError" in run(other, policy, read)


@pytest.mark.parametrize("policy", POLICIES)
def test_two_agents_of_one_person_do_not_meet_there(desk: Desk, policy: str) -> None:
    (desk.work / "secret.txt").write_text("of the first\n")
    (desk.work / "act.py").write_text(LISTEN)
    for folder in ("", RECORDS[policy]):
        place = str(Path("~", FOLDERS[policy], folder, "s"))
        with desk.guarded("/usr/bin/python3", "act.py", place, policy=policy) as first:
            await_true((desk.work / "listens").exists)
            with elsewhere(desk) as other:
                said = run(other, policy, CALL, place)
            assert first.poll() is None
            assert "FileNotFoundError" in said
        desk.run("stop", desk.name)
        (desk.work / "listens").unlink()


def test_they_would_meet_in_a_folder_that_both_are_given(desk: Desk) -> None:
    policy = desk.policy("base: codex\nfiles: {writable: [~/.codex/]}\n")
    (desk.work / "secret.txt").write_text("of the first\n")
    (desk.work / "act.py").write_text(LISTEN)
    argv = ("/usr/bin/python3", "act.py", "~/.codex/s")
    with elsewhere(desk) as other:
        (other.work / "act.py").write_text(CALL_UNTIL_ANSWERED)
        with other.guarded(*argv, policy=policy) as second:
            await_true((other.work / "up").exists)
            with desk.guarded(*argv, policy=policy):
                assert "of the first" in second.communicate(timeout=60)[0]


@pytest.mark.root
def test_an_ordinary_user_has_their_own_records() -> None:
    file = "~/.claude/projects/-x/session.jsonl"
    read = f"import os; print(open(os.path.expanduser('{file}')).read())"
    with person() as one:
        one.environment["ANTHROPIC_API_KEY"] = "k"
        said = run(one, "claude_code", WRITE, file, "~/.claude/CLAUDE.md", settings=WITHOUT)
        assert (said.count("wrote"), said.count("refused")) == (1, 1)
        assert "by the agent" in run(one, "claude_code", read, settings=WITHOUT)
        assert not (one.home / ".claude").exists()
        assert list(one.home.glob(".local/share/offswitch/records/work-*/.claude/projects/-x/session.jsonl"))


def test_a_home_of_links_shows_what_they_lead_to(desk: Desk) -> None:
    dots = desk.home / "dotfiles" / "claude"
    (dots / "skills" / "mine").mkdir(parents=True)
    (dots / "settings.json").write_text('{"permissions": {"deny": ["Bash"]}}\n')
    (dots / "skills" / "mine" / ".netrc").write_text("machine x password y\n")
    (desk.home / ".claude").symlink_to("dotfiles/claude")
    before = content(dots)
    paths = ("~/.claude/settings.json", "~/.claude/skills/mine/SKILL.md")
    assert run(desk, "claude_code", WRITE, *paths).count("refused") == len(paths)
    read = "import os; print([open(os.path.expanduser('~/.claude/' + one)).read() for one in {}])"
    seen = run(desk, "claude_code", read.format(("settings.json", "skills/mine/.netrc")))
    assert "deny" in seen
    assert "password" not in seen
    assert content(dots) == before


def test_a_whole_folder_that_is_given_keeps_its_secrets_and_files(desk: Desk) -> None:
    before = laid_out(desk, "codex")
    policy = desk.policy("base: codex\nfiles: {writable: [~/.codex/]}\n")
    said = run(desk, policy, "import os; print(repr(open(os.path.expanduser('~/.codex/auth.json')).read()))")
    assert said.startswith("''"), "it is hidden"
    assert content(desk.home / ".codex") == before, "nothing is given in the person's own folder"


def test_what_it_is_given_is_its_own_and_new_each_time(desk: Desk) -> None:
    for _ in range(2):
        said = run(desk, "claude_code", "import os; print(open(os.path.expanduser('~/.claude.json')).read())")
        assert '"hasCompletedOnboarding": true' in said
        assert "by the agent" not in said
        assert "wrote" in run(desk, "claude_code", WRITE, "~/.claude.json")
    assert not (desk.home / ".claude.json").exists()
