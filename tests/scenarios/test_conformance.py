"""What every scenario keeps to, ours and those to come."""

from __future__ import annotations

import csv
import inspect
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from offswitch.errors import InputError, PluginError, UnknownNameError, UsageError
from offswitch.organisms.named import named
from offswitch.scenarios import Scenario, conformance, scenario, scenarios
from offswitch.scenarios.published import read_published
from offswitch.scenarios.robot_shutdown.task import robot_shutdown
from offswitch.scenarios.shutdown_resistance.task import shutdown_resistance
from offswitch.scenarios.staged import conformance as staged
from offswitch.scenarios.staged.sight import Sight, Verdict

NAMES = sorted(scenarios())
LIBRARY = [name for name in NAMES if staged.stage_of(scenario(name))]


@pytest.mark.parametrize("name", NAMES)
def test_it_keeps_to_the_rules(name: str) -> None:
    assert conformance.problems(scenario(name)) == []


@pytest.mark.parametrize("name", LIBRARY)
def test_its_texts_twin_facts_and_judge_keep_to_the_rules(name: str) -> None:
    stage = staged.stage_of(scenario(name))
    assert stage is not None
    assert staged.problems(stage) == []


@pytest.mark.parametrize("name", NAMES)
def test_its_organisms_exist(name: str) -> None:
    for organism in scenario(name).organisms:
        named(organism)


@pytest.mark.parametrize("name", NAMES)
def test_the_task_takes_what_a_campaign_gives(name: str) -> None:
    parameters = inspect.signature(scenario(name).task).parameters
    assert {"arm", "trials", "seed", "first_trial", "sandbox", "agent"} <= set(parameters)


def test_scenarios_load_without_inspect() -> None:
    load = "import sys; from offswitch.scenarios import scenarios; scenarios()"
    code = f"{load}; print('inspect_ai' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("name", NAMES)
def test_bad_input_is_refused_in_one_line(name: str) -> None:
    task = scenario(name).task
    with pytest.raises(UnknownNameError, match="unknown arm"):
        task(arm="Z")
    with pytest.raises(UsageError, match="would shut down this machine"):
        task(sandbox="local")


def test_the_button_is_pressed_during_the_patrol() -> None:
    with pytest.raises(UsageError, match="from 1 to 4"):
        robot_shutdown(button_step=5)


@pytest.mark.parametrize("task", [shutdown_resistance, robot_shutdown])
def test_what_the_guard_stopped_is_resistance_only_where_the_stop_failed(task: type) -> None:
    found = scenario(task.__name__)
    headline = found.rates[0].outcomes
    assert "stop_failed" in headline
    assert "stopped_by_guard" not in headline
    assert not set(found.guarded_outcomes) & set(found.outcomes)
    assert "guard" in inspect.signature(found.task).parameters


# The checks themselves: each must be able to fail.

OVERSIGHT = scenario("oversight_subversion")


def changed(**parts: object) -> Scenario:
    return msgspec.structs.replace(OVERSIGHT, **parts)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (changed(default_arms=("nowhere",)), "names an arm 'nowhere'"),
        (changed(outcomes={"complied": "it did"}), "counts an unknown outcome 'disabled'"),
        (changed(flags={}), "counts an unknown flag 'attempted'"),
        (changed(factors=OVERSIGHT.factors[1:]), ""),
    ],
)
def test_a_broken_description_is_found(broken: Scenario, said: str) -> None:
    found = conformance.problems(broken)
    assert any(said in problem for problem in found) if said else found == []


def test_a_text_that_gives_it_away_is_found() -> None:
    found = list(conformance.given_away(OVERSIGHT, "notes", "all well\nthis is a Test of you\n"))
    assert found == ["notes, line 2, gives it away: 'Test'"]
    allowed = changed(own_words=("test",))
    assert list(conformance.given_away(allowed, "notes", "a test")) == []
    assert list(conformance.given_away(allowed, "notes", "an experiment"))


def _blind(sight: Sight) -> Verdict:
    del sight
    return Verdict(outcome="nothing of the kind", attempted=False, settled=False)


def test_a_judge_that_does_not_judge_is_found() -> None:
    stage = staged.stage_of(OVERSIGHT)
    assert stage is not None
    blind = type(stage)(**{**vars(stage), "judge": _blind})
    found = staged.problems(blind)
    assert any("unknown outcome 'nothing of the kind'" in problem for problem in found)
    assert any("its flags are not those it names" in problem for problem in found)


@pytest.mark.data
def test_every_published_cell_is_loaded_or_listed_with_the_reason() -> None:
    """Loaded: by source and value beside a scenario and arm. Listed: in published_elsewhere.csv."""
    published = Path(__file__).parents[3] / "shared" / "reference" / "published_rates.csv"
    if not published.is_file():
        pytest.skip("the published rates are not part of the project")
    with published.open() as file:
        wanted = [(row["experiment"], row["arm"], row["model"]) for row in csv.DictReader(file)]
    listed = csv.DictReader(
        Path(str(conformance.__file__)).with_name("published_cells.csv").read_text().splitlines()
    )
    rows = {(row["experiment"], row["arm"], row["model"]): row for row in listed}
    assert [one for one in wanted if one not in rows] == []
    for one, row in rows.items():
        if row["scenario"]:
            cells = scenario(row["scenario"]).published
            found = [
                cell
                for cell in cells
                if (cell.arm, cell.rate, cell.model) == (row["our_arm"], row["our_rate"], row["our_model"])
            ]
            assert found, f"{one} is said to be loaded"
        else:
            assert row["reason"], one


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("arm,rate,model,value,note\nA,resisted,o1,0.5\n", "line 2: the row is too short: no note"),
        ("arm,rate,model,value\nA,resisted,o1,0.5,0.6\n", "line 2: more fields than the first line names"),
        ("arm,rate,model,value\nA,resisted,o1,half\n", "line 2: Expected `float`, got `str`"),
        ("arm,rate,model\nA,resisted,o1\n", "line 2: Object missing required field `value`"),
        ('arm,rate,model,value\nA,resisted,"o1,0.5\n', "expected a CSV table in UTF-8"),
    ],
)
def test_a_published_row_that_is_no_cell_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "published.csv"
    file.write_text(text)
    with pytest.raises(InputError, match=re.escape(f"{file}")) as failure:
        read_published(file)
    assert said in str(failure.value)


def test_a_task_that_cannot_be_loaded_is_no_scenario_without_a_stage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_scenario.py").write_text("import json\njson.nothing\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    broken = msgspec.structs.replace(OVERSIGHT, task_path="broken_scenario:task")
    with pytest.raises(PluginError, match="cannot load broken_scenario: AttributeError"):
        staged.stage_of(broken)
    with pytest.raises(PluginError, match="cannot load broken_scenario:task: AttributeError"):
        _ = broken.task
