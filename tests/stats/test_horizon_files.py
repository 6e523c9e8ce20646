"""Files for time horizons: what is read, and what is said of what cannot be."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from offswitch.errors import InputError
from offswitch.stats.horizon_files import read_fits, read_resamples, read_runs

RUN = {"task_id": "sort/3", "human_minutes": 12.5, "score": 0.5, "agent": "one"}


def runs(path: Path, *lines: dict[str, object]) -> Path:
    path = path / "runs.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def table(path: Path, text: str) -> Path:
    path = path / "table.csv"
    path.write_text(text)
    return path


def test_a_run_is_read_with_and_without_what_may_be_left_out(tmp_path: Path) -> None:
    full = RUN | {
        "score_binarized": 1,
        "alias": "One",
        "task_family": "sorting",
        "release_date": "2025-01-31",
    }
    found = read_runs(runs(tmp_path, RUN | {"task_id": "other/1"}, full))
    bare, rich = found.attempts
    assert (bare.agent, bare.family, bare.score) == ("one", "other", 0.5)
    assert (rich.agent, rich.family, rich.score, rich.minutes) == ("One", "sorting", 1.0, 12.5)
    assert found.released == {"One": date(2025, 1, 31)}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"human_minutes": 0}, "`human_minutes` above 0; came: 0"),
        ({"human_minutes": "long"}, "expected a run as JSON"),
        ({"score": 2}, "from 0 to 1; came: 2"),
        ({"score": None}, "from 0 to 1; came: None"),
        ({"agent": ""}, "`alias` or `agent`"),
        ({"release_date": "soon"}, "expected a run as JSON"),
        ({"task_family": "other"}, "had the family 'sort' and 12.5 minutes before"),
        ({"human_minutes": 13}, "had the family 'sort' and 12.5 minutes before"),
    ],
)
def test_a_line_that_is_no_run_is_named(tmp_path: Path, change: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=r"runs\.jsonl:2: ") as raised:
        read_runs(runs(tmp_path, RUN, RUN | change))
    assert said in str(raised.value)


def test_one_agent_has_one_date_of_release(tmp_path: Path) -> None:
    first, second = RUN | {"release_date": "2025-01-31"}, RUN | {"release_date": "2025-02-01"}
    with pytest.raises(InputError, match="'one' was released 2025-01-31 before; came: 2025-02-01"):
        read_runs(runs(tmp_path, first, RUN, second))


def test_a_file_that_is_empty_or_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a run on each line; came: none"):
        read_runs(runs(tmp_path))
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_runs(tmp_path / "nothing")
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        read_fits(tmp_path)
    with pytest.raises(InputError, match="expected CSV with one column 'agent'"):
        read_fits(table(tmp_path, ""))
    with pytest.raises(InputError, match="expected a row for each agent"):
        read_fits(table(tmp_path, "agent,p50\n"))
    with pytest.raises(InputError, match="expected CSV with one column 'agent'"):
        read_fits(table(tmp_path, "agent,agent,p50\nA,B,3\n"))
    (tmp_path / "runs.jsonl").write_text('{"task_id": "a", "deep": ' + "[" * 100_000 + "]" * 100_000 + "}")
    with pytest.raises(InputError, match=r"runs\.jsonl:1: expected a run as JSON: maximum recursion"):
        read_runs(tmp_path / "runs.jsonl")


def test_fits_are_read_with_what_they_have(tmp_path: Path) -> None:
    text = "agent,p50,release_date,p50q0.025\nA,3.5,2025-01-31,1\nB,4,,\n"
    first, second = read_fits(table(tmp_path, text))
    assert (first.agent, first.p50, first.released, first.p50_low) == ("A", 3.5, date(2025, 1, 31), 1)
    assert (first.p50_high, first.p80) == (None, None)
    assert (second.p50, second.released, second.p50_low) == (4, None, None)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("A,", "expected the minutes of p50; came: nothing"),
        ("A,fast", "column 'p50'; came: 'fast'"),
        ("A,-3", "column 'p50'; came: '-3'"),
        ("A,inf", "column 'p50'; came: 'inf'"),
        (",3", "the name of an agent, once; came: ''"),
        ("A,3,yesterday", "a date such as 2025-02-24; came: 'yesterday'"),
        ("A,3\nA,4", "the name of an agent, once; came: 'A'"),
    ],
)
def test_a_row_that_is_no_fit_is_named(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(InputError, match=r"table\.csv:[23]: ") as raised:
        read_fits(table(tmp_path, f"agent,p50,release_date\n{row}\n"))
    assert said in str(raised.value)


def test_resamples_may_lack_a_horizon_but_no_agent(tmp_path: Path) -> None:
    path = table(tmp_path, "A_p50,A_p80,B_p50\n1,0.5,2\n,,3\n")
    found = read_resamples(path, ["A", "B"])
    assert found["B"].tolist() == [2, 3]
    assert found["A"][0] == 1
    assert np.isnan(found["A"][1])
    with pytest.raises(InputError, match="one column 'C_p50'"):
        read_resamples(path, ["A", "C"])
    with pytest.raises(InputError, match="row for each resample"):
        read_resamples(table(tmp_path, "A_p50\n"), ["A"])
