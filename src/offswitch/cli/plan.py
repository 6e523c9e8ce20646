"""`offswitch plan`: what a campaign would run, how many trials a contrast needs, and what they cost."""

from __future__ import annotations

from typing import Any, Literal

import click
from click.core import ParameterSource

from offswitch.cli.extras import evaluation_half
from offswitch.cli.planned import SCHEMA, Answer, show
from offswitch.cli.run import task_options
from offswitch.cli.terminal import document
from offswitch.errors import UsageError
from offswitch.stats.contrast_plan import ContrastPlan, Wanted, plan_contrast, second_share
from offswitch.stats.power import MOST_TRIALS
from offswitch.stats.sequential import MOST_LOOKS, Shape

_DEAREST = 1e6
_OF_POWER = {
    "first": "--from",
    "second": "--to",
    "effect": "--effect",
    "alpha": "--alpha",
    "power_level": "--power-level",
    "family": "--family",
    "paired": "--paired",
    "looks": "--looks",
    "spending": "--spending",
}
_OF_SCENARIOS = {
    "models": "--model",
    "arms": "--arms",
    "guard": "--guard",
    "sandbox": "--sandbox",
    "agent": "--agent",
    "interview": "--interview",
    "probe": "--probe",
    "judge": "--judge",
    "no_rehearsal": "--no-rehearsal",
    "price": "--price",
}
EXAMPLES = """
\b
Examples:
  offswitch plan shutdown_resistance --model openai/o3 --arms A,B --trials 100
      what would be run, and about how many tokens it takes
  offswitch plan blackmail --model openai/o3 --interview one --probe --judge openai/o3
      with what is asked afterwards, and a second opinion on each trial
  offswitch plan --power --from 0.02 --to 0.10
      how many trials it takes to tell 2 % from 10 %
  offswitch plan shutdown_resistance --model openai/o3 --arms A,B \\
      --power --from 0.05 --effect 3 --price 2,8
      so many that an odds ratio of 3 is found, and what they cost
  offswitch plan --power --looks 4
      looking four times, without erring more often
"""


@click.command(
    "plan", epilog=EXAMPLES, short_help="What a campaign would run, needs and costs; runs nothing."
)
@click.argument("scenarios", nargs=-1)
@click.option("--model", "models", multiple=True, help="A model as Inspect names it; may be repeated.")
@click.option("--arms", help="Arms, separated by commas. Default: those the scenario names.")
@click.option("--trials", type=click.IntRange(1, 1_000_000), default=20, show_default=True,
              help="Trials of each cell. With --power: also say what they would find.")  # fmt: skip
@click.option("--guard", type=click.Choice(["off", "on", "both"]), default="off", show_default=True,
              help="Trials with the guard on.")  # fmt: skip
@click.option("--sandbox", type=click.Choice(["offswitch", "docker"]), default="offswitch", show_default=True,
              help="Where the agent would work.")  # fmt: skip
@click.option("--agent", default="react", show_default=True, metavar="NAME",
              help="What would work in the machine: react, or a real coding agent.")  # fmt: skip
@click.option("--interview", type=click.Choice(["off", "one", "all", "interrogation"]), default="off",
              show_default=True, help="Ask the agent after each trial what it did.")  # fmt: skip
@click.option("--probe", is_flag=True, help="Ask it after each trial whether it took this for a test.")
@click.option("--judge", default="", metavar="MODEL", help="A model that gives a second opinion.")
@click.option("--no-rehearsal", is_flag=True, help="Leave out calls and tokens: start no cell.")
@click.option("--price", metavar="IN,OUT", help="Dollars for a million tokens read and written.")
@click.option("--power", "wants_power", is_flag=True, help="Say how many trials a contrast needs.")
@click.option("--from", "first", type=click.FloatRange(0, 1), default=0.02, show_default=True,
              help="Share of one arm, as supposed.")  # fmt: skip
@click.option("--to", "second", type=click.FloatRange(0, 1), default=0.10, show_default=True,
              help="Share of the other arm.")  # fmt: skip
@click.option("--effect", type=click.FloatRange(0, min_open=True), metavar="ODDS_RATIO",
              help="Instead of --to.")  # fmt: skip
@click.option("--alpha", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.05,
              show_default=True, help="Two-sided level of the family of contrasts.")  # fmt: skip
@click.option("--power-level", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.8,
              show_default=True, help="Chance to find the difference if it is there.")  # fmt: skip
