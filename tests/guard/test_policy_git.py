"""Git inside: a commit works, and nothing can be left that the next person's command would start."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from guarding import Desk, desk_of_its_own

from offswitch.guard.policy import load
from offswitch.guard.policy.resolve import resolve

AS = ("-c", "user.name=person", "-c", "user.email=person@example.org", "-c", "protocol.file.allow=always")


def git(folder: Path, *arguments: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        ["git", *AS, *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout


def repository(folder: Path, *arguments: str) -> Path:
    """Make a repository with one commit."""
    git(folder, "init", "-q", *arguments)
    (folder / "file").write_text("one\n")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    return folder


@pytest.fixture
def desk() -> Iterator[Desk]:
    with desk_of_its_own() as desk:
        yield desk


def sealed(desk: Desk, text: str = "about: x") -> set[str]:
    """Return what a policy seals in the work, as paths relative to it."""
    file = desk.home / "policy.yaml"
    file.write_text(text)
    inside = resolve(load.load(file), desk.work, desk.home, {}).workplace
    others = {name.rstrip("/") for name in (*load.shipped("plain").files.sealed, ".env", ".envrc")}
    return {str(Path(path).relative_to(desk.work)) for path in inside.sealed} - others


def of(git_folder: str) -> set[str]:
    return {f"{git_folder}/{name}" for name in ("hooks", "config", "commondir")}


def test_placeholders_are_not_among_what_an_agent_commits(desk: Desk) -> None:
    repository(desk.work)
    (desk.work / ".git/info/exclude").write_text("*.log")
    (desk.work / "a.log").touch()
    (desk.work / "new").touch()
    commit = "git status --porcelain; git add -A; git -c user.name=a -c user.email=a@b commit -q -m all"
    done = desk.run("guard", "--name", desk.name, "--policy", "plain", "--", "sh", "-c", commit)
    assert (done.returncode, done.stdout) == (0, "?? new\n"), done.stderr
    assert git(desk.work, "ls-files").split() == ["file", "new"]
    assert (desk.work / ".git/info/exclude").read_text() == "*.log", "it is another one inside only"


def test_hooks_and_configuration_are_sealed_whether_they_are_there_or_not(desk: Desk) -> None:
    repository(desk.work, "--template=")
    assert not (desk.work / ".git/hooks").exists()
    repository(desk.work / "a/b/c")
    git(desk.work / "bare.git", "init", "-q", "--bare")
    assert sealed(desk) == {*of(".git"), "refs", *of("a/b/c/.git"), "a/b/c/refs", *of("bare.git")}


def test_so_are_those_of_worktrees_and_submodules(desk: Desk) -> None:
    repository(desk.work)
    library = repository(desk.home / "library")
    git(desk.work, "worktree", "add", "-q", "other")
    git(desk.work, "submodule", "--quiet", "add", str(library), "sub")
    others = {"other/.git", ".git/worktrees/other/commondir", ".git/worktrees/other/config.worktree"}
    assert sealed(desk) == {*of(".git"), *others, "sub/.git", *of(".git/modules/sub"), ".gitmodules", "refs"}


def test_so_is_what_the_configuration_leads_to(desk: Desk) -> None:
    repository(desk.work)
    (desk.work / "team.ini").write_text('[core]\n\thooksPath = ".husky/_" # of husky\n')
    git(desk.work, "config", "include.path", "../team.ini")
    git(desk.work, "config", "extensions.worktreeConfig", "true")
    assert sealed(desk) == {*of(".git"), ".git/config.worktree", "team.ini", ".husky/_", "refs"}


def test_it_can_be_left_open_by_name_or_by_role(desk: Desk) -> None:
    repository(desk.work)
    assert sealed(desk, "files: {open: [.git/config, refs]}") == of(".git") - {".git/config"}
    assert sealed(desk, "files: {open: [.git, refs]}") == set()
    assert sealed(desk, "protect: {persistence: open}") == set()


def test_a_repository_that_lacks_its_head_and_a_folder_that_is_none_cannot_become_the_agents(
    desk: Desk,
) -> None:
    assert sealed(desk) == {".git", "refs"}
    (desk.work / ".git").mkdir()
    assert sealed(desk) == {".git", "refs"}, "it may be the placeholder of another guard"
    repository(desk.work)
    (desk.work / ".git/HEAD").unlink()
    (desk.work / "refs/of").mkdir(parents=True)
    assert sealed(desk) == {*of(".git"), "objects"}


WORK = """
set -e
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
echo two >> file; git commit -qam second
git checkout -qb topic; echo three >> file; git commit -qam third
git checkout -q -; git merge -q topic; git tag one; git branch -d topic
echo four >> file; git stash -q; git stash pop -q; git commit -qam fourth
git rebase -q --force-rebase HEAD~2; git gc -q; git status; git worktree list; git log --oneline | wc -l
cd other; echo x >> file; git commit -qam fifth; cd ..
cd sub; echo y >> file; git commit -qam sixth; cd ..; git commit -qam 'sub'
"""
ATTEMPTS = (
    "echo 'touch /tmp/ran' > .git/hooks/post-commit",
    "mkdir -p .git/hooks/x",
    "rm -r .git/hooks",
    "git config core.hooksPath /tmp",
    "mv .git .git2",
    "echo ../evil > .git/commondir",
    "rm .git/commondir",
    "echo 'gitdir: ../evil' > other/.git",
    "rm other/.git",
    "mv other elsewhere",
    "echo ../../../evil > .git/worktrees/other/commondir",
    "mv .git/worktrees/other .git/worktrees/another",
    "echo x > .git/worktrees/other/config.worktree",
    "echo 'gitdir: ../evil' > sub/.git",
    "echo x >> .git/modules/sub/config",
    "mv .git/modules/sub .git/modules/bus",
    "git init -q --bare .",
    "echo LD_PRELOAD=x > .env",
    "mkdir -p .vscode/x",
)


@pytest.mark.sandbox
@pytest.mark.safety
@pytest.mark.root
def test_inside_work_goes_on_and_nothing_of_it_can_be_changed(desk: Desk) -> None:
    repository(desk.work, "--template=")
    library = repository(desk.home / "library")
    git(desk.work, "worktree", "add", "-q", "other")
    git(desk.work, "submodule", "--quiet", "add", str(library), "sub")
    git(desk.work, "commit", "-qm", "sub")
    (desk.work / ".git/info").mkdir()
    (desk.work / ".git/info/exclude").write_text("other\noffswitch.yaml\n.env*\n")
    before = {path: path.read_bytes() for path in desk.work.rglob("config")}
    tried = "\n".join(f"({attempt}) 2>/dev/null && echo 'DONE: {attempt!r}'" for attempt in ATTEMPTS)
    done = desk.run("guard", "--name", desk.name, "--", "bash", "-c", f"{WORK}\nset +e\n{tried}\nexit 0")
    assert done.returncode == 0, done.stderr
    assert "DONE" not in done.stdout
    assert "nothing to commit" in done.stdout
    assert {path: path.read_bytes() for path in desk.work.rglob("config")} == before
    assert not (desk.work / ".git/hooks").exists()
    assert not (desk.work / "refs").exists(), "or the work would be a repository now, of the agent's"
    assert [str(path.relative_to(desk.work)) for path in desk.work.rglob("commondir")] == [
        ".git/worktrees/other/commondir"
    ]
    for folder in (desk.work, desk.work / "other", desk.work / "sub"):
        git(folder, "-c", "safe.directory=*", "fsck", "--strict")
        assert git(folder, "-c", "safe.directory=*", "status", "--porcelain", "-uno") == ""
