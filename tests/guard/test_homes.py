"""Root's guard, and the homes of the people whose files it lets an agent work on."""

from __future__ import annotations

import json
import os
import pwd
from collections.abc import Iterator
from pathlib import Path

import pytest
from apart import apart
from guarding import Desk, await_true, desk_of_its_own, open_folder

pytestmark = [pytest.mark.sandbox, pytest.mark.safety, pytest.mark.root]

_FIRST_NUMBER = 1_600_000_000
"""Of users whom nobody else has: each process of the tests makes one at a time."""


@pytest.fixture
def desk() -> Iterator[Desk]:
    with desk_of_its_own() as one:
        yield one


@pytest.fixture
def account(desk: Desk) -> Iterator[pwd.struct_passwd]:
    """A user whom the machine lists for this desk, with a home and a folder of work in it."""
    number = _FIRST_NUMBER + os.getpid()
    with open_folder() as place:
        home, listed = place / "people/one", place / "passwd"
        (home / "work").mkdir(parents=True)
        for folder in (home, home / "work"):
            os.chown(folder, number, number)
        found = pwd.struct_passwd((f"offswitch-{number}", "x", number, number, "", str(home), "/bin/sh"))
        listed.write_text(Path("/etc/passwd").read_text() + ":".join(map(str, found)) + "\n")
        with apart(f"mount --bind {listed} /etc/passwd") as let_in:
            own, desk.program = desk.program, (*let_in, *desk.program)
            yield found
            desk.program = own


def left_after(desk: Desk, made: Path) -> list[dict[str, str]]:
    """Return what a stop lists as left when a file was made while the agent ran."""
    with desk.guarded("/bin/sleep", "60") as guard:
        await_true(lambda: desk.state() == "running")
        made.write_text("again\n")
        done = desk.run("stop", desk.name, "--json")
        guard.wait(60)
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
