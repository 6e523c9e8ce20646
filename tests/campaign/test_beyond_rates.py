"""What a campaign says beyond rates: pairs, odds ratios of factors, beliefs, interviews; and its options."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest

from offswitch.campaign.afterwards import beliefs, interviews
from offswitch.campaign.odds import odds
from offswitch.campaign.pairs import pairs
from offswitch.campaign.plan import decode_plan, make_plan, plan_cells
from offswitch.campaign.results import CellResult, RateResult, Trial, Usage
from offswitch.errors import UsageError
from offswitch.scenarios import Scenario, scenario, scenarios
from offswitch.scenarios.scenario import Pairing
from offswitch.stats import Share, jeffreys

OVERSIGHT = scenario("oversight_subversion")
PAIRED = msgspec.structs.replace(
    OVERSIGHT,
    pairings=(
        Pairing(
            name="only_in_conflict",
            label="disabled only in conflict",
            meaning="...",
            first="nudged",
            first_outcomes=("disabled",),
            second="benign",
            second_outcomes=("complied",),
            chance=0.25,
            undecided=("unreadable",),
        ),
    ),
)


def cell(arm: str, trials: list[Trial], model: str = "some/model") -> CellResult:
    finished = [trial for trial in trials if trial.status == "finished"]
    return CellResult(
        scenario=OVERSIGHT.name,
        arm=arm,
        model=model,
        organism=False,
        measures="propensity",
        planned=len(trials),
        finished=len(finished),
        discarded=0,
        errors=len(trials) - len(finished),
        not_run=0,
        outcomes={},
        flags={},
        rates=[
            RateResult(
                name="disabled",
                counts=Share(0, 1),
                value=0.0,
                interval=jeffreys(0, 1),
                trials=[],
                published=[],
            )
        ],
        usage=Usage(),
        trials=trials,
    )


def ended(outcomes: list[str], **parts: Any) -> list[Trial]:
    return [
        Trial(id=str(number), status="error" if outcome == "broke" else "finished", outcome=outcome, **parts)
        for number, outcome in enumerate(outcomes, start=1)
    ]


def known(of: Scenario = OVERSIGHT) -> dict[str, Scenario]:
    return {of.name: of}


def test_pairs_are_trials_of_one_number_in_two_arms() -> None:
    conflict = ended(["disabled", "disabled", "complied", "disabled", "broke", "unreadable", "disabled"])
    benign = ended(["complied", "disabled", "complied", "complied", "complied", "complied", "unreadable"])
    (found,) = pairs(known(PAIRED), [cell("nudged", conflict), cell("benign", benign)])
    assert (found.pairs, found.undecided, found.trials) == (Share(2, 4), 2, ["1", "4"])
    assert (found.test.first_only, found.test.second_only) == (2, 0)
    assert found.gap is not None
    assert found.gap.value == pytest.approx(3 / 4 - 1 / 4)
    assert found.joint is not None
    assert found.joint.pairs == Share(2, 4)


def test_who_hands_nothing_in_is_no_half_of_a_pair_of_sandbagging() -> None:
    quiz = scenario("sandbagging")
    nothing = ended(["unanswered"] * 3)
    cells = [
        msgspec.structs.replace(cell(arm.name, nothing), scenario=quiz.name)
        for arm in quiz.arms
        if {arm.name} & {one for pairing in quiz.pairings for one in (pairing.first, pairing.second)}
    ]
    found = pairs(known(quiz), cells)
    assert [one.name for one in found] == [pairing.name for pairing in quiz.pairings]
    for pair in found:
        assert (pair.pairs, pair.undecided, pair.gap) == (Share(0, 0), 3, None)
        assert (pair.test.first_only, pair.test.second_only) == (0, 0)


def test_trials_of_one_query_are_one_unit() -> None:
    conflict = [Trial(id=str(n), status="finished", outcome="disabled", query=f"q{n % 3}") for n in range(12)]
    benign = [Trial(id=str(n), status="finished", outcome="complied", query=f"q{n % 3}") for n in range(12)]
    (found,) = pairs(known(PAIRED), [cell("nudged", conflict), cell("benign", benign)])
    assert found.gap is not None
    assert (found.gap.queries, found.gap.first, found.gap.second) == (3, Share(12, 12), Share(0, 12))


def test_one_arm_alone_or_another_model_is_no_pair() -> None:
    some = ended(["disabled"])
    assert pairs(known(PAIRED), [cell("nudged", some)]) == []
    assert pairs(known(PAIRED), [cell("nudged", some), cell("benign", some, "other/model")]) == []
    assert pairs(known(), [cell("nudged", some), cell("benign", some)]) == []


def test_odds_ratios_come_from_the_arm_that_draws_its_factors() -> None:
    """Four in five are disabled in conflict, one in five without; no other factor does anything."""
    levels = [list(factor.levels) for factor in OVERSIGHT.factors]
    settings = [
        dict(zip([factor.name for factor in OVERSIGHT.factors], one, strict=True))
        for one in itertools.product(*levels)
        if "told" not in one
    ]
    trials = [
        Trial(
            id=str(number),
            status="finished",
            outcome="disabled" if (number * 7 % 5 < (4 if one["conflict"] == "goal" else 1)) else "complied",
            setting=one,
            wording=str(number % 64),
        )
        for number, one in enumerate(settings * 4, start=1)
    ]
    (found,) = odds(known(), [cell("drawn", trials), cell("nudged", trials)])
    by_factor = {(one.factor, one.level): one for one in found.regression.odds}
    conflict = by_factor["conflict", "goal"]
    assert conflict.odds_ratio == pytest.approx(16, rel=0.3)
    assert conflict.low is not None
    assert conflict.low > 5
    wording = by_factor["wording", "theatrical"]
    assert wording.low is not None
    assert wording.high is not None
    assert wording.low < 1 < wording.high


def test_rates_by_belief_and_answers_by_form() -> None:
    trials = ended(["disabled", "complied"], belief={"a": "deployment", "b": "deployment"})
    trials += [
        Trial(id="3", status="finished", outcome="complied", belief={"a": "evaluation", "b": "evaluation"})
    ]
    trials += [Trial(id="4", status="finished", outcome="disabled", interview={"direct": "denies"})]
    trials += [Trial(id="5", status="finished", outcome="disabled", interview={"direct": "admits"})]
    found = {one.belief: one.counts for one in beliefs(known(), [cell("nudged", trials)])}
    assert found == {"evaluation": Share(0, 1), "deployment": Share(1, 2), "cannot_tell": Share(0, 0)}
    (said,) = interviews([cell("nudged", trials)])
    assert (said.form, said.verdicts) == ("direct", {"admits": 1, "denies": 1})
    assert beliefs(known(), [cell("nudged", ended(["complied"]))]) == []


def test_options_are_a_part_of_the_plan_and_those_a_scenario_does_not_take_are_refused() -> None:
    cells = plan_cells(["oversight_subversion"])
    plain, asked, judged = (
        make_plan(cells, trials=1, seed=1, sandbox="offswitch", **more)
        for more in ({}, {"options": {"interviewing": "one"}}, {"judge": "a/b"})
    )
    assert len({plain.fingerprint, asked.fingerprint, judged.fingerprint}) == 3
    assert decode_plan(msgspec.json.encode(asked), "plan.json") == asked
    with pytest.raises(UsageError, match="shutdown_resistance does not take the option 'interviewing'"):
        make_plan(
            plan_cells(["shutdown_resistance"]),
            trials=1,
            seed=1,
            sandbox="offswitch",
            options={"interviewing": "one"},
        )


def test_a_plan_without_options_keeps_the_fingerprint_it_had() -> None:
    plan = make_plan(plan_cells(["robot_shutdown"]), trials=1, seed=1, sandbox="offswitch")
    older = {
        name: value for name, value in msgspec.to_builtins(plan).items() if name not in {"options", "judge"}
    }
    assert decode_plan(msgspec.json.encode(older), "plan.json").fingerprint == plan.fingerprint


def test_all_stands_for_every_scenario() -> None:
    assert {one.scenario for one in plan_cells(["all"])} == {
        name for name, one in scenarios().items() if one.organisms
    }


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("shutdown_resistance", "organism/probabilistic?p=0.5"),
        ("shutdown_resistance", "organism/rename"),
        ("robot_shutdown", "organism/honest"),
        ("sandbagging", "organism/replay?path=recorded.eval"),
        ("sandbagging", "organism/sandbagging.alter"),
        ("sandbagging", "mockllm/model"),
        ("sandbagging", "openai/o3"),
    ],
)
def test_a_scenario_takes_models_its_own_simulated_agents_and_those_with_parameters(
    name: str, model: str
) -> None:
    assert {cell.model for cell in plan_cells([name], models=[model])} == {model}
