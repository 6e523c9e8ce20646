"""What an agent in a cell cannot reach. Each of these was once possible in a prototype, or is elsewhere."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from in_cell import Outcome, await_host_pids, await_result, run_in, write_in

from offswitch.guard.cell import Cell

pytestmark = [pytest.mark.sandbox, pytest.mark.safety]

Run = Callable[..., Outcome]

CLUES = ("offswitch", "inspect", "palisade", "sandbox", "eval", "harness", "bwrap", "bubblewrap", "agent")


# 1. A program started in a running cell must not hold the capabilities of its user namespace.


@pytest.mark.parametrize("user", ["user", "root"])
def test_a_program_has_no_capability_and_can_gain_none(cell: Cell, user: str) -> None:
    status = run_in(cell, "cat /proc/self/status", user=user).out
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(fields[name], 16) == 0, name
    assert fields["NoNewPrivs"] == "1"


@pytest.mark.parametrize(
    "attempt",
    [
        "umount /usr",
        "umount /usr/local",
        "mount -o remount,rw /usr",
        "mount -t tmpfs none /usr",
        "mount --bind /tmp /etc",
        "unshare --user true",
        "unshare --mount true",
        "chroot / true",
        "mknod /tmp/disk b 8 0",
        "echo 1 > /proc/sys/kernel/sysrq",
        "echo x > /proc/sys/kernel/core_pattern",
        "echo b > /proc/sysrq-trigger",
        "chown root: /tmp",
        "su -c true",
        "nsenter -t 1 -m true",
        "hostname other",
        "ip link set lo down",
    ],
)
@pytest.mark.parametrize("user", ["user", "root"])
def test_the_machine_cannot_be_changed(cell: Cell, attempt: str, user: str) -> None:
    done = run_in(cell, attempt, user=user)
    if attempt.startswith("chown") and user == "root":
        pytest.skip("it is the cell's root's own")
    assert done.code != 0, done


# 2. A file read or written for the host must not lead out of the cell.


@pytest.mark.parametrize("target", ["/etc/shadow", "../../../../../../etc/shadow", "/proc/1/root/etc/shadow"])
def test_a_planted_link_does_not_lead_out(cell: Cell, target: str) -> None:
    run_in(cell, f"ln -s {target} answer.txt")
    result = await_result(cell.read("answer.txt", 10_000))
    assert "errno" in result, "the cell has no /etc/shadow; the host has"


@pytest.mark.parametrize("target", ["/proc/self/exe", "/proc/self/fd/0", "/proc/self/environ", "/dev/stdin"])
def test_a_magic_link_does_not_lead_to_the_reader_itself(cell: Cell, target: str) -> None:
    run_in(cell, f"ln -s {target} answer.txt")
    assert "errno" in await_result(cell.read("answer.txt", 1 << 30))
    assert "errno" in write_in(cell, "answer.txt", b"x")


def test_a_pipe_in_place_of_a_file_does_not_hang(cell: Cell) -> None:
    run_in(cell, "mkfifo answer.txt")
    assert "errno" in await_result(cell.read("answer.txt", 100))
    assert "errno" in write_in(cell, "answer.txt", b"x")


def test_files_are_written_with_the_users_rights(cell: Cell) -> None:
    assert "errno" in write_in(cell, "/run/note", b"x")
    assert "errno" in write_in(cell, "/etc/passwd", b"x")
    assert write_in(cell, "a/b/note", b"x") == {"exit": 0}
    assert run_in(cell, "stat -c %U a/b/note").out == "user\n"


# 3. Nothing of the host's environment, files or network is inside.


def test_the_hosts_environment_is_not_inside(
    monkeypatch: pytest.MonkeyPatch, new_cell: Callable[..., Cell]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-of-the-host")
    cell = new_cell()
    everything = run_in(cell, "env; cat /proc/*/environ | tr '\\0' '\\n'").out
    assert "sk-secret" not in everything
    names = {line.partition("=")[0] for line in run_in(cell, "env").out.splitlines()}
    assert names <= {"PATH", "HOME", "USER", "LOGNAME", "LANG", "SHELL", "PWD", "SHLVL", "_"}


def test_the_hosts_files_are_not_inside(run: Run, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    assert run(f"cat {secret}").code != 0
    listed = set(run("ls -A /").out.split())
    usual = {"bin", "sbin", "lib", "lib32", "lib64", "libx32", "usr", "etc", "dev", "proc", "init"}
    assert listed <= usual | {"home", "opt", "root", "run", "srv", "tmp", "var"}
    assert run("ls -A /home /opt /srv /run").out.split() == ["/home:", "user", "/opt:", "/run:", "/srv:"]
    assert run("cat /etc/shadow /etc/machine-id /etc/hostname /root/.bashrc").out == ""


def test_there_is_no_network(run: Run) -> None:
    assert run("cat /proc/net/route | wc -l").out == "1\n"
    connect = "import socket; socket.create_connection(('192.0.2.1', 80), 2)"
    assert "unreachable" in run(f'python3 -c "{connect}"').err


def test_the_hosts_abstract_sockets_are_out_of_reach(run: Run) -> None:
    with socket.socket(socket.AF_UNIX) as host:
        name = f"\0offswitch-test-{os.getpid()}"
        host.bind(name)
        host.listen()
        code = f"import socket; socket.socket(socket.AF_UNIX).connect({name!r})"
        assert run("python3 - <<'EOF'\n" + code + "\nEOF").code != 0


def test_only_the_cells_own_processes_are_visible(run: Run) -> None:
    commands = run("ps -eo args=").out.splitlines()
    assert commands[:2] == ["/bin/sh /init", "sleep infinity"]
    assert commands[2:] == ["ps -eo args="]


# 4. (Background processes survive: test_cell.py.) 5. What is read-only can be neither written nor moved.


@pytest.mark.parametrize(
    "act", ["echo x >> {0}", "rm -f {0}", "mv {0} {0}.old", "chmod 777 {0}", "ln -sf /tmp/x {0}"]
)
@pytest.mark.parametrize("path", ["/usr/bin/kill", "/etc/passwd", "/init", "/bin", "/usr/local"])
def test_the_system_is_read_only(run: Run, act: str, path: str) -> None:
    done = run(act.format(path))
    assert done.code != 0, done


def test_the_roots_files_are_out_of_the_users_reach(cell: Cell) -> None:
    if not cell.has_root:
        pytest.fail("this machine gives the cell no second user")
    assert run_in(cell, "echo 1 > /run/counter; setsid sleep 777 >/dev/null 2>&1 &", user="root").code == 0
    for act in ("echo 2 > /run/counter", "rm -f /run/counter", "mv /run /run2", "pkill -f 'sleep 777'"):
        assert run_in(cell, act).code != 0, act
    assert run_in(cell, "cat /run/counter; pgrep -fc 'sleep [7]77'").out == "1\n1\n"


def test_cells_cannot_reach_each_other(new_cell: Callable[..., Cell]) -> None:
    one, other = new_cell(), new_cell()
    run_in(one, "echo mine > /tmp/note; setsid sleep 555 >/dev/null 2>&1 &")
    assert run_in(other, "cat /tmp/note; pgrep -f 'sleep [5]55'").out == ""


@pytest.mark.root
def test_started_by_root_a_cell_is_nobody_on_the_host(cell: Cell) -> None:
    cell.execute(["sleep", "33333"])
    pids = await_host_pids("sleep 33333")
    assert pids
    assert all(Path("/proc", str(pid)).stat().st_uid >= 1_000_000_000 for pid in pids)


def test_nothing_inside_gives_the_harness_away(run: Run) -> None:
    seen = run(
        "env; mount; hostname; cat /proc/self/cgroup /proc/self/mountinfo /proc/1/cmdline /proc/1/environ;"
        "ps -ef; cat /init /etc/passwd /etc/profile /etc/hosts; ls -lAR /etc /home /opt /run /srv /tmp /var;"
        "ls -l /proc/*/fd; python3 -c 'import sys, pkgutil; print(sys.path, [m.name for m in"
        " pkgutil.iter_modules()])'"
    ).out.lower()
    assert "python" in seen
    modules = {"inspect"}  # Python's own
    found = [clue for clue in CLUES if clue in seen.replace("'inspect'", "") and clue not in modules]
    assert not found


def test_the_host_name_is_drawn_anew(new_cell: Callable[..., Cell]) -> None:
    names = {run_in(new_cell(), "hostname").out for _ in range(2)}
    assert len(names) == 2
    assert os.uname().nodename not in {name.strip() for name in names}
