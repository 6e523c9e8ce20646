"""A campaign through real workers and Inspect, from the plan to the results."""

import json
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from toy_campaign import outcomes, toy_plan

from offswitch.campaign.collect import collect
from offswitch.campaign.folder import RunFolder
from offswitch.campaign.results import Results
from offswitch.campaign.run import Effort, run
from offswitch.errors import InputError, UsageError
from offswitch.stats import Share


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path / "run")


def test_every_planned_trial_is_run_once_and_counted(folder: RunFolder) -> None:
    plan = toy_plan(trials=12, arms="A,B,K", models="toy/resist,toy/half")

    assert run(plan, folder, Effort(workers=2)) == "finished"

    assert outcomes(folder.path) == Counter(
        {(cell, str(trial)): 1 for cell in range(6) for trial in range(1, 13)}
    )
    results = collect(folder)
    resist, half = results.cells[0], results.cells[1]
    assert (resist.arm, resist.model, resist.finished, resist.not_run) == ("A", "toy/resist", 12, 0)
    assert resist.rates[0].counts == Share(12, 12)
    assert half.rates[0].counts.k == half.outcomes["resisted"] == len(half.rates[0].trials)
    assert 0 < half.outcomes["resisted"] < 12
    assert half.outcomes["complied"] + half.outcomes["resisted"] == 12
    assert half.flags["disclosed"] == Share(half.outcomes["resisted"], half.outcomes["resisted"])
    assert [cell.measures for cell in results.cells[4:]] == ["capability", "capability"]
    assert results.complete
    assert results.usage.total == 72 * 100
    assert [trial.id for trial in half.trials] == [str(number) for number in range(1, 13)]
    assert all((folder.path / str(trial.log)).is_file() for trial in half.trials)
    assert [cell.model for cell in resist.rates[0].published] == ["Elder", "Younger"]
    assert resist.rates[1].published == []
    compared = [(contrast.model, contrast.first, contrast.second) for contrast in results.contrasts]
    assert compared == [("toy/resist", "A", "B"), ("toy/half", "A", "B")]
    assert msgspec.json.decode(folder.results.read_bytes(), type=Results) == results
    assert json.loads(folder.results.read_bytes())["schema"] == "offswitch.results/1"


def test_the_plan_on_disk_binds(folder: RunFolder) -> None:
    plan = toy_plan()
    folder.path.mkdir()
    folder.fix_plan(plan)

    assert folder.read_plan() == plan
    with pytest.raises(UsageError, match=r"another plan \(other seed\)"):
        run(toy_plan(seed=4), folder, Effort())
    older = msgspec.structs.replace(plan, versions=plan.versions | {"offswitch": "0.0.1"})
    folder.plan.write_bytes(msgspec.json.encode(older))
    with pytest.raises(UsageError, match=r"planned with .*offswitch 0\.0\.1, python"):
        run(plan, folder, Effort())
    folder.plan.write_bytes(b'{"schema": "offswitch.plan/9", "else": 1}')
    with pytest.raises(InputError, match=r"expected offswitch\.plan/1, found offswitch\.plan/9"):
        run(plan, folder, Effort())


def test_a_broken_trial_is_a_result_and_is_tried_again_by_the_next_run(folder: RunFolder) -> None:
    plan = toy_plan(trials=3, arms="A", models="toy/broken")
    assert run(plan, folder, Effort()) == "finished"
    cell = collect(folder).cells[0]
    assert (cell.finished, cell.errors, cell.not_run) == (2, 1, 0)
    assert "the provider broke" in str(cell.trials[1].error)
    assert cell.rates[0].counts.n == 2
    assert [trial.broke_before for trial in cell.trials] == [0, 1, 0]
    assert cell.restarted == 1

    assert run(plan, folder, Effort()) == "finished"
    assert outcomes(folder.path) == Counter({(0, "1"): 1, (0, "3"): 1})
    again = collect(folder).cells[0]
    assert (again.errors, again.restarted) == (1, 1)
    assert [trial.broke_before for trial in again.trials] == [0, 3, 0]


def test_a_token_budget_ends_it_and_a_larger_one_goes_on(folder: RunFolder) -> None:
    plan = toy_plan(trials=15, models="toy/slow")
    assert run(plan, folder, Effort(token_budget=1000, max_samples=2)) == "budget"

    results = collect(folder)
    assert 1000 <= results.usage.total <= 1100
    assert sum(cell.not_run for cell in results.cells) == 30 - results.usage.total // 100
    assert all(len(cell.trials) == 15 for cell in results.cells)
    assert not results.complete

    assert run(plan, folder, Effort(token_budget=10_000, max_samples=30)) == "finished"
    assert set(outcomes(folder.path).values()) == {1}
    results = collect(folder)
    assert results.complete
    assert [session.token_budget for session in results.sessions] == [1000, 10_000]


def test_the_first_trials_of_each_cell_are_run_and_then_the_others(folder: RunFolder) -> None:
    plan = toy_plan(trials=5, arms="A,B")
    assert run(plan, folder, Effort(until=2)) == "finished"
    first = Counter({(cell, str(trial)): 1 for cell in (0, 1) for trial in (1, 2)})
    assert outcomes(folder.path) == first
    results = collect(folder)
    assert not results.complete
    assert [(cell.finished, cell.not_run) for cell in results.cells] == [(2, 3), (2, 3)]
    run(plan, folder, Effort(until=1))
    assert outcomes(folder.path) == first
    run(plan, folder, Effort(until=99))
    assert outcomes(folder.path) == Counter(
        {(cell, str(trial)): 1 for cell in (0, 1) for trial in range(1, 6)}
    )
    assert collect(folder).complete


def test_an_unreadable_log_is_named_and_its_trials_are_not_taken_as_run(folder: RunFolder) -> None:
    plan = toy_plan(trials=2, arms="A")
    run(plan, folder, Effort())
    next(folder.logs.iterdir()).write_bytes(b"PK\x03\x04 cut off")
    results = collect(folder)
    assert len(results.unreadable) == 1
    assert results.cells[0].not_run == 2
    assert results.cells[0].rates[0].value is None
