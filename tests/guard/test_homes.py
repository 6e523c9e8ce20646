"""Root's guard, and the homes of the people whose files it lets an agent work on."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from guarding import Desk, await_true, desk_of_its_own

pytestmark = [pytest.mark.sandbox, pytest.mark.safety, pytest.mark.root]

_numbers = count()


@pytest.fixture
def desk() -> Iterator[Desk]:
    with desk_of_its_own() as one:
        yield one


@pytest.fixture
def account() -> Iterator[pwd.struct_passwd]:
    """A user whom the machine lists, with a home and a folder of work in it."""
    if shutil.which("useradd") is None:
        pytest.skip("this machine has no useradd")
    name = f"offswitch-{os.getpid()}-{next(_numbers)}"
    subprocess.run(["useradd", "--create-home", "--shell", "/bin/sh", name], check=True, capture_output=True)
    try:
        found = pwd.getpwnam(name)
        work = Path(found.pw_dir, "work")
        work.mkdir()
        os.chown(work, found.pw_uid, found.pw_gid)
        Path(found.pw_dir).chmod(0o755)
        yield found
    finally:
        subprocess.run(["userdel", "--remove", name], check=True, capture_output=True)


def left_after(desk: Desk, made: Path) -> list[dict[str, str]]:
    """Return what a stop lists as left when a file was made while the agent ran."""
    with desk.guarded("/bin/sleep", "60") as guard:
        await_true(lambda: desk.state() == "running")
        made.write_text("again\n")
        done = desk.run("stop", desk.name, "--json")
        guard.wait(20)
    found: list[dict[str, str]] = json.loads(done.stdout)["left"]
    return found


def test_the_home_of_another_user_is_not_given_away(desk: Desk, account: pwd.struct_passwd) -> None:
    home = Path(account.pw_dir)
    for folder in (home, home.parent):
        done = desk.run("guard", "--name", desk.name, "--", "/bin/true", cwd=folder)
        assert done.returncode == 2
        assert "it holds more than the agent's work" in done.stderr
    done = desk.run("guard", "--policy", desk.policy(f"files: {{readable: ['{home}']}}\n"), "--", "/bin/true")
    assert "keys and sockets lie in it" in done.stderr


def test_nor_that_of_one_whom_the_machine_does_not_list(desk: Desk) -> None:
    (desk.work / ".ssh").mkdir()
    done = desk.run("guard", "--name", desk.name, "--", "/bin/true")
    assert done.returncode == 2
    assert "it holds more than the agent's work: .ssh, as homes do" in done.stderr


def test_the_home_of_the_works_owner_is_swept(desk: Desk, account: pwd.struct_passwd) -> None:
    own, desk.work = desk.work, Path(account.pw_dir, "work")
    made = Path(account.pw_dir, ".zshrc")
    left = left_after(desk, made)
    desk.work = own
    assert {"what": str(made), "change": "made"} in left


def test_the_home_of_who_has_become_root_by_sudo_is_swept(desk: Desk, account: pwd.struct_passwd) -> None:
    desk.environment["SUDO_UID"] = str(account.pw_uid)
    made = Path(account.pw_dir, ".bash_login")
    assert {"what": str(made), "change": "made"} in left_after(desk, made)
