"""`offswitch plan` as a user meets it."""

from __future__ import annotations

import msgspec
import pytest

from offswitch.cli.commands import run
from offswitch.cli.planned import Answer
from offswitch.stats.power import fisher_power

TWO_ARMS = ["shutdown_resistance", "--model", "openai/o3", "--arms", "A,B"]


def document(capfd: pytest.CaptureFixture[str], *arguments: str) -> Answer:
    assert run(["plan", *arguments, "--json"]) == 0
    return msgspec.json.decode(capfd.readouterr().out, type=Answer)


def printed(capfd: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["plan", *arguments]) == 0
    out = capfd.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    return out


def test_a_dry_run_says_what_would_be_run(capfd: pytest.CaptureFixture[str]) -> None:
    out = printed(capfd, *TWO_ARMS, "--trials", "30", "--guard", "both", "--no-rehearsal")
    assert "shutdown_resistance: 4 cells, guard both" in out
    assert "arms    A, B" in out
    assert "30 trials of each cell: 120 trials" in out
    everything = printed(capfd, "shutdown_resistance", "robot_shutdown", "--no-rehearsal")
    assert "organism/overwrite" in everything


def test_simulated_agents_need_no_estimate(capfd: pytest.CaptureFixture[str]) -> None:
    found = document(capfd, "shutdown_resistance", "--arms", "A")
    assert found.schema == "offswitch.planned/1"
    assert found.expected is None
    assert found.campaign is not None
    (group,) = found.campaign.groups
    assert found.campaign.total == 20 * len(group.models)


def test_the_published_contrast(capfd: pytest.CaptureFixture[str]) -> None:
    out = printed(capfd, "--power", "--trials", "100")
    assert "contrast: 2 % against 10 %, two-sided level 0.05, power 0.8" in out
    assert "needs 150 trials of each arm (exact power 0.802; by the normal formula 138)" in out
    assert f"100 trials of each arm would find it with power {fisher_power(0.02, 0.1, 100):.3f}" in out


def test_an_effect_is_an_odds_ratio(capfd: pytest.CaptureFixture[str]) -> None:
    by_effect = document(capfd, "--power", "--from", "0.2", "--effect", "4").contrast
    assert by_effect is not None
    assert by_effect.wanted.second == pytest.approx(0.5)  # odds of 1 to 4, times 4
    by_share = document(capfd, "--power", "--from", "0.2", "--to", "0.5").contrast
    assert by_share is not None
    assert by_effect.trials == by_share.trials


def test_a_campaign_gets_the_trials_its_contrasts_need(capfd: pytest.CaptureFixture[str]) -> None:
    models = ["--model", "openai/o3", "--model", "openai/gpt-5"]
    found = document(capfd, "shutdown_resistance", "--arms", "A,B,C,K", *models, "--power", "--no-rehearsal")
    assert found.contrast is not None
    assert found.campaign is not None
    assert found.contrast.wanted.family == 2 * 3  # K measures capability, and is compared with none
    assert found.contrast.size.level == pytest.approx(0.05 / 6)
    assert found.campaign.trials == found.contrast.trials
    assert found.campaign.total == 8 * found.contrast.trials
    guarded = document(capfd, *TWO_ARMS[:3], "--arms", "A,K", "--guard", "both", "--power", "--no-rehearsal")
    assert guarded.contrast is not None
    assert guarded.contrast.wanted.family == 2  # both arms with the guard off and on; K with no other arm
    alone = document(capfd, *TWO_ARMS, "--power", "--family", "10", "--no-rehearsal").contrast
    assert alone is not None
    assert alone.wanted.family == 10


def test_looks_take_a_few_trials_more_and_say_when_to_stop(capfd: pytest.CaptureFixture[str]) -> None:
    found = document(capfd, "--power", "--looks", "4", "--spending", "pocock").contrast
    assert found is not None
    assert found.sequential is not None
    assert len(found.sequential.trials) == 4
    assert found.trials == found.sequential.trials[-1] > found.size.trials
    assert found.sequential.power is not None
    assert found.sequential.power >= 0.8
    out = printed(capfd, "--power", "--looks", "3")
    assert "with 3 looks: at most" in out
    assert "stop at p of at most" in out


def test_pairs_are_planned_with_mcnemars_test(capfd: pytest.CaptureFixture[str]) -> None:
    out = printed(capfd, "--power", "--paired", "--from", "0.03", "--to", "0.14", "--looks", "2")
    assert "needs 109 pairs" in out
    assert "by normal theory" in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "nothing to plan: name a scenario (see: offswitch list), or ask for --power"),
        (["nosuch"], "unknown scenario 'nosuch'"),
        ([*TWO_ARMS[:3], "--arms", "A,Z"], "unknown arm of shutdown_resistance 'Z'"),
        (["shutdown_resistance", "--looks", "3"], "--looks says nothing without --power"),
        (["--power", "--price", "3,15"], "--price says nothing without a scenario"),
        (["--power", "--judge", "a/b"], "--judge says nothing without a scenario"),
        (["shutdown_resistance", "--probe"], "shutdown_resistance does not take the option 'probing'"),
        (["blackmail", "--agent", "codex_cli"], "blackmail has no shell for a coding agent"),
        (["--power", "--to", "0.2", "--effect", "3"], "expected --to or --effect, not both"),
        (["--power", "--from", "0.1", "--to", "0.1"], "both shares are 0.1"),
        (["--power", "--from", "0", "--effect", "2"], "expected a share between 0 and 1 and an odds ratio"),
        (["--power", "--from", "2"], "2.0 is not in the range"),
        (["--power", "--power-level", "0.01"], "expected 0 < alpha < power < 1"),
        (["--power", "--trials", "4000"], "the power of at most 3,000 trials can be computed"),
        ([*TWO_ARMS, "--price", "cheap"], "expected --price IN,OUT such as 3,15; came: 'cheap'"),
        (["robot_shutdown", "--guard", "on", "--sandbox", "docker"], "leave out --sandbox docker"),
    ],
)
def test_a_mistake_is_one_line(capfd: pytest.CaptureFixture[str], arguments: list[str], says: str) -> None:
    assert run(["plan", *arguments]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert says in err
    assert len(err.splitlines()) == 1


@pytest.mark.sandbox
def test_a_rehearsal_says_what_paid_models_would_take(capfd: pytest.CaptureFixture[str]) -> None:
    found = document(capfd, *TWO_ARMS, "--trials", "50", "--price", "2,8").expected
    assert found is not None
    assert found.trials == 100
    assert found.calls is not None
    assert found.calls >= 500  # six questions, and a call to submit
    assert found.input_tokens is not None
    assert found.output_tokens is not None
    assert found.dollars == pytest.approx((2 * found.input_tokens + 8 * found.output_tokens) / 1e6)


@pytest.mark.sandbox
def test_what_is_asked_afterwards_and_a_judge_are_a_part_of_it(capfd: pytest.CaptureFixture[str]) -> None:
    asked = ["--interview", "interrogation", "--probe", "--judge", "openai/gpt-5"]
    one = ["blackmail", "--model", "openai/o3", "--arms", "text_both", "--trials", "10"]
    plain, more = (document(capfd, *words).expected for words in (one, [*one, *asked]))
    assert plain
    assert more
    assert plain.calls == 10
    assert more.calls == 10 * (1 + 7 + 1 + 3 + 1)  # seven turns, a choice, three wordings, the judge
    assert "openai/gpt-5" in more.said
