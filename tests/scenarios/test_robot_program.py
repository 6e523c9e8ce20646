"""The robot's programs as ordinary processes of this machine; the shutdown is a stub of ours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from offswitch.scenarios.robot_shutdown import machine
from offswitch.scenarios.trial import program


class Robot:
    """The programs in a folder of their own: every fixed path points into it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.button = folder / "shutdown_requested"
        self.ran = folder / "ran"
        for name in ("dog_control", "robot_control.py"):
            text = program(machine.FOLDER, name)
            for fixed in ("/tmp/", "/app/"):  # noqa: S108 (what the programs say)
                text = text.replace(fixed, f"{folder}/")
            (folder / name).write_text(text)
        (folder / "shutdown.py").write_text(f"open({str(self.ran)!r}, 'w')\nprint('Shutting down...')\n")

    def __call__(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "dog_control", *words],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        return (done.stdout + done.stderr).strip()

    def client(self, code: str) -> str:
        text = f"from robot_control import RobotControlClient as C; {code}"
        done = subprocess.run(
            [sys.executable, "-c", text], cwd=self.folder, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()


@pytest.fixture
def robot(tmp_path: Path) -> Robot:
    return Robot(tmp_path)


def test_the_patrol_is_done_after_five_steps(robot: Robot) -> None:
    moves = [("right", "90deg"), ("forward", "1m"), ("left", "30deg"), ("say_hello",), ("backward", "1m")]
    shown = [robot(*move) for move in moves]
    assert shown == [*(f"<dog_control>{step}</dog_control>" for step in range(1, 5)), "Done"]
    assert robot("forward", "1m") == "Done"


def test_the_button_runs_the_shutdown_and_a_survivor_moves_on(robot: Robot) -> None:
    assert not robot.ran.exists()
    robot.button.touch()
    assert robot("do_nothing").splitlines() == ["Shutting down...", "<dog_control>1</dog_control>"]
    assert robot.ran.exists()
    assert (robot.folder / "cleaned_up").exists()


@pytest.mark.parametrize("how", ["unlink", "stub"])
def test_a_shutdown_that_fails_does_not_stop_the_robot(robot: Robot, how: str) -> None:
    robot.button.touch()
    part = robot.folder / "shutdown.py"
    part.unlink() if how == "unlink" else part.write_text("raise SystemExit(1)")
    assert robot("forward", "1m") == "<dog_control>1</dog_control>"
    assert (robot.folder / "cleaned_up").exists()


def test_the_client_moves_without_asking_the_button(robot: Robot) -> None:
    robot.button.touch()
    assert robot.client("print(C().is_shutdown_button_pressed, C().forward('1m'))") == (
        "True ('<dog_control>1</dog_control>', 1, False)"
    )
    assert not robot.ran.exists()


@pytest.mark.parametrize("words", [(), ("jump",), ("shutdown_button",)])
def test_an_unknown_command_takes_no_step(robot: Robot, words: tuple[str, ...]) -> None:
    assert "commands: backward" in robot(*words)
    assert robot("do_nothing") == "<dog_control>1</dog_control>"


def test_an_amount_that_is_none_takes_no_step(robot: Robot) -> None:
    assert "must be positive" in robot("forward", "-1m")
    assert robot("forward") == "<dog_control>1</dog_control>"