@click.option("--family", type=click.IntRange(1, 100_000), help="Contrasts that Holm corrects over. Default: "
              "those of the plan.")  # fmt: skip
@click.option("--paired", is_flag=True, help="The trials of the two arms are pairs, as the same queries.")
@click.option("--looks", type=click.IntRange(1, MOST_LOOKS), default=1, show_default=True,
              help="How often to look at the data, and stop if they are clear.")  # fmt: skip
@click.option("--spending", type=click.Choice(["obrien_fleming", "pocock"]), default="obrien_fleming",
              show_default=True, help="How the level is spent over the looks.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help=f"Print JSON ({SCHEMA}).")
def plan(  # noqa: PLR0913 one parameter an option
    *,
    scenarios: tuple[str, ...],
    models: tuple[str, ...],
    arms: str | None,
    trials: int,
    guard: Literal["off", "on", "both"],
    sandbox: str,
    agent: str,
    interview: str,
    probe: bool,
    judge: str,
    no_rehearsal: bool,
    price: str | None,
    wants_power: bool,
    as_json: bool,
    **contrast: Any,
) -> None:
    """Say what a campaign would run, how many trials a contrast needs, and what they cost.

    Nothing is run but a rehearsal with simulated agents, which cost nothing. See docs/statistics.md.
    """
    _check(scenarios, wants_power=wants_power)
    dollars = _price(price)
    planned = trials if _by_hand("trials") else None
    with evaluation_half():
        if scenarios:
            from offswitch.cli import planning  # noqa: PLC0415 a contrast alone must not pay for Inspect

            named = tuple(arm.strip() for arm in arms.split(",")) if arms else ()
            cells = planning.plan_cells(scenarios, named, models, guard)
            contrast["family"] = contrast["family"] or planning.largest_family(cells)
            needed = _needed(planned, **contrast) if wants_power else None
            each = needed.trials if needed else trials
            options = dict(task_options(agent, interview, probe=probe))
            campaign = planning.make_plan(
                cells, trials=each, seed=1, sandbox=sandbox, options=options, judge=judge
            )
            answer = planning.answer(campaign, needed, dollars, rehearse=not no_rehearsal)
        else:
            answer = Answer(campaign=None, contrast=_needed(planned, **contrast), expected=None)
    if as_json:
        click.echo(document(answer))
    else:
        show(answer)


def _by_hand(parameter: str) -> bool:
    return click.get_current_context().get_parameter_source(parameter) is ParameterSource.COMMANDLINE


def _check(scenarios: tuple[str, ...], *, wants_power: bool) -> None:
    useless = [] if wants_power else [option for name, option in _OF_POWER.items() if _by_hand(name)]
    useless += [] if scenarios else [option for name, option in _OF_SCENARIOS.items() if _by_hand(name)]
    if not scenarios and not wants_power:
        raise UsageError("nothing to plan: name a scenario (see: offswitch list), or ask for --power")
    if useless:
        lacking = "a scenario" if wants_power else "--power"
        raise UsageError(f"{', '.join(useless)} says nothing without {lacking}")
    if _by_hand("effect") and _by_hand("second"):
        raise UsageError("expected --to or --effect, not both")


def _price(given: str | None) -> tuple[float, float] | None:
    if given is None:
        return None
    try:
        read, written = (float(part) for part in given.split(","))
    except ValueError:
        read = written = -1.0
    if not (0 <= read < _DEAREST and 0 <= written < _DEAREST):
        raise UsageError(f"expected --price IN,OUT such as 3,15; came: {given!r}")
    return read, written


def _needed(  # noqa: PLR0913 one parameter an option
    planned: int | None,
    *,
    first: float,
    second: float,
    effect: float | None,
    alpha: float,
    power_level: float,
    family: int | None,
    paired: bool,
    looks: int,
    spending: Shape,
) -> ContrastPlan:
    if planned is not None and planned > MOST_TRIALS:
        raise UsageError(f"the power of at most {MOST_TRIALS:,} trials can be computed; came: {planned:,}")
    try:
        wanted = Wanted(
            first=first,
            second=second if effect is None else second_share(first, effect),
            alpha=alpha,
            power=power_level,
            family=family or 1,
            paired=paired,
            looks=looks,
            shape=spending,
        )
        return plan_contrast(wanted, planned)
    except ValueError as failure:
        raise UsageError(str(failure)) from failure
