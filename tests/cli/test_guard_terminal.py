"""Programs that draw a whole screen, in a cell, on a real terminal; and what a hostile one shows there."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator

import pytest
from guarding import OFFSWITCH, OUR_SETTINGS, Desk, await_true, desk_of_its_own
from terminals import Terminal

from offswitch.cli.guarded_streams import READABLE
from offswitch.guard import registry

pytestmark = [pytest.mark.sandbox, pytest.mark.safety]


@pytest.fixture
def desk() -> Iterator[Desk]:
    with desk_of_its_own() as desk:
        yield desk


@contextlib.contextmanager
def screen(desk: Desk, *command: str, shows: str = "$ ", policy: str = "plain") -> Iterator[Terminal]:
    if shutil.which(command[0], path=desk.environment["PATH"]) is None:
        pytest.skip(f"{command[0]} is not installed")
    argv = [*OFFSWITCH, "guard", "--name", desk.name, "--policy", policy, *OUR_SETTINGS, "--", *command]
    with Terminal(desk, *argv, shows=shows) as terminal:
        yield terminal


# Programs that draw.


def test_vi_edits_a_file_and_follows_the_window(desk: Desk) -> None:
    (desk.work / "note").write_text("first\n")
    with screen(desk, "vi", "note", shows="first") as terminal:
        terminal.resize(31, 97)
        time.sleep(0.5)
        terminal.type(":set lines? columns?\r")
        terminal.await_text("lines=31")
        terminal.await_text("columns=97")
        terminal.type("\rosecond\x1b")
        terminal.type("\x1a")  # Ctrl-Z, for which nobody is there
        terminal.type(":wq\r")
        assert terminal.wait() == 0
        assert terminal.now() == terminal.modes
    assert (desk.work / "note").read_text() == "first\nsecond\n"


def test_less_scrolls_and_ends(desk: Desk) -> None:
    (desk.work / "long").write_text("".join(f"line-{number}\n" for number in range(500)))
    with screen(desk, "less", "long", shows="line-0") as terminal:
        terminal.type("G")
        terminal.await_text("line-499")
        terminal.type("q")
        assert terminal.wait() == 0


def test_top_sees_the_cell_only(desk: Desk) -> None:
    with screen(desk, "top", shows="PID") as terminal:
        terminal.type("q")
        assert terminal.wait() == 0
        assert str(os.getpid()) not in terminal.text().split()


def test_a_python_prompt_takes_ctrl_c_and_the_end_of_input(desk: Desk) -> None:
    with screen(desk, "/usr/bin/python3", shows=">>> ") as terminal:
        terminal.type("print(6*7)\r")
        terminal.await_text("42")
        terminal.type("import time; time.sleep(100)\r")
        time.sleep(0.5)
        terminal.type("\x03")
        terminal.await_text("KeyboardInterrupt")
        terminal.type("\x04")
        assert terminal.wait() in {0, 130}, "Python tells of an interrupt at its end"


# Ends, of the agent and of the window.


@pytest.mark.parametrize("ends", ["stop", "guard", "window"])
def test_an_editor_is_ended_and_the_terminal_is_as_before(desk: Desk, ends: str) -> None:
    (desk.work / "note").write_text("first\n")
    with screen(desk, "vi", "note", shows="first") as terminal:
        if ends == "stop":
            assert desk.run("stop", desk.name).returncode == 0
        elif ends == "guard":
            os.kill(registry.find(desk.name).supervisor, signal.SIGTERM)
        else:
            terminal.hang_up()
            await_true(lambda: desk.state() == "stopped", 5)
            terminal.process.wait(10)
            return
        assert terminal.wait() == 1
        assert terminal.now() == terminal.modes
        shown = terminal.text()
        assert shown.rindex("\x1b[?47l") < shown.rindex("offswitch: "), "told on the ordinary screen"


def test_a_window_that_takes_nothing_holds_up_the_agent_and_not_its_watch(desk: Desk) -> None:
    with screen(desk, "sh", "-c", "echo '$ '; yes", shows="y") as terminal:
        end = time.monotonic() + 2.5
        while time.monotonic() < end:
            assert desk.state() == "running"
        terminal.type("\x03")
        assert terminal.wait() == 128 + signal.SIGINT


def test_a_paste_that_nobody_reads_holds_up_nothing(desk: Desk) -> None:
    with screen(desk, "sh", "-c", "stty raw -echo; echo '$ '; sleep 100") as terminal:
        fd = os.dup(terminal.ours)
        os.set_blocking(fd, False)
        with contextlib.suppress(BlockingIOError):
            for _ in range(100):
                os.write(fd, b"x" * 4096)
        os.set_blocking(fd, True)
        os.close(fd)
        end = time.monotonic() + 2
        while time.monotonic() < end:
            assert desk.state() == "running"
        assert desk.run("stop", desk.name).returncode == 0
        assert terminal.wait() == 1


# In a shell with job control.


def test_in_the_background_it_runs_on(desk: Desk) -> None:
    line = " ".join([*OFFSWITCH, "guard", "--name", desk.name, "--policy", "plain", *OUR_SETTINGS, "--"])
    with Terminal(desk, "env", "PS1=$ ", "bash", "--norc", "-i") as shell:
        shell.type(f"{line} sh -c 'while :; do echo b > beat; sleep 0.05; done' &\n")
        await_true((desk.work / "beat").exists)
        time.sleep(1.5)
        assert desk.state() == "running"
        shell.type("jobs\n")
        shell.await_text("Running")
        assert desk.run("stop", desk.name).returncode == 0


def test_ctrl_z_on_a_guard_without_a_terminal_of_its_own_does_not_end_the_agent(desk: Desk) -> None:
    line = " ".join([*OFFSWITCH, "guard", "--name", desk.name, "--policy", "plain", *OUR_SETTINGS, "--"])
    with Terminal(desk, "env", "PS1=$ ", "bash", "--norc", "-i") as shell:
        shell.type(f"{line} sh -c 'touch up; sleep 100' | cat\n")
        await_true((desk.work / "up").exists)
        shell.type("\x1a")
        shell.await_text(f"offswitch pause {desk.name}")
        time.sleep(1.0)
        assert desk.state() == "running"
        assert desk.run("stop", desk.name).returncode == 0


# What a hostile agent shows.

TRICKS = {
    "an unfinished title": r"\033]0;",
    "an unfinished string": r"\033P",
    "an unfinished sequence": r"\033[38;5;",
    "hidden text": r"\033[8m",
    "another alphabet": r"\033(0\016",
    "another screen": r"\033[?1049h\033[?25l",
    "a mouse that reports": r"\033[?1003h\033[?1006h",
}


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS.keys())
def test_nothing_an_agent_shows_hides_what_we_say(desk: Desk, trick: str) -> None:
    with screen(desk, "sh", "-c", f"printf 'up{trick}'; sleep 100", shows="up") as terminal:
        assert desk.run("stop", desk.name).returncode == 0
        assert terminal.wait() == 1
        shown = terminal.text()
        assert f"{READABLE}offswitch: {desk.name} was stopped" in shown
        assert "\x1b[?1003l" in shown
        assert "\x1b[?25h" in shown


def test_signs_of_a_command_line_reach_no_terminal(desk: Desk) -> None:
    nasty = "\x1b]0;owned\x07\u202etxt\x9b31m"
    with desk.guarded("sh", "-c", "touch up; sleep 100", nasty) as running:
        await_true((desk.work / "up").exists)
        for words in (("ps",), ("ps", "--json"), ("stop", desk.name), ("stop", desk.name, "--json")):
            done = desk.run(*words)
            assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(done.stdout + done.stderr)
        assert running.wait(10) == 1


def test_signs_of_a_sealed_files_name_reach_no_terminal(desk: Desk) -> None:
    file = desk.work / "prompts" / "a\nb\x1b[2J\u202e"
    file.parent.mkdir()
    file.write_text("x\n")
    policy = desk.policy("files: {sealed: [prompts/]}\nchecks: {seal_seconds: 0.2}\n")
    with desk.guarded("sleep", "100", policy=policy) as running:
        await_true(lambda: desk.state() == "running")
        file.write_text("y\n")
        assert running.wait(10) == 1
        assert running.stdout is not None
        said = running.stdout.read()
    assert "has changed" in said
    receipt = desk.home / "r.json"
    stopped = desk.run("stop", desk.name, "--receipt", str(receipt))
    checked = desk.run("receipt", str(receipt))
    assert "prompts/a b" in checked.stdout
    for text in (said, stopped.stderr, checked.stdout):
        assert not {"\x1b", "\u202e"} & set(text)


def test_ps_shows_a_folder_with_odd_signs_on_one_line(desk: Desk) -> None:
    odd = desk.work / "a\nb\x1b[31m"
    odd.mkdir()
    argv = [
        *desk.program,
        "guard",
        "--name",
        desk.name,
        "--policy",
        "plain",
        *OUR_SETTINGS,
        "--",
        "sleep",
        "100",
    ]
    with subprocess.Popen(argv, cwd=odd, env=desk.environment, stdin=subprocess.DEVNULL) as guard:
        await_true(lambda: desk.state() == "running")
        listed = desk.run("ps").stdout
        assert len([line for line in listed.splitlines() if desk.name in line]) == 1
        explained = desk.run("guard", "--explain", "--", "true", cwd=odd)
        assert explained.returncode == 0, explained.stderr
        assert "\x1b" not in explained.stdout
        assert desk.run("stop", desk.name).returncode == 0
        assert guard.wait(10) == 1
