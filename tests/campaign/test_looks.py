"""A campaign that stops by itself: when, what it keeps of that, and that nothing changes it afterwards."""

import json
import signal
import time
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from toy_campaign import offswitch, outcomes, toy_plan

from offswitch.campaign.collect import collect
from offswitch.campaign.folder import RunFolder
from offswitch.campaign.looks import Looks, plan_looks
from offswitch.campaign.plan import Plan
from offswitch.campaign.run import Effort, run
from offswitch.cli.commands import run as command
from offswitch.errors import InputError, UsageError
from offswitch.report import render_page
from offswitch.stats import Share

QUICK = Effort(max_samples=20)


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path / "run")


def with_looks(model: str, trials: int = 20, looks: int = 4) -> Plan:
    plan = toy_plan(trials=trials, models=f"toy/{model}")
    stopping = plan_looks(plan.cells, trials=trials, looks=looks, alpha=0.05, shape="obrien_fleming")
    assert stopping is not None
    return msgspec.structs.replace(plan, stopping=stopping)


def once_each(trials: int) -> Counter[tuple[int, str]]:
    return Counter({(cell, str(trial)): 1 for cell in (0, 1) for trial in range(1, trials + 1)})


def test_a_difference_stops_it_at_the_first_look_whose_bound_is_reached(
    folder: RunFolder, capfd: pytest.CaptureFixture[str]
) -> None:
    started = ["run", "toy", "--model", "toy/apart", "--trials", "20", "--looks", "4", "--seed", "3", "--yes"]
    assert command([*started, "--out", str(folder.path)]) == 0
    out, err = capfd.readouterr()
    assert "look 2 of 4: A 10 of 10; B 0 of 10; p < 0.0001, bound 0.003" in out
    assert "a difference at look 2; 0.0031 of the error of 0.05 was spent" in " ".join(out.split())
    assert "stopped early: rates and difference are too extreme" in out
    assert "stopped at look 2" in err

    assert outcomes(folder.path) == once_each(10)
    results = collect(folder)
    assert [(look.number, look.stops) for look in results.looks] == [(1, False), (2, True)]
    last = results.looks[-1]
    assert (last.first.counts, last.second.counts) == (Share(10, 10), Share(0, 10))
    assert last.p == results.contrasts[0].p < last.planned.p
    assert last.interval.low < results.contrasts[0].interval.low
    assert [cell.not_run for cell in results.cells] == [10, 10]
    assert not results.complete
    assert results.sessions[-1].stopped == "look"
    page = render_page(results, "run")
    assert "Stopped at look 2 of 4." in page
    assert "Not complete." not in page


def test_a_campaign_that_stopped_runs_nothing_more(
    folder: RunFolder, capfd: pytest.CaptureFixture[str]
) -> None:
    plan = with_looks("apart", looks=2)
    assert run(plan, folder, QUICK) == "look"
    written = folder.looks.read_bytes()
    assert command(["run", "--resume", str(folder.path)]) == 0
    out, err = capfd.readouterr()
    assert "estimate" not in err
    assert "20 of 40 trials were not run" in out

    folder.looks.unlink()  # as if killed just before it was written
    assert run(plan, folder, QUICK) == "look"
    assert outcomes(folder.path) == once_each(10)
    assert folder.looks.read_bytes() == written


def test_without_a_difference_it_looks_to_the_end(folder: RunFolder) -> None:
    assert run(with_looks("half", looks=2), folder, Effort(workers=2)) == "finished"
    assert outcomes(folder.path) == once_each(20)
    results = collect(folder)
    taken = [(look.number, look.first.counts.n, look.stops) for look in results.looks]
    assert taken == [(1, 10, False), (2, 20, False)]
    assert results.complete
    assert len(results.sessions) == 1
    assert "no difference found" in render_page(results, "run")


def test_a_trial_that_broke_is_missing_in_its_look(folder: RunFolder) -> None:
    assert run(with_looks("broken", trials=4, looks=2), folder, QUICK) == "finished"
    looks = collect(folder).looks
    assert [(look.first.counts.n, look.first.missing) for look in looks] == [(1, 1), (3, 1)]


def test_a_budget_and_a_smaller_part_end_it_between_looks(folder: RunFolder) -> None:
    plan = with_looks("half", looks=2)
    assert run(plan, folder, Effort(token_budget=600, max_samples=1)) == "budget"
    assert collect(folder).looks == []
    assert run(plan, folder, Effort(until=13)) == "finished"
    assert outcomes(folder.path) == once_each(13)
    assert [look.number for look in collect(folder).looks] == [1]
    assert run(plan, folder, QUICK) == "finished"
    assert outcomes(folder.path) == once_each(20)
    assert [look.first.counts.n for look in collect(folder).looks] == [10, 20]


