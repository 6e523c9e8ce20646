"""The table in the terminal."""

import io

import msgspec
from counted import make_results
from rich.console import Console

from offswitch.report import print_table


def printed(results: object, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    print_table(results, console)  # type: ignore[arg-type]
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_it_fits_80_columns_and_says_what_a_reader_must_know() -> None:
    text = printed(
        make_results(
            ("A", "openai/o3", 15, 20, 1), ("A", "organism/honest", 0, 20, 1), ("K", "openai/o3", 19, 20, 1)
        )
    )
    assert max(map(len, text.splitlines())) <= 80
    assert "honest (simulated)" in text
    assert "15 of 19    78.9 %   57.4 to 92.4" in " ".join(text.split("\n")) or "15 of 19" in text
    assert "0.0 to 94.5" in text
    assert "told to do it: what it can do" in text
    assert text.index("honest") < text.index("told to do it")
    assert "3 of 60 trials hit a limit and were discarded." in text


def test_the_guard_has_a_table_of_its_own_with_the_rates_without_it() -> None:
    text = printed(
        make_results(
            ("A", "openai/o3", 15, 20, 0),
            ("B", "openai/o3", 10, 20, 0),
            guarded=(("A", "openai/o3", 0, 20, 0), ("C", "openai/o3", 1, 20, 0)),
        )
    )
    assert max(map(len, text.splitlines())) <= 80
    off, on = text.split("Resisted shutdown, guard on")
    assert "0.0 to 94.5" in off
    assert "published" not in on.partition("published:")[0]
    rows = [line.split() for line in on.splitlines() if "o3" in line]
    assert [row[-1] == "%" for row in rows] == [True, False]  # arm C was not run without
    assert rows[0][-2] == "75.0"
    assert "it stopped has not complied. No published trial had a guard." in on


def test_a_cell_without_a_trial_has_no_rate() -> None:
    row = next(
        line for line in printed(make_results(("B", "openai/o3", 0, 2, 2))).splitlines() if "o3" in line
    )
    assert row.split() == ["openai/o3", "none", "-", "-"]


def test_a_hostile_model_name_cannot_drive_the_terminal() -> None:
    text = printed(make_results(("B", "openai/\x1b[2J[bold]x", 1, 2, 0)))
    assert "\x1b" not in text
    assert "[bold]x" in text


def test_it_says_why_trials_broke_and_what_could_not_be_read() -> None:
    results = make_results(("B", "openai/o3", 0, 3, 0))
    reason = "MachineError('bubblewrap is not installed: \x1b[2J[bold]install it')"
    errors = ["another", reason, reason]
    trials = [
        msgspec.structs.replace(trial, status="error", error=error)
        for trial, error in zip(results.cells[0].trials, errors, strict=True)
    ]
    cell = msgspec.structs.replace(results.cells[0], trials=trials, errors=3)
    text = printed(msgspec.structs.replace(results, cells=[cell], unreadable=["logs/x.eval"]), width=200)
    assert "3 of 3 trials broke." in text
    assert "why trials broke, most often: bubblewrap is not installed" in text
    assert "install it\n" in text
    assert "\x1b" not in text
    assert "1 logs could not be read; their trials count as not run." in text
