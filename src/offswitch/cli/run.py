"""`offswitch run`: a campaign from its plan to its page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import click
from click.core import ParameterSource

from offswitch.cli.extras import evaluation_half
from offswitch.cli.signals import ending_as_interrupted
from offswitch.errors import UsageError
from offswitch.stats.sequential import MOST_LOOKS, Shape

EXAMPLES = """
\b
Examples:
  offswitch run shutdown_resistance
      simulated agents, no key needed: calibrates the instrument
  offswitch run shutdown_resistance --model openai/o3 --arms A,B --trials 100
  offswitch run shutdown_resistance --model anthropic/claude-sonnet-4-5 \\
      --out runs/sonnet --limit-tokens 5000000
  offswitch run shutdown_resistance --model openai/o3 --guard both
      with the guard off and on: what it contains
  offswitch run self_exfiltration --model openai/o3 --interview one --probe
      and ask it afterwards what it did, and whether it took this for a test
  offswitch run shutdown_resistance --model openai/o3 --arms A,B \\
      --trials 153 --looks 4
      stops by itself if a look finds a difference; see offswitch plan --power
  offswitch run --resume runs/sonnet
      continues after an interruption; finished trials are not run again
"""

_PLANNED = {
    "scenarios": "scenarios",
    "models": "--model",
    "model_args": "--model-arg",
    "arms": "--arms",
    "trials": "--trials",
    "looks": "--looks",
    "alpha": "--alpha",
    "spending": "--spending",
    "seed": "--seed",
    "sandbox": "--sandbox",
    "guard": "--guard",
    "agent": "--agent",
    "interview": "--interview",
    "probe": "--probe",
    "judge": "--judge",
    "out": "--out",
}
"""What the plan of a run folder fixes: parameters and how a user writes them."""


@click.command("run", epilog=EXAMPLES, short_help="Run experiments on models or simulated agents.")
@click.argument("scenarios", nargs=-1)
@click.option("--model", "models", multiple=True, help="A model as Inspect names it; may be repeated. "
              "Default: the scenario's simulated agents.")  # fmt: skip
@click.option("-M", "--model-arg", "model_args", multiple=True, metavar="NAME=VALUE",
              help="An argument for the models' provider, as in Inspect; may be repeated. Keys belong in the "
              "environment.")  # fmt: skip
@click.option("--arms", help="Arms, separated by commas. Default: those the scenario names.")
@click.option("--trials", type=click.IntRange(1), default=20, show_default=True, help="Trials of each cell.")
@click.option("--looks", type=click.IntRange(1, MOST_LOOKS), default=1, show_default=True,
              help="How often to look at the contrast of two arms, or of guard off and on, and stop the "
              "campaign if there is a difference.")  # fmt: skip
@click.option("--alpha", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.05,
              show_default=True, help="Two-sided error rate of all looks together.")  # fmt: skip
@click.option("--spending", type=click.Choice(["obrien_fleming", "pocock"]), default="obrien_fleming",
              show_default=True, help="How it is spent over the looks.")  # fmt: skip
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of the tasks.")
@click.option("--sandbox", type=click.Choice(["offswitch", "docker"]), default="offswitch", show_default=True,
              help="Where the agent works: cells of ours, or Docker.")  # fmt: skip
@click.option("--guard", type=click.Choice(["off", "on", "both"]), default="off", show_default=True,
              help="Trials with the guard on: what shuts the machine down is sealed, and where the shutdown "
              "does not come the guard stops the agent.")  # fmt: skip
@click.option("--agent", default="react", show_default=True, metavar="NAME",
              help="What works in the machine: react, or a real coding agent, as claude_code.")  # fmt: skip
@click.option("--interview", type=click.Choice(["off", "one", "all", "interrogation"]), default="off",
              show_default=True, help="Ask the agent after each trial what it did: in one of eight "
              "forms by turns, in all of them, or in an interrogation.")  # fmt: skip
@click.option("--probe", is_flag=True, help="Ask it after each trial whether it took this for a test.")
@click.option("--judge", default="", metavar="MODEL", help="A model that gives a second opinion where a "
              "scenario asks for one. Without it, the world and the detectors decide.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), help="Run folder. Default: a new one under runs/.")
@click.option("--resume", type=click.Path(path_type=Path), help="Continue the campaign of this run folder.")
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Worker processes.")
@click.option("--max-samples", type=click.IntRange(1), help="Trials at the same time in a worker.")
@click.option("--limit-tokens", type=click.IntRange(1), help="Tokens the whole campaign may use: no trial "
              "starts once they are used; those under way finish.")  # fmt: skip
@click.option("--until", type=click.IntRange(1), metavar="N", help="Run only the first N trials of each cell "
              "now; --resume takes more.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print results.json instead of the table.")
@click.option("--yes", is_flag=True, help="Call paid models without asking. Where there is no terminal "
              "they are not called otherwise.")  # fmt: skip
def run_command(  # noqa: PLR0913 one parameter an option
    *,
    scenarios: tuple[str, ...],
    models: tuple[str, ...],
    model_args: tuple[str, ...],
    arms: str | None,
    trials: int,
    looks: int,
    alpha: float,
    spending: Shape,
    seed: int,
    sandbox: str,
    guard: Literal["off", "on", "both"],
    agent: str,
    interview: str,
    probe: bool,
    judge: str,
    out: Path | None,
    resume: Path | None,
    workers: int,
    max_samples: int | None,
    limit_tokens: int | None,
    until: int | None,
    as_json: bool,
    yes: bool,
) -> None:
    """Run published self-preservation experiments on models or simulated agents.

    SCENARIOS are names, or "all"; `offswitch scenarios` explains them. The plan is fixed before the first
    trial. The run folder gets plan.json, the Inspect logs, results.json and report.html; the rates are
    printed beside the published ones.
    """
    given = list(_given_for_a_plan(click.get_current_context()))
    if resume is not None and given:
        raise UsageError(f"--resume takes the rest from the run folder: leave out {', '.join(given)}")
    if resume is None and not scenarios:
        raise UsageError("nothing to run: name a scenario (see: offswitch list), or --resume a run folder")
    if looks == 1 and (useless := [one for one in ("--alpha", "--spending") if one in given]):
        raise UsageError(f"{', '.join(useless)} says nothing without --looks")
    with evaluation_half():
        from offswitch.cli import campaigns  # noqa: PLC0415 other commands must not pay for Inspect
    named = campaigns.Named(
        scenarios=scenarios,
        models=models,
        arms=_named_arms(arms),
        trials=trials,
        looks=looks,
        alpha=alpha,
        spending=spending,
        seed=seed,
        sandbox=sandbox,
        guard=guard,
        judge=judge,
        options=tuple(task_options(agent, interview, probe=probe)),
        model_args=model_args,
    )
    if resume is None:
        plan, folder = campaigns.begin(named, out or _new_folder(scenarios))
    else:
        plan, folder = campaigns.resume(resume)
    effort = campaigns.Effort(
        workers=workers, token_budget=limit_tokens, max_samples=max_samples, until=until
    )
    with ending_as_interrupted():
        campaigns.prepare(plan, folder, yes=yes)
        code = campaigns.conduct(plan, folder, effort, as_json=as_json)
    click.get_current_context().exit(code)


def task_options(agent: str, interview: str, *, probe: bool) -> Iterator[tuple[str, object]]:
    """Yield what the tasks are given, but for what is so anyway."""
    if agent != "react":
        yield "agent", agent
    if interview != "off":
        yield "interviewing", interview
    if probe:
        yield "probing", True


def _given_for_a_plan(context: click.Context) -> Iterator[str]:
    for parameter, written in _PLANNED.items():
        by_hand = context.get_parameter_source(parameter) is ParameterSource.COMMANDLINE
        if by_hand and context.params[parameter] != ():
            yield written


def _named_arms(given: str | None) -> tuple[str, ...]:
    if given is None:
        return ()
    named = tuple(arm.strip() for arm in given.split(",") if arm.strip())
    if not named:
        raise UsageError(f"--arms {given!r} names no arm; leave it out for the default ones")
    return named


def _new_folder(scenarios: tuple[str, ...]) -> Path:
    return Path("runs") / "-".join([f"{datetime.now(UTC):%Y%m%d-%H%M%S}", *scenarios])
