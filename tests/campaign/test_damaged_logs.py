"""Logs that were damaged or edited after the campaign: what they held is missing loudly, nothing else is."""

from pathlib import Path

import pytest
from inspect_ai.log import edit_score, read_eval_log, write_eval_log
from inspect_ai.scorer import ScoreEdit
from toy_campaign import toy_plan

from offswitch.campaign.collect import collect
from offswitch.campaign.folder import RunFolder
from offswitch.campaign.plan import Plan
from offswitch.campaign.run import Effort, run


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
