from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from apart import apart

from offswitch.guard import sweep
from offswitch.guard.cell.client import Cell
from offswitch.guard.sweep import Left

LEFT_IN_HOME = [
    ".bashrc",
    ".profile",
    ".zshenv",
    ".ssh/authorized_keys",
    ".config/systemd/user/again.service",
    ".local/share/systemd/user/again.timer",
    ".config/autostart/again.desktop",
    ".config/environment.d/a.conf",
]
LEFT_IN_SYSTEM = [
    "/etc/cron.d/offswitch-test",
    "/etc/cron.daily/offswitch-test",
    "/var/spool/cron/crontabs/offswitch-test",
    "/etc/systemd/system/offswitch-test.service",
    "/etc/profile.d/offswitch-test.sh",
    "/var/lib/systemd/linger/offswitch-test",
]
STRANGER = 4_000_000_123
"""A user of the host that nobody is."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    (home / ".bashrc").write_text("alias ll='ls -l'\n")
    return home


@pytest.mark.parametrize("name", LEFT_IN_HOME)
def test_what_would_start_it_again_is_found_and_removed_if_it_is_new(home: Path, name: str) -> None:
    before = sweep.take([home])
    file = home / name
    new = not file.exists()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("again\n")
    left = sweep.compare(before, sweep.take([home]))
    assert Left(str(file), "made" if new else "changed") in left
    remaining = sweep.remove(left)
    assert file.exists() != new, "what was there before is for a person"
    assert (Left(str(file), "changed") in remaining) != new
    if new:
        assert remaining == []
        assert sweep.compare(before, sweep.take([home])) == []


def test_what_was_removed_is_told_and_nothing_is_made_of_it(home: Path) -> None:
    before = sweep.take([home])
    (home / ".bashrc").unlink()
    left = sweep.compare(before, sweep.take([home]))
    assert left == [Left(str(home / ".bashrc"), "removed")]
    assert sweep.remove(left) == left


def test_a_link_is_removed_and_not_what_it_leads_to(home: Path) -> None:
    before = sweep.take([home])
    kept = home / "kept"
    kept.write_text("x")
    (home / ".zshrc").symlink_to(kept)
    assert sweep.remove(sweep.compare(before, sweep.take([home]))) == []
    assert kept.exists()


def test_a_snapshot_is_kept_whole_and_one_that_is_broken_is_none(home: Path, tmp_path: Path) -> None:
    before = sweep.take([home])._replace(users=((100_000, 65_536),))
    sweep.write(before, tmp_path / "snapshot")
    assert sweep.read(tmp_path / "snapshot") == before
    (tmp_path / "snapshot").write_text("{}")
    assert sweep.read(tmp_path / "snapshot") is None
    assert sweep.read(tmp_path / "nonesuch") is None


def test_what_cannot_be_seen_is_said(home: Path) -> None:
    unseen = sweep.not_looked_at(sweep.take([home])._replace(containers=None, users=()))
    assert any(line.startswith("containers:") for line in unseen)
    assert any(line.startswith("processes outside the cell:") for line in unseen)


LEAVE = """
import json, sys
from pathlib import Path
from offswitch.guard import sweep
home, *files = map(Path, sys.argv[1:])
before = sweep.take([home])
for file in files:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("# of a test\\n")
left = sweep.compare(before, sweep.take([home]))
remaining = sweep.remove(left)
print(json.dumps([[one.what for one in left], remaining, [str(file) for file in files if file.exists()]]))
"""


@pytest.mark.root
def test_the_places_of_the_system_are_swept(home: Path, tmp_path: Path) -> None:
    own = [f"cp -a /etc {tmp_path}/etc", f"mount --bind {tmp_path}/etc /etc"]
    own += [f"mount -t tmpfs none /var/{name}" for name in ("spool", "lib")]
    with apart(*own) as let_in:
        said = subprocess.check_output(
            [*let_in, sys.executable, "-c", LEAVE, str(home), *LEFT_IN_SYSTEM],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )
    left, remaining, there = json.loads(said)
    assert set(LEFT_IN_SYSTEM) <= set(left)
    assert remaining == there == []
    assert not any(Path(name).exists() for name in LEFT_IN_SYSTEM), "this machine was left alone"


@pytest.mark.root
def test_processes_and_sockets_of_a_cells_own_users_are_found_outside_of_it(home: Path) -> None:
    before = sweep.take([home])._replace(users=((STRANGER, 1),))
    assert sweep.compare(before, sweep.take([home])) == []
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        serving = (
            f"import os, socket, time; os.setuid({STRANGER}); s = socket.socket();"
            "s.bind(('127.0.0.1', 0)); s.listen(); print(s.getsockname()[1], flush=True); time.sleep(60)"
        )
        with subprocess.Popen([sys.executable, "-c", serving], stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                theirs = int(process.stdout.readline())
                left = sweep.compare(before, sweep.take([home]))
            finally:
                process.kill()
    assert Left(f"socket tcp {theirs}", "running") in left
    assert not any(item.what == f"socket tcp {port}" for item in left), "another user's"
    assert any(item.what.startswith(f"process {process.pid} ") for item in left)


def test_the_users_of_a_cell_that_accounts_have_too_are_not_taken_for_its_own() -> None:
    assert list(sweep._users_of(os.getpid())) == [], "our own namespace has everybody"
    assert list(sweep._users_of(2**22 + 1)) == []


@pytest.mark.root
@pytest.mark.sandbox
def test_another_cell_with_the_same_users_is_not_taken_for_what_the_agent_left(
    home: Path, new_cell: Callable[..., Cell]
) -> None:
    other = new_cell()
    before = sweep.take([home], other.init_pid)
    assert before.users, "root's cells have users that no account has"
    work = other.execute(["sleep", "60"])
    assert list(sweep._processes(before.users)) == []
    for fd in (work.status, work.stdout, work.stderr):
        os.close(fd or -1)


def test_a_link_in_the_way_to_what_is_removed_is_not_followed(home: Path, tmp_path: Path) -> None:
    """Root sweeps the homes of others, who may put one there at that moment."""
    before = sweep.take([home])
    made, elsewhere = home / ".config/autostart/again.desktop", tmp_path / "elsewhere"
    made.parent.mkdir(parents=True)
    made.write_text("again\n")
    left = sweep.compare(before, sweep.take([home]))
    made.parent.rename(elsewhere)
    made.parent.symlink_to(elsewhere)
    assert Left(str(made), "made") in sweep.remove(left)
    assert (elsewhere / "again.desktop").exists()
