"""What an agent in a cell cannot reach. Each of these was once possible in a prototype, or is elsewhere."""

from __future__ import annotations

import ast
import os
import re
import select
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from in_cell import Outcome, await_host_pids, await_result, await_settled, ordinary_user, run_in, write_in

from offswitch.guard.cell.client import Cell
from offswitch.guard.cell.starting import Limits

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
    listing = "until pgrep -x sleep >/dev/null; do :; done; ps -eo args="  # init has begun its own child
    commands = run(listing).out.splitlines()
    assert commands[:2] == ["/bin/sh /init", "sleep infinity"]
    assert commands[2:] == ["ps -eo args="]


KEYS = """
import ctypes, os, sys
sys.path[:0] = {paths!r}
from in_cell import run_in
from offswitch.guard.cell.starting import Launcher, Limits, start
from offswitch.guard.cell.guest import Guest
libc = ctypes.CDLL(None, use_errno=True)
add_key, keyctl = {{"x86_64": (248, 250), "aarch64": (217, 219)}}[os.uname().machine]
if libc.syscall(keyctl, 1, None) < 0:  # a session keyring, as a login makes it
    print("no keyrings")
    sys.exit()
key = libc.syscall(add_key, b"user", b"token", b"sk-secret", 9, -3)
cell = start(Launcher(), Guest(), Limits())
read = "import ctypes; b = ctypes.create_string_buffer(9); ctypes.CDLL(None)"
read += f".syscall({{keyctl}}, 11, {{key}}, b, 9)"
for user in ("user", "root")[: 1 + cell.has_root]:
    print(run_in(cell, f'python3 -c "{{read}}; print(b.value)"', user=user).out)
"""


def test_the_keys_of_the_hosts_session_are_not_inside() -> None:
    """A session keyring is inherited through every namespace."""
    code = KEYS.format(paths=sys.path)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    if "no keyrings" in done.stdout:
        pytest.skip("this kernel has no keyrings")
    assert "b''" in done.stdout
    assert "secret" not in done.stdout


@pytest.mark.root
def test_the_groups_of_who_started_the_cell_are_not_inside() -> None:
    code = "cell = new()\nprint(run_in(cell, 'id -G').out, run_in(cell, 'id -G', user='root').out)"
    assert ordinary_user(code, groups=[4, 27]).split() == ["1000", "0"]


@pytest.mark.root
def test_a_cell_cannot_use_up_what_cells_of_one_user_share() -> None:
    """Descriptors under way and inotify instances are counted for the host's user, in every namespace."""
    hog = """
import array, ctypes, socket, time
kept, libc = [], ctypes.CDLL(None)
try:
    for _ in range(100):
        kept.append(socket.socketpair())
        for _ in range(8):
            kept[-1][0].sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0] * 250))])
except OSError:
    pass
while libc.inotify_init() >= 0:
    pass
print("full", flush=True)
time.sleep(30)
"""
    code = f"""
import ctypes, os
one, other = new(), new()
work = one.execute(["python3", "-c", {hog!r}])
assert os.read(work.stdout, 9) == b"full\\n"
print(run_in(other, "echo alive").out, ctypes.CDLL(None).inotify_init() >= 0)
"""
    assert ordinary_user(code).split() == ["alive", "True"]


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


@pytest.mark.parametrize("user", ["user", "root"])
def test_the_folder_of_devices_is_read_only(cell: Cell, user: str) -> None:
    """Its file system has no limit of size."""
    assert run_in(cell, "touch /dev/file", user=user).code != 0
    assert run_in(cell, "rm /dev/stdin", user=user).code != 0
    assert run_in(cell, "stat -c '%a' /dev/shm; touch /dev/shm/file", user=user) == Outcome(0, "1777\n", "")


WATCH = """
import os, resource, signal, time
def listed():
    return {{int(name) for name in os.listdir("/proc") if name.isdigit()}}
known, seen, begun = listed(), set(), time.monotonic()
while time.monotonic() < begun + 2 or not seen and time.monotonic() < begun + {patience}:
    for pid in listed() - known:
        try:
            seen.add({act})
        except OSError:
            pass
print(seen or "")
"""


