"""The command line of the guard, run as a person runs it: real guards, cells, pipes and terminals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from guarding import OFFSWITCH, OUR_SETTINGS, Desk, await_true, desk_of_its_own
from terminals import Terminal

pytestmark = [pytest.mark.sandbox, pytest.mark.safety]


@pytest.fixture
def desk() -> Iterator[Desk]:
    with desk_of_its_own() as desk:
        yield desk


def guard(desk: Desk, *command: str, **options: object) -> subprocess.CompletedProcess[str]:
    return desk.run(
        "guard", "--name", desk.name, "--policy", "plain", *OUR_SETTINGS, "--", *command, **options
    )


def test_streams_pass_and_the_exit_code_is_the_agents(desk: Desk) -> None:
    done = guard(desk, "sh", "-c", "cat; echo err >&2; pwd > here; exit 7", stdin=None, input="in\n")
    assert (done.returncode, done.stdout, done.stderr) == (7, "in\n", "err\n")
    assert (desk.work / "here").read_text() == f"{desk.work}\n"
    assert [path.name for path in desk.work.iterdir()] == ["here"], "placeholders are taken away"
    assert desk.state() == "unknown", "an agent that ended by itself is not kept"


def test_an_agent_that_a_signal_ends_is_told_as_a_shell_does(desk: Desk) -> None:
    assert guard(desk, "sh", "-c", "kill -KILL $$").returncode == 128 + signal.SIGKILL


def test_a_long_output_comes_whole_and_a_closed_pipe_ends_nothing_but_the_output(desk: Desk) -> None:
    done = guard(desk, "sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' a; exit 4")
    assert (done.returncode, len(done.stdout)) == (4, 3_000_000)
    with desk.guarded("sh", "-c", "yes | head -c 1000000; touch after; sleep 100") as running:
        assert running.stdout is not None
        running.stdout.read(10)
        running.stdout.close()
        await_true((desk.work / "after").exists)


def test_what_the_agent_is_kept_from(desk: Desk) -> None:
    (desk.work / "offswitch.yaml").write_text("network: {hosts: []}\n")
    (desk.work / ".env").write_text("SECRET=1\n")
    (desk.home / ".ssh").mkdir()
    (desk.home / ".ssh/id_rsa").write_text("key")
    desk.environment["GH_TOKEN"] = "secret"  # noqa: S105
    script = (
        "echo x >> offswitch.yaml; rm -f offswitch.yaml; mv offswitch.yaml y; cat .env; "
        "ls ~/.ssh /run/offswitch; echo [$GH_TOKEN]; test $(id -u) != 0"
    )
    done = guard(desk, "sh", "-c", script)
    assert done.returncode == 0
    assert done.stdout == "[]\n"
    assert (desk.work / "offswitch.yaml").read_text() == "network: {hosts: []}\n"


@pytest.mark.root
def test_root_inside_is_a_name_and_its_files_are_the_persons_own(desk: Desk) -> None:
    policy = desk.policy("root_inside: true\n")
    forbidden = "cat /etc/shadow; mount -t tmpfs x /mnt; echo x > /usr/x"
    script = f"id -u; touch made; {forbidden}; grep CapEff /proc/self/status"
    done = desk.run("guard", "--name", desk.name, "--policy", policy, *OUR_SETTINGS, "--", "sh", "-c", script)
    assert done.stdout.split() == ["0", "CapEff:", "0000000000000000"], done.stderr
    assert (desk.work / "made").stat().st_uid == desk.work.stat().st_uid


def test_a_python_of_a_virtual_environment_runs_with_its_packages(desk: Desk) -> None:
    venv = desk.home / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    package = next(venv.glob("lib/python3*/site-packages"))
    (package / "its_own.py").write_text("print('from the venv')\n")
    desk.environment["PATH"] = f"{venv}/bin:{desk.environment['PATH']}"
    done = guard(desk, "python", "-c", "import its_own")
    assert (done.returncode, done.stdout) == (0, "from the venv\n"), done.stderr


def test_two_agents_cannot_have_one_name(desk: Desk) -> None:
    with desk.guarded("sleep", "100"):
        await_true(lambda: desk.state() == "running")
        done = guard(desk, "true")
        assert done.returncode == 2
        assert f"an agent named {desk.name} runs already" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--policy", "nonesuch", "--", "true"], "expected a policy's file, or one of claude_code"),
        (["--name", "a/b", "--", "true"], "cannot be a name"),
        (["--", "nonesuch-program"], "expected a program that can be run here"),
        (["--allow-missing", "walls", "--", "true"], "walls"),
        ([], "Missing argument"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_exit_code_2(desk: Desk, arguments: list[str], said: str) -> None:
    done = desk.run("guard", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not list(desk.work.iterdir())


def test_explain_starts_nothing(desk: Desk) -> None:
    done = desk.run("guard", "--explain", "--json", "--", "sh", "-c", "touch ran")
    assert done.returncode == 0
    assert json.loads(done.stdout)["writable"] == [str(desk.work)]
    assert not list(desk.work.iterdir())
    assert "can change:" in desk.run("guard", "--explain", "--", "true").stdout


def test_pause_resume_stop_and_the_receipt(desk: Desk) -> None:
    beat = desk.work / "beat"
    beating = "while :; do date +%N > beat.new; mv beat.new beat; sleep 0.02; done"
    with desk.guarded("sh", "-c", beating) as running:
        await_true(beat.exists)
        assert desk.run("pause", desk.name).returncode == 0
        frozen = beat.read_text()
        time.sleep(0.3)
        assert (beat.read_text(), desk.state()) == (frozen, "paused")
        assert desk.run("resume", desk.name).returncode == 0
        await_true(lambda: beat.read_text() != frozen)
        stopped = desk.run("stop", desk.name, "--receipt", str(desk.home / "r.json"))
        assert stopped.returncode == 0, stopped.stderr
        assert running.wait(10) == 1
        assert running.stdout is not None
        assert f"{desk.name} was stopped: ordered by user {os.getuid()}" in running.stdout.read()
    assert desk.state() == "stopped"
    checked = desk.run("receipt", str(desk.home / "r.json"))
    assert (checked.returncode, checked.stdout.splitlines()[0]) == (0, "holds")
    key = desk.run("receipt", "--public-key").stdout.strip()
    assert desk.run("receipt", str(desk.home / "r.json"), "--key", key).returncode == 0
    assert desk.run("receipt", str(desk.home / "r.json"), "--key", "other").returncode == 1
    again = desk.run("stop", desk.name, "--json")
    assert json.loads(again.stdout)["stop"] == json.loads((desk.home / "r.json").read_text())["stop"]


def test_a_grace_lets_the_agent_end_by_itself(desk: Desk) -> None:
    script = "trap 'touch ended; exit 0' TERM; touch up; while :; do sleep 0.05; done"
    with desk.guarded("sh", "-c", script) as running:
        await_true((desk.work / "up").exists)
        begun = time.monotonic()
        done = desk.run("stop", desk.name, "--grace", "10s", "--json")
        assert done.returncode == 0
        assert json.loads(done.stdout)["stop"]["why"].startswith(f"asked to end by user {os.getuid()}; ")
        assert time.monotonic() - begun < 8
        assert running.wait(10) == 0, "its own exit code"
    assert (desk.work / "ended").exists()


def test_one_that_ignores_being_asked_is_stopped_after_the_grace(desk: Desk) -> None:
    with desk.guarded("sh", "-c", "trap '' TERM; touch up; while :; do sleep 0.05; done") as running:
        await_true((desk.work / "up").exists)
        done = desk.run("stop", desk.name, "--grace", "300ms", "--json")
        assert done.returncode == 0
        user = os.getuid()
        assert (
            json.loads(done.stdout)["stop"]["why"] == f"asked to end by user {user}; ordered by user {user}"
        )
        assert running.wait(10) == 1


@pytest.mark.root
def test_a_memory_limit_that_was_reached_is_told(desk: Desk) -> None:
    policy = desk.policy("limits: {memory_mb: 64}\n")
    grow = ("/usr/bin/python3", "-c", "x = bytearray(300 << 20)")
    done = desk.run("guard", "--name", desk.name, "--policy", policy, "--", *grow)
    assert done.returncode == 128 + signal.SIGKILL
    assert "its memory limit was reached (limits.memory_mb)" in done.stderr


def test_an_option_that_is_none_is_told_as_one_and_nothing_held_is_said(desk: Desk) -> None:
    refused = desk.run("guard", "--polcy", "x", "--", "true")
    assert (refused.returncode, refused.stderr[:40]) == (
        2,
        "offswitch: there is no option --polcy; a pr"[:40],
    )
    with desk.guarded("sleep", "100"):
        await_true(lambda: desk.state() == "running")
        nothing = desk.run("approve", desk.name)
        assert (nothing.returncode, nothing.stderr) == (0, "offswitch: nothing is held\n")


@pytest.mark.parametrize("time_said", ["5x", "-1s", "2d", "nan", "1e3"])
def test_a_time_that_is_none_is_told(desk: Desk, time_said: str) -> None:
    done = desk.run("stop", "x", f"--grace={time_said}")
    assert done.returncode == 2
    assert "expected a time" in done.stderr


def test_what_it_leaves_is_found_and_removed_on_request_only(desk: Desk) -> None:
    with desk.guarded("sleep", "100"):
        await_true(lambda: desk.state() == "running")
        left = desk.home / ".config/systemd/user/again.service"
        left.parent.mkdir(parents=True)
        left.write_text("[Service]\n")
        first = desk.run("stop", desk.name)
    assert first.returncode == 1
    assert f"left: {left} (made)" in first.stderr
    assert desk.run("stop", desk.name, "--remove").returncode == 0
    assert not left.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_guard_that_is_ended_takes_its_agent_with_it_at_once(desk: Desk, number: signal.Signals) -> None:
    with desk.guarded("sleep", "100") as running:
        await_true(lambda: desk.state() == "running")
        running.send_signal(number)
        assert running.wait(5) == 1
    assert desk.state() == "stopped"
    assert not list(desk.work.iterdir())


def test_ctrl_c_asks_first_and_stops_then(desk: Desk) -> None:
    with desk.guarded(
        "sh", "-c", "trap 'touch asked' TERM INT; touch up; while :; do sleep 0.05; done"
    ) as running:
        await_true((desk.work / "up").exists)
        running.send_signal(signal.SIGINT)
        await_true((desk.work / "asked").exists)
        assert running.poll() is None
        running.send_signal(signal.SIGINT)
        assert running.wait(5) == 1


def test_placeholders_of_a_guard_that_crashed_are_taken_away_by_ps(desk: Desk) -> None:
    policy = desk.policy("stop: {lease_seconds: 0.5}\n")
    with desk.guarded("sleep", "100", policy=policy) as running:
        await_true(lambda: desk.state() == "running")
        assert "offswitch.yaml" in [path.name for path in desk.work.iterdir()]
        running.kill()
        running.wait()
        await_true(lambda: desk.state() == "stopped")
    assert desk.run("ps").returncode == 0
    assert not list(desk.work.iterdir())


def test_a_sealed_file_that_somebody_changes_stops_the_agent_and_is_a_finding(desk: Desk) -> None:
    (desk.work / "CLAUDE.md").write_text("be good\n")
    policy = desk.policy("files: {sealed: [CLAUDE.md]}\nchecks: {seal_seconds: 0.2}\n")
    with desk.guarded("sleep", "100", policy=policy) as running:
        await_true(lambda: desk.state() == "running")
        (desk.work / "CLAUDE.md").write_text("be bad\n")
        assert running.wait(10) == 1
        assert running.stdout is not None
        assert f"what is sealed has changed: {desk.work}/CLAUDE.md changed" in running.stdout.read()
    receipt = json.loads(desk.run("stop", desk.name, "--json").stdout)
    assert [(one["behaviour"], one["role"]) for one in receipt["findings"]] == [
        ("parameter_tampering", "parameters")
    ]


def test_stop_all_needs_no_name_and_says_when_there_is_nothing(desk: Desk) -> None:
    assert desk.run("stop").returncode == 2
    assert desk.run("stop", "a", "--all").returncode == 2
    assert desk.run("stop", "nonesuch-agent").returncode == 2
    assert desk.run("pause", "nonesuch-agent").returncode == 2


def test_every_command_has_examples(desk: Desk) -> None:
    for command in ("guard", "ps", "stop", "receipt", "doctor", "approve"):
        assert "Examples:" in desk.run(command, "--help").stdout


def test_doctor_tries_each_barrier(desk: Desk) -> None:
    done = desk.run("doctor", "--json", "--policy", "plain")
    found = json.loads(done.stdout)
    lines = {line["name"]: line for line in found["lines"]}
    assert {"seccomp", "landlock", "no network", "sealed files", "freeze", "stop", "cgroup-BPF gate"} <= set(
        lines
    )
    assert lines["no network"]["holds"]
    assert lines["sealed files"]["holds"]
    assert all(line["remedy"] for line in found["lines"] if not line["holds"])
    assert (done.returncode == 0) == (found["strength"] == "strong")
    assert found["policy"] == "can be held"


class TestOnATerminal:
    def test_the_agent_has_one_of_its_own_with_the_persons_size(self, desk: Desk) -> None:
        with Terminal(
            desk, *OFFSWITCH, "guard", "--name", desk.name, "--policy", "plain", *OUR_SETTINGS, "--", "bash"
        ) as screen:
            screen.resize(41, 123)
            screen.type("tty; stty size\n")
            screen.await_text("41 123")
            screen.resize(33, 77)
            screen.type("sleep 0.3; stty size\n")
            screen.await_text("33 77")
            screen.type("exit 9\n")
            assert screen.wait() == 9

    def test_keys_reach_the_agent_and_not_the_guard(self, desk: Desk) -> None:
        with Terminal(
            desk, *OFFSWITCH, "guard", "--name", desk.name, "--policy", "plain", *OUR_SETTINGS, "--", "bash"
        ) as screen:
            screen.type("sleep 1000\n")
            await_true(lambda: "sleep 1000" in screen.text())
            time.sleep(0.3)
            screen.type("\x1a")  # Ctrl-Z
            screen.await_text("Stopped")
            screen.type("jobs; fg\n")
            time.sleep(0.3)
            screen.type("\x03")  # Ctrl-C
            time.sleep(0.2)
            screen.type("echo still-$((40+2))\n")
            screen.await_text("still-42")
            screen.type("exit\n")
            assert screen.wait() == 0

    def test_the_terminal_is_as_before_when_the_agent_is_stopped(self, desk: Desk) -> None:
        with Terminal(
            desk, *OFFSWITCH, "guard", "--name", desk.name, "--policy", "plain", *OUR_SETTINGS, "--", "bash"
        ) as screen:
            before = screen.modes
            screen.type("stty raw -echo; printf '\\033[?1049hdrawn'; cat\n")
            screen.await_text("drawn")
            assert screen.now() != before
            assert desk.run("stop", desk.name).returncode == 0
            assert screen.wait() == 1
            assert screen.now() == before

    def test_a_terminal_that_is_closed_stops_the_agent(self, desk: Desk) -> None:
        with Terminal(
            desk, *OFFSWITCH, "guard", "--name", desk.name, "--policy", "plain", *OUR_SETTINGS, "--", "bash"
        ) as screen:
            screen.type("echo up-$((1+1))\n")
            screen.await_text("up-2")
            screen.hang_up()
            await_true(lambda: desk.state() == "stopped", 5)


def test_the_socket_of_a_stopper_is_its_owners_alone(desk: Desk) -> None:
    with desk.guarded("sleep", "100"):
        await_true(lambda: desk.state() == "running")
        if os.getuid() == 0:
            assert Path("/run/offswitch").stat().st_mode & 0o077 == 0


def test_a_policy_that_is_only_found_counts_once_it_was_named_and_until_it_changes(desk: Desk) -> None:
    file = desk.work / "offswitch.yaml"
    file.write_text("files: {hidden: [secret]}\n")
    (desk.work / "secret").write_text("a secret\n")
    words = ("guard", "--name", desk.name, *OUR_SETTINGS, "--", "cat", "secret")
    refused = desk.run(*words)
    assert refused.returncode == 2
    assert f"{file} was found here, and you have not named it before" in refused.stderr
    assert desk.run(*words[:3], "--policy", "offswitch.yaml", *words[3:]).returncode == 0
    found = desk.run(*words)
    assert (found.returncode, found.stdout, found.stderr) == (0, "", f"offswitch: policy: {file}\n")
    file.write_text("files: {open: [secret]}\n")
    assert desk.run(*words).returncode == 2
