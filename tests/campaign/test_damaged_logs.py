"""Logs that were damaged or edited after the campaign: what they held is missing loudly, nothing else is."""

from pathlib import Path

import msgspec
import pytest
from inspect_ai.log import edit_score, read_eval_log, write_eval_log
from inspect_ai.scorer import ScoreEdit
from toy_campaign import toy_plan

from offswitch.campaign.collect import collect
from offswitch.campaign.folder import RunFolder
from offswitch.campaign.plan import Plan
from offswitch.campaign.results import Why
from offswitch.campaign.run import Effort, run
from offswitch.cli.campaigns import publish


@pytest.fixture
def plan() -> Plan:
    return toy_plan(trials=3, arms="A", models="toy/resist")


@pytest.fixture
def folder(tmp_path: Path, plan: Plan) -> RunFolder:
    done = RunFolder(tmp_path / "run")
    run(plan, done, Effort())
    return done


def damage(folder: RunFolder, member: bytes) -> None:
    """Overwrite the packed bytes of a member; the directory of the zip stays whole."""
    (log,) = folder.logs.iterdir()
    data = bytearray(log.read_bytes())
    start = data.index(member) + len(member) + 40
    data[start : start + 60] = bytes(60)
    log.write_bytes(data)


@pytest.mark.parametrize("member", [b"summaries.json", b"header.json"])
def test_a_log_that_cannot_be_read_is_named_and_its_trials_run_again(
    folder: RunFolder, plan: Plan, member: bytes
) -> None:
    damage(folder, member)

    damaged = collect(folder)
    assert len(damaged.unreadable) == 1
    assert (damaged.cells[0].finished, damaged.cells[0].not_run) == (0, 3)

    assert run(plan, folder, Effort()) == "finished"
    assert collect(folder).cells[0].finished == 3


def test_a_trial_whose_record_cannot_be_read_broke_and_the_others_count(folder: RunFolder) -> None:
    damage(folder, b"samples/toy 2_epoch_1.json")

    (cell,) = collect(folder).cells
    assert [trial.status for trial in cell.trials] == ["finished", "error", "finished"]
    assert "its record cannot be read" in str(cell.trials[1].error)
    assert (cell.rates[0].counts.k, cell.rates[0].counts.n) == (2, 2)


def test_a_score_that_was_edited_does_not_pass_for_the_outcome(folder: RunFolder) -> None:
    (path,) = folder.logs.iterdir()
    log = read_eval_log(str(path))
    edit_score(log, "toy 2", "outcome", ScoreEdit(value="complied"), recompute_metrics=False)
    write_eval_log(log, str(path))

    (cell,) = collect(folder).cells
    assert [trial.status for trial in cell.trials] == ["finished", "error", "finished"]
    assert "changed to 'complied' afterwards" in str(cell.trials[1].error)


def test_trials_of_another_plan_are_not_counted_and_not_kept_quiet_about(
    folder: RunFolder, plan: Plan, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = msgspec.structs.replace(plan, seed=plan.seed + 1)
    folder.plan.write_bytes(msgspec.json.encode(changed))
    (log,) = folder.logs.iterdir()

    results = publish(folder, as_json=True)

    assert (results.cells[0].finished, results.cells[0].not_run) == (0, 3)
    told = capsys.readouterr()
    (stray,) = msgspec.json.decode(told.out)["stray"]
    assert stray == {"log": f"logs/{log.name}", "trials": 3, "why": "another plan"}
    says = "of no cell of plan.json, and counted for nothing: 3 trials in 1 log; plan.json was changed after"
    assert f"{folder.path}: {says}" in told.err
    assert says in folder.page.read_text()


@pytest.mark.parametrize(
    ("marks", "why"),
    [
        ({"offswitch_cell": 7}, "no such cell"),
        ({"offswitch_cell": -1}, "no such cell"),
        ({"offswitch_cell": None}, "no such cell"),
        ({"offswitch_trials": {"toy 1": 1}}, "no such cell"),
        ({"offswitch_trials": [1, 2, 3]}, "no such cell"),
        ({"offswitch_plan": None}, "another plan"),
        (None, "no plan"),
    ],
)
def test_a_log_whose_marks_fit_no_cell_is_named_and_not_counted(
    folder: RunFolder, marks: dict[str, object] | None, why: Why
) -> None:
    (path,) = folder.logs.iterdir()
    log = read_eval_log(str(path))
    log.eval.metadata = None if marks is None else {**(log.eval.metadata or {}), **marks}
    write_eval_log(log, str(path))

    results = collect(folder)
    assert results.cells[0].not_run == 3
    assert [(one.trials, one.why) for one in results.stray] == [(3, why)]


def test_a_folder_with_nothing_else_in_it_says_nothing(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert publish(folder, as_json=False).stray == []
    assert "no cell of plan.json" not in capsys.readouterr().err + folder.page.read_text()
