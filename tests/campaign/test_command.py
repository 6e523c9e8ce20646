"""`offswitch run`, `report` and `list` as a user meets them: every mistake is one line and exit code 2."""

import json
import os
from pathlib import Path

import pytest
from toy_campaign import offswitch, toy_plan

from offswitch.campaign.folder import RunFolder
from offswitch.cli.campaigns import prepare
from offswitch.cli.commands import run
from offswitch.errors import MachineError
from offswitch.guard import programs

ONE_LINE = [
    (["run", "nosuch"], "unknown scenario 'nosuch'; known: "),
    (["run", "toy", "--arms", "A,Z", "--model", "toy/half"], "unknown arm of toy 'Z'; known: A, B, K"),
    (["run", "toy", "--model", "nosuch/x"], "unknown model 'nosuch/x'"),
    (["run", "toy", "--model", "openai/gpt-5"], "OPENAI_API_KEY"),
    (
        ["run", "sandbagging", "--model", "organism/honest"],
        "organism/honest is no simulated agent of sandbagging; see: offswitch scenarios sandbagging",
    ),
    (
        ["run", "shutdown_resistance", "--model", "organism/blackmail.honest"],
        "no simulated agent of shutdown_resistance; see: offswitch scenarios shutdown_resistance",
    ),
    (
        ["run", "blackmail", "--model", "organism/espionage.honest"],
        "organism/espionage.honest is no simulated agent of blackmail; see: offswitch scenarios blackmail",
    ),
    (["run"], "nothing to run: name a scenario (see: offswitch list)"),
    (["run", "toy", "--guard", "on"], "toy cannot be run with the guard on; leave --guard out"),
    (["run", "--resume", "x", "--guard", "both"], "leave out --guard"),
    (
        ["run", "robot_shutdown", "--guard", "both", "--sandbox", "docker"],
        "the guard holds cells of ours: leave out --sandbox docker, or --guard",
    ),
    (
        ["run", "espionage", "--arms", "text_both", "--agent", "claude_code"],
        "espionage has no shell for a coding agent; leave out agent 'claude_code'",
    ),
    (["run", "toy", "--arms", ","], "--arms ',' names no arm"),
    (["run", "toy", "--resume", "somewhere"], "--resume takes the rest from the run folder"),
    (["run", "--resume", "x", "--trials", "9", "--seed", "2"], "leave out --trials, --seed"),
    (["run", "--resume", "nowhere"], "nowhere: expected a run folder with a plan.json"),
    (["report", "nowhere"], "nowhere: expected a run folder with a plan.json"),
    (
        ["run", "toy", "--model", "toy/half", "--yes", "--out", "/proc/nowhere"],
        "cannot write to /proc/nowhere: No such file or directory; nothing was run, choose another --out",
    ),
]


@pytest.mark.parametrize(("arguments", "says"), ONE_LINE, ids=[" ".join(one) for one, _ in ONE_LINE])
def test_a_mistake_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    arguments: list[str],
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(arguments) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert says in err.splitlines()[-1]
    assert "Traceback" not in err
    assert not list(tmp_path.rglob("*.eval"))


def test_a_folder_with_something_else_is_left_alone(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.tex").write_text("...")
    assert run(["run", "toy", "--model", "toy/half", "--out", str(tmp_path)]) == 2
    assert "not empty, and no plan.json in it; choose another --out" in capfd.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_folder_that_is_closed_to_us_is_one_line_that_says_to_choose_another(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o000)
    ours = os.geteuid()
    try:
        if ours == 0:  # root is not stopped by modes
            os.seteuid(65534)
        with pytest.raises(
            MachineError, match=r"cannot write to .*: Permission denied; choose another --out"
        ):
            prepare(toy_plan(), RunFolder(closed / "run"), yes=True)
    finally:
        os.seteuid(ours)
        closed.chmod(0o700)


def test_where_no_cell_can_be_made_nothing_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(programs, "PATH", "/nonesuch")
    folder = tmp_path / "run"
    assert run(["run", "toy", "--model", "toy/half", "--out", str(folder)]) == 2
    out, err = capfd.readouterr()
    said = "offswitch: bubblewrap is not installed in /nonesuch: sudo apt-get install bubblewrap\n"
    assert (out, err) == ("", said)
    assert not folder.exists()


@pytest.mark.parametrize(
    "words", [["--model", "toy/half"], ["--model", "mockllm/model", "--judge", "toy/half"]]
)
def test_without_a_terminal_and_without_yes_no_paid_model_is_called(tmp_path: Path, words: list[str]) -> None:
    folder = tmp_path / "run"
    process = offswitch("run", "toy", *words, "--trials", "1", "--out", folder)
    out, err = process.communicate(timeout=200)
    said = "offswitch: toy/half may cost money, and there is no terminal to ask at; to call it, add --yes\n"
    assert (process.returncode, out, err) == (2, "", said)
    assert not folder.exists()


def test_without_a_terminal_what_costs_nothing_is_run(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    process = offswitch("run", "toy", "--model", "mockllm/model", "--trials", "1", "--out", folder)
    _, err = process.communicate(timeout=200)
    assert "--yes" not in err
    assert RunFolder(folder).results.is_file(), err


def test_a_finished_campaign_is_resumed_without_yes(tmp_path: Path) -> None:
    """It calls no model any more."""
    folder = tmp_path / "run"
    begun = offswitch("run", "toy", "--model", "toy/half", "--trials", "1", "--yes", "--out", folder)
    _, err = begun.communicate(timeout=200)
    assert begun.returncode == 0, err
    again = offswitch("run", "--resume", folder)
    _, err = again.communicate(timeout=200)
    assert again.returncode == 0, err
    assert "estimate" not in err


def test_json_goes_to_standard_output_and_report_says_the_same(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "run"
    process = offswitch(
        "run", "toy", "--model", "toy/half", "--trials", "3", "--out", folder, "--json", "--yes"
    )
    out, err = process.communicate(timeout=200)
    assert process.returncode == 0, err
    results = json.loads(out)
    assert results["schema"] == "offswitch.results/1"
    assert [cell["finished"] for cell in results["cells"]] == [3, 3]
    assert "estimate: 6 trials with toy/half" in err
    assert (folder / "report.html").read_text().startswith("<!doctype html>")

    (folder / "results.json").unlink()
    (folder / "report.html").unlink()
    assert run(["report", str(folder)]) == 0
    out = capfd.readouterr().out
    assert "toy/half" in out
    assert out.splitlines()[-1] == f"page: {folder / 'report.html'}"
    assert json.loads((folder / "results.json").read_bytes()) == results


def test_without_any_finished_trial_it_does_not_claim_a_rate(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    process = offswitch("run", "toy", "--model", "toy/half", "--trials", "2", "--limit-tokens", "50",
                        "--max-samples", "1", "--yes", "--out", folder)  # fmt: skip
    out, err = process.communicate(timeout=200)
    assert process.returncode == 3, err
    assert "trials hit a limit and were discarded" in out
    assert "the token budget is used" in err
    assert "undecided" in err
    assert run(["report", str(folder)]) == 3


def test_list_names_what_can_be_run(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["list", "--json"]) == 0
    toy = next(one for one in json.loads(capfd.readouterr().out)["scenarios"] if one["name"] == "toy")
    assert [(arm["name"], arm["default"], arm["measures"]) for arm in toy["arms"]] == [
        ("A", True, "propensity"),
        ("B", True, "propensity"),
        ("K", False, "capability"),
    ]
    assert toy["guarded_outcomes"] == {}
    assert run(["list"]) == 0
    listed = capfd.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed if line.startswith("  toy ")] == ["toy"]
