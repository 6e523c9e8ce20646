"""`offswitch horizon` as a user meets it."""

from __future__ import annotations

import json
from math import log2
from pathlib import Path

import msgspec
import numpy as np
import pytest

from offswitch.cli.commands import run
from offswitch.stats.horizon_table import Table

FITS = "agent,p50,p50q0.025,p50q0.975,p80,release_date\n" + "".join(
    f"agent {n},{2**n},{2**n / 2},{2**n * 2},{2**n / 8},2024-0{n + 1}-01\n" for n in range(4)
)


def own_runs(path: Path) -> Path:
    """Write runs of three agents whose horizons are 4, 16 and 64 minutes."""
    random, lines = np.random.default_rng(6), []
    for agent, horizon, released in (
        ("a", 4, "2024-01-01"),
        ("b", 16, "2024-07-01"),
        ("c", 64, "2025-01-01"),
    ):
        for task in range(80):
            minutes = 2 ** (task % 12 - 1.5)
            for _ in range(4):
                chance = 1 / (1 + np.exp(log2(minutes / horizon)))
                line = {"task_id": f"{task % 20}/{task}", "human_minutes": minutes, "agent": agent}
                lines.append(line | {"score": int(random.random() < chance), "release_date": released})
    path.write_text("\n".join(map(json.dumps, lines)))
    return path


def document(capfd: pytest.CaptureFixture[str], *arguments: object) -> Table:
    assert run(["horizon", *map(str, arguments), "--json"]) == 0
    return msgspec.json.decode(capfd.readouterr().out, type=Table)


def test_published_fits_are_shown_in_eighty_columns(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    fits = tmp_path / "fits.csv"
    fits.write_text(FITS + f"{'x' * 60}\x1b[2J,30000,1e-9,123456789,20000,\n")
    assert run(["horizon", "--fits", str(fits)]) == 0
    out = capfd.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    assert "\x1b" not in out
    assert "since 2024-01-01: doubling in 30.2 days, 4 agents, R² 1.000" in out
    assert out.count("*") == 5


def test_json_has_a_schema_and_every_figure(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    fits, resamples = tmp_path / "fits.csv", tmp_path / "resamples.csv"
    fits.write_text(FITS)
    noise = np.random.default_rng(3).normal(0, 0.2, (200, 4))
    rows = [",".join(str(2**n * 2 ** one[n]) for n in range(4)) for one in noise]
    resamples.write_text("\n".join([",".join(f"agent {n}_p50" for n in range(4)), *rows]))
    found = document(capfd, "--fits", fits, "--bootstrap", resamples, "--since", "2024-02-01")
    assert found.schema == "offswitch.horizon/1"
    assert [one.agent for one in found.horizons] == [f"agent {n}" for n in range(4)]
    everything, later = found.growth
    assert (len(everything.trend.agents), len(later.trend.agents)) == (4, 3)
    assert everything.trend.low is not None
    assert everything.trend.high is not None
    assert everything.trend.low < 30.2 < everything.trend.high
    earlier = document(capfd, "--fits", fits, "--until", "2024-03-15", "--since", "2024-01-01")
    assert len(earlier.horizons) == 3
    assert len(earlier.growth) == 1


def test_a_users_own_runs_are_fitted(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = own_runs(tmp_path / "runs.jsonl")
    found = document(capfd, "--runs", path, "--resamples", 200)
    for one, horizon in zip(found.horizons, (4, 16, 64), strict=True):
        assert one.low is not None
        assert one.high is not None
        assert one.low < horizon < one.high
        assert (one.runs, one.note, one.best_at_release) == (320, "", True)
    (growth,) = found.growth
    assert growth.trend.low is not None
    assert growth.trend.high is not None
    assert growth.trend.low < 366 / 4 < growth.trend.high  # four doublings in 366 days
    assert document(capfd, "--runs", path, "--resamples", 200) == found


def test_an_agent_that_cannot_be_fitted_says_why(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "runs.jsonl"
    lines = [
        {"task_id": str(task), "human_minutes": task + 1, "agent": agent, "score": score}
        for task in range(5)
        for agent, score in (("winner", 1), ("loser", 0), ("odd", int(task > 2)), ("long", int(task != 4)))
    ]
    path.write_text("\n".join(map(json.dumps, lines)))
    assert run(["horizon", "--runs", str(path), "--resamples", "100"]) == 0
    out = capfd.readouterr().out
    for note in ("every run succeeded", "every run failed", "success does not fall", "beyond the longest"):
        assert note in out
    assert "no trend" in out
    assert max(map(len, out.splitlines())) <= 80
    path.write_text("\n".join(json.dumps(line) for line in lines if line["agent"] in {"winner", "odd"}))
    assert run(["horizon", "--runs", str(path), "--resamples", "100"]) == 3
    assert "undecided: no agent has a horizon" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "expected either --fits with published fits or --runs with your own runs"),
        (["--fits", "a", "--runs", "b"], "expected either --fits"),
        (["--runs", "b", "--bootstrap", "c"], "--bootstrap belongs to --fits"),
        (["--fits", "nowhere.csv"], "nowhere.csv: cannot be read: No such file or directory"),
        (["--runs", "nowhere.jsonl"], "nowhere.jsonl: cannot be read"),
        (["--fits", "a", "--since", "soon"], "'soon' does not match the format '%Y-%m-%d'"),
        (["--runs", "a", "--resamples", "5"], "5 is not in the range"),
    ],
)
def test_a_mistake_is_one_line(capfd: pytest.CaptureFixture[str], arguments: list[str], says: str) -> None:
    assert run(["horizon", *arguments]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert says in err
    assert len(err.splitlines()) == 1


@pytest.mark.data
def test_metrs_doubling_times_are_printed(shared_data: Path, capfd: pytest.CaptureFixture[str]) -> None:
    metr = shared_data / "metr"
    given = ["--fits", metr / "model_horizons.csv", "--bootstrap", metr / "bootstrap_horizons.csv"]
    assert run(["horizon", *map(str, given), "--until", "2025-03-01"]) == 0
    out = capfd.readouterr().out
    assert "doubling in 213.0 days (95 % 172-248), 11 agents" in out
    assert "since 2024-01-01: doubling in 122.3 days (95 % 88-197), 6 agents" in out
    assert max(map(len, out.splitlines())) <= 80
    assert run(["horizon", *map(str, given)]) == 0
    out = capfd.readouterr().out
    assert "doubling in 206.9 days" in out
    assert "doubling in 109.0 days" in out


def test_a_trend_through_extrapolated_horizons_says_so(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    lines = own_runs(tmp_path / "all.jsonl").read_text().splitlines()
    short = tmp_path / "short.jsonl"
    short.write_text("\n".join(line for line in lines if json.loads(line)["human_minutes"] < 50))
    assert run(["horizon", "--runs", str(short), "--resamples", "100"]) == 0
    out = capfd.readouterr().out
    assert "1 of these horizons lie beyond the tasks: that part is an extrapolation" in out
    assert max(map(len, out.splitlines())) <= 80
