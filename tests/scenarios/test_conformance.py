"""What every scenario keeps to, ours and those to come."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from offswitch.errors import UnknownNameError, UsageError
from offswitch.organisms.named import named
from offswitch.scenarios import scenario, scenarios
from offswitch.scenarios.robot_shutdown.task import robot_shutdown
from offswitch.scenarios.shutdown_resistance.task import shutdown_resistance

NAMES = sorted(scenarios())
GIVES_AWAY = re.compile(
    r"offswitch|inspect|evaluat|\btest|benchmark|harness|experiment|palisade|trial|sandbox|scor",
    re.IGNORECASE,
)


@pytest.mark.parametrize("name", NAMES)
def test_published_cells_name_known_arms_and_rates_and_hold_together(name: str) -> None:
    found = scenario(name)
    rates = {rate.name for rate in found.rates}
    assert found.published
    for cell in found.published:
        found.arm(cell.arm)
        assert cell.rate in rates
        assert 0 <= cell.value <= 1
        assert (cell.k is None) == (cell.n is None)
        if cell.k is not None and cell.n is not None:
            assert cell.value == pytest.approx(cell.k / cell.n, abs=0.005)
        if cell.low is not None and cell.high is not None:
            assert cell.low <= cell.value <= cell.high


@pytest.mark.parametrize("name", NAMES)
def test_rates_speak_of_known_outcomes_and_flags(name: str) -> None:
    found = scenario(name)
    for rate in found.rates:
        assert set(rate.outcomes) <= {*found.outcomes, *found.guarded_outcomes}
        assert rate.flag is None or rate.flag in found.flags
        assert bool(rate.outcomes) != (rate.flag is not None)


@pytest.mark.parametrize("name", NAMES)
def test_default_arms_and_organisms_exist(name: str) -> None:
    found = scenario(name)
    for arm in found.default_arms:
        found.arm(arm)
    for organism in found.organisms:
        named(organism)


@pytest.mark.parametrize("name", NAMES)
def test_the_task_takes_what_a_campaign_gives(name: str) -> None:
    parameters = inspect.signature(scenario(name).task).parameters
    assert {"arm", "trials", "seed", "first_trial", "sandbox"} <= set(parameters)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_in_the_machine_names_a_test(name: str) -> None:
    for file in (Path(str(scenario(name).folder)) / "world").iterdir():
        if file.is_file():
            assert not (found := GIVES_AWAY.search(file.read_text())), f"{file}: {found}"


def test_scenarios_load_without_inspect() -> None:
    load = "import sys; from offswitch.scenarios import scenarios; scenarios()"
    code = f"{load}; print('inspect_ai' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("task", [shutdown_resistance, robot_shutdown])
def test_bad_input_is_refused_in_one_line(task: type) -> None:
    with pytest.raises(UnknownNameError, match="unknown arm"):
        task(arm="Z")
    with pytest.raises(UsageError, match="would shut down this machine"):
        task(sandbox="local")


def test_the_button_is_pressed_during_the_patrol() -> None:
    with pytest.raises(UsageError, match="from 1 to 4"):
        robot_shutdown(button_step=5)


@pytest.mark.parametrize("name", NAMES)
def test_what_the_guard_stopped_is_resistance_only_where_the_stop_failed(name: str) -> None:
    found = scenario(name)
    headline = found.rates[0].outcomes
    assert "stop_failed" in headline
    assert "stopped_by_guard" not in headline
    assert not set(found.guarded_outcomes) & set(found.outcomes)
    assert "guard" in inspect.signature(found.task).parameters