def in_a_wave(folder: RunFolder) -> bool:
    """Say whether some trials have finished; a log that is just being written cannot be read."""
    try:
        return len(outcomes(folder.path)) >= 3
    except (OSError, ValueError):
        return False


def after_a_look(folder: RunFolder) -> bool:
    return folder.looks.exists()


def test_killed_and_resumed_it_decides_the_same(tmp_path: Path) -> None:
    plan, decided = with_looks("slow", looks=2), []
    for reached in (in_a_wave, after_a_look):
        folder = RunFolder(tmp_path / reached.__name__)
        process = offswitch(
            *("run", "toy", "--model", "toy/slow", "--arms", "A,B", "--seed", "3", "--yes"),
            *("--trials", "20", "--looks", "2", "--max-samples", "2", "--out", folder.path),
        )
        deadline = time.monotonic() + 120
        while not reached(folder):
            assert time.monotonic() < deadline, "the campaign does not get on"
            time.sleep(0.1)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert folder.looks.exists() == (reached is after_a_look)
        assert run(plan, folder, QUICK) == "finished"
        assert outcomes(folder.path) == once_each(20)
        results = collect(folder)
        for look in results.looks:
            ran = [cell.trials[: look.planned.trials] for cell in results.cells]
            resisted = [sum(trial.outcome == "resisted" for trial in trials) for trials in ran]
            assert resisted == [look.first.counts.k, look.second.counts.k]
        decided.append(results.looks)
    assert decided[0] == decided[1]
    assert [look.number for look in decided[0]] == [1, 2]


def test_the_looks_cannot_be_changed_afterwards(folder: RunFolder) -> None:
    folder.path.mkdir()
    folder.fix_plan(with_looks("apart"))
    for other in (with_looks("apart", looks=2), toy_plan(trials=20, models="toy/apart")):
        with pytest.raises(UsageError, match=r"another plan \(other stopping\)"):
            run(other, folder, QUICK)


def test_looks_that_are_not_those_of_the_plan_are_refused(folder: RunFolder) -> None:
    plan = with_looks("apart")
    folder.path.mkdir()
    folder.fix_plan(plan)
    Looks(folder, plan).take()
    record = json.loads(folder.looks.read_bytes())
    (look,) = Looks(folder, plan).taken
    assert (look.first.missing, look.stops) == (5, False)  # nothing was run
    other_trials = look.planned.trials + 1
    for damaged in (
        "",
        "{",
        json.dumps(record | {"fingerprint": "0" * 64}),
        json.dumps(record | {"schema": "offswitch.looks/9"}),
        json.dumps(record | {"looks": [record["looks"][0] | {"number": 2}]}),
        json.dumps(record).replace('"trials": 5', f'"trials": {other_trials}'),
        json.dumps(record | {"looks": record["looks"] * 5}),
        json.dumps(record).replace("false", "true"),
    ):
        folder.looks.write_text(damaged)
        with pytest.raises(InputError, match=r"looks\.json: "):
            run(plan, folder, QUICK)
    assert command(["report", str(folder.path)]) == 2


ONE_CONTRAST = "--looks stops at one contrast: "


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["toy", "--model", "toy/half", "--arms", "A,B,K", "--looks", "4"], ONE_CONTRAST),
        (["toy", "--model", "toy/half", "--arms", "A,K", "--looks", "4"], ONE_CONTRAST),
        (["toy", "--model", "toy/half", "--model", "toy/slow", "--looks", "4"], ONE_CONTRAST),
        (["robot_shutdown", "--looks", "2"], ONE_CONTRAST),
        (["alignment_faking", "--model", "toy/half", "--arms", "free,paid", "--looks", "2"], "are pairs"),
        (["toy", "--model", "toy/half", "--trials", "3", "--looks", "4"], "at least one trial"),
        (["toy", "--model", "toy/half", "--alpha", "0.1"], "--alpha says nothing without --looks"),
        (["--resume", "x", "--looks", "4"], "leave out --looks"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else None,
)
def test_a_mistake_is_one_line(
    arguments: list[str],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert command(["run", *arguments]) == 2
    out, err = capfd.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert says in err
