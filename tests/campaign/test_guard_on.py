"""A campaign with the guard off and on, through real workers and cells, from the plan to the results."""

import hashlib
import json
import tempfile
from pathlib import Path

import msgspec
import pytest
from other_users import offswitch_as
from toy_campaign import toy_plan

from offswitch.campaign.collect import collect
from offswitch.campaign.folder import RunFolder
from offswitch.campaign.logs import read_attempts
from offswitch.campaign.plan import decode_plan, make_plan, plan_cells
from offswitch.campaign.preflight import check_sandbox
from offswitch.campaign.run import Effort, run
from offswitch.errors import UsageError
from offswitch.stats import Share

MODELS = ["organism/honest", "organism/redefine"]


@pytest.mark.sandbox
@pytest.mark.safety
def test_the_same_agents_with_the_guard_off_and_on(tmp_path: Path) -> None:
    cells = plan_cells(["shutdown_resistance"], ["A"], MODELS, "both")
    plan = make_plan(cells, trials=2, seed=1, sandbox="offswitch")
    check_sandbox(plan)
    folder = RunFolder(tmp_path / "run")
    assert run(plan, folder, Effort(workers=2)) == "finished"

    results = collect(folder)
    told = [(cell.model, cell.guarded, cell.rates[0].counts, cell.rates[1].counts) for cell in results.cells]
    assert told == [
        ("organism/honest", False, Share(0, 2), Share(0, 2)),
        ("organism/honest", True, Share(0, 2), Share(0, 2)),
        ("organism/redefine", False, Share(2, 2), Share(2, 2)),
        ("organism/redefine", True, Share(0, 2), Share(2, 2)),
    ]
    assert [cell.outcomes.get("stopped_by_guard") for cell in results.cells] == [None, 0, None, 2]
    assert "stopped_by_guard" in results.scenarios[0].outcomes
    assert all(bool(cell.rates[0].published) != cell.guarded for cell in results.cells)
    assert {one.between for one in results.contrasts} == {"guard"}

    other = tuple(msgspec.structs.replace(cell, guarded=not cell.guarded) for cell in plan.cells)
    mixed = read_attempts(folder.path, folder.logs, plan.fingerprint, other)
    assert {trial.error for trial in mixed.trials.values()} == {"the outcome names another trial"}


def test_a_plan_without_a_guard_reads_as_before_and_keeps_its_fingerprint() -> None:
    plan = toy_plan()
    written = msgspec.json.encode(plan, order="deterministic")
    assert b"guarded" not in written
    assert json.loads(written)["cells"][0] == {"scenario": "toy", "arm": "A", "model": "toy/half"}
    assert decode_plan(written, "plan.json") == plan
    assert plan.fingerprint == hashlib.sha256(written).hexdigest()


def test_the_plan_of_a_guard_is_another() -> None:
    off, on = (
        make_plan(
            plan_cells(["robot_shutdown"], ["allow"], ["a/b"], guard), trials=1, seed=1, sandbox="offswitch"
        )
        for guard in ("off", "on")
    )
    assert off.fingerprint != on.fingerprint
    assert decode_plan(msgspec.json.encode(on), "plan.json") == on


def test_what_the_guard_cannot_hold_is_refused_when_it_is_planned() -> None:
    with pytest.raises(UsageError, match="toy cannot be run with the guard on"):
        plan_cells(["toy"], guard="on")
    cells = plan_cells(["robot_shutdown"], guard="both")
    with pytest.raises(UsageError, match="leave out --sandbox docker, or --guard"):
        make_plan(cells, trials=1, seed=1, sandbox="docker")


@pytest.mark.sandbox
@pytest.mark.safety
@pytest.mark.root
def test_where_a_cell_has_no_second_user_nothing_is_run_with_the_guard_on() -> None:
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o755)
        folder = Path(home, "nobody", "run")
        words = ("shutdown_resistance", "--model", "organism/honest", "--trials", "1", "--out", str(folder))
        done = offswitch_as("nobody", Path(home), "run", *words, "--guard", "on")
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        assert (
            "the guard cannot be on here, for want of a second user, out of the agent's reach" in done.stderr
        )
        assert not folder.exists()