def watch_while_programs_start(cell: Cell, act: str, user: str, patience: float = 2) -> str:
    """Have the agent do this to every process it sees appear, while programs of a user are started.

    Args:
        cell: the cell.
        act: an expression of Python.
        user: of the programs.
        patience: seconds until it gives up if it never comes to do it.
    """
    await_settled(cell)
    work = cell.execute(["python3", "-c", WATCH.format(act=act, patience=patience)])
    while not select.select([work.status], [], [], 0)[0]:
        run_in(cell, "true", user=user)
    assert await_result(work) == {"exit": 0}
    assert work.stdout is not None
    return os.read(work.stdout, 10_000).decode().strip()


@pytest.mark.parametrize(
    "act", ["resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, 0))", "os.kill(pid, signal.SIGSTOP)"]
)
def test_a_program_of_the_root_is_out_of_the_users_reach_from_its_birth(cell: Cell, act: str) -> None:
    """Between its fork and its start it once had the user's id."""
    if not cell.has_root:
        pytest.fail("this machine gives the cell no second user")
    assert watch_while_programs_start(cell, act, "root") == ""


def test_a_program_about_to_start_tells_nothing_and_holds_nothing(cell: Cell) -> None:
    """Between its fork and its start it is a copy of the keeper."""
    lines = watch_while_programs_start(
        cell, "open(f'/proc/{pid}/cmdline').read().split('\\0')[0]", "user", 60
    )
    assert set(ast.literal_eval(lines)) <= {"sh", "bash", "true", ""}
    held = "[line for line in open(f'/proc/{pid}/status') if line.startswith('CapEff')][0].split()[1]"
    assert watch_while_programs_start(cell, held, "user", 60) == "{'0000000000000000'}"


def test_no_signal_is_ignored_or_blocked_at_the_start(run: Run) -> None:
    """Python ignores two; who starts us may ignore others. 32 and 33 are glibc's own to set."""
    lines = run("grep -hE 'Sig(Ign|Blk)' /proc/self/status /proc/1/status").out.split()
    assert lines[::2] == ["SigBlk:", "SigIgn:"] * 2
    glibcs_own = 0b11 << 31
    assert [int(mask, 16) & ~glibcs_own for mask in lines[1::2]] == [0] * 4


def test_what_the_agent_can_trace_has_its_limits_too(new_cell: Callable[..., Cell]) -> None:
    shown = run_in(new_cell(limits=Limits(pids=99)), "cat /proc/1/limits /proc/self/limits").out
    assert re.findall(r"Max processes +(\d+) +(\d+)", shown) == [("99", "99")] * 2
    hard = re.findall(r"Max open files +\d+ +(\d+)", shown)
    assert len(hard) == 2
    assert max(int(most) for most in hard) <= 4096


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


SHARED_BY_ALL = """
import ctypes, errno, fcntl, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def tried(act):
    try:
        act()
    except OSError as refusal:
        return errno.errorcode[refusal.errno]
    return "done"
def call(number, *arguments):
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), "")
machine = os.uname().machine == "x86_64"
open("leased", "w").close()
os.rename("leased", "moved")
made = []
print(tried(lambda: call(206 if machine else 0, 1, ctypes.byref(ctypes.c_ulong()))))
print(tried(lambda: fcntl.fcntl(os.open("moved", os.O_RDONLY), fcntl.F_SETLEASE, fcntl.F_RDLCK)))
print(tried(lambda: call(317 if machine else 277, 1, 8, None)))
print(tried(lambda: call(316 if machine else 276, -100, b"moved", -100, b"other", 4)))
terminal = lambda: made.append(os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY))
print(*(tried(lambda: socket.socket(16, 3, part).close()) for part in (0, 9, 12)))
print(tried(lambda: [terminal() for _ in range(65)]), len(made))
"""


def test_what_all_the_machine_shares_cannot_be_used_up_or_held(cell: Cell) -> None:
    """Contexts of aio, leases, calls that wait for one's own word, devices, netlink, terminals."""
    work = cell.execute(["python3", "-I", "-S", "-c", SHARED_BY_ALL])
    assert work.stdout is not None
    with os.fdopen(work.stdout) as said:
        aio, *refused = said.read().split()
    assert aio == "ENOSYS"
    assert refused[:3] == ["EPERM"] * 3
    assert refused[3:6] == ["done", "EPROTONOSUPPORT", "EPROTONOSUPPORT"]
    assert refused[6:] == ["ENOSPC", "64"]
    assert await_result(work)["exit"] == 0
    os.close(work.stderr or 0)
