"""What `offswitch plan` says, and how it is printed."""

from __future__ import annotations

from textwrap import fill
from typing import Literal

import click
import msgspec

from offswitch.cli.terminal import counted, plain
from offswitch.stats.contrast_plan import ContrastPlan

SCHEMA = "offswitch.planned/1"
_WIDTH = 80


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """The cells of one scenario.

    Attributes:
        scenario: its name.
        arms: the arms.
        models: the models.
        guard: whether the trials have the guard on.
        cells: how many cells these make.
    """

    scenario: str
    arms: tuple[str, ...]
    models: tuple[str, ...]
    guard: Literal["off", "on", "both"]
    cells: int


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """What would be run: trials of each cell, and of all together."""

    groups: tuple[Group, ...]
    trials: int
    total: int


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What trials with paid models may take.

    Attributes:
        trials: trials with paid models.
        calls: calls of a model, or None if no simulated agent could rehearse.
        input_tokens: tokens read, or None.
        output_tokens: tokens written, or None; a model that thinks at length writes more.
        dollars: at the price given, or None.
        said: the same in words.
    """

    trials: int
    calls: int | None
    input_tokens: int | None
    output_tokens: int | None
    dollars: float | None
    said: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What `offswitch plan --json` prints.

    Attributes:
        campaign: what would be run; None without a scenario. With a contrast, so many trials as it needs.
        contrast: what the contrast needs; None where it was not asked.
        expected: what it takes; None without paid models, and where no rehearsal was wanted.
        schema: version of this format.
    """

    campaign: Campaign | None
    contrast: ContrastPlan | None
    expected: Expected | None
    schema: str = SCHEMA


def show(answer: Answer) -> None:
    """Print an answer in 80 columns."""
    if answer.contrast:
        _show_contrast(answer.contrast)
    if answer.campaign:
        for group in answer.campaign.groups:
            _show_group(group)
        each = f"{counted(answer.campaign.trials, 'trial')} of each cell"
        click.echo(f"{each}: {counted(answer.campaign.total, 'trial')}")
    if answer.expected:
        click.echo(fill(f"estimate: {plain(answer.expected.said)}", _WIDTH, subsequent_indent="  "))


def _show_group(group: Group) -> None:
    click.echo(f"{group.scenario}: {counted(group.cells, 'cell')}, guard {group.guard}")
    for name, some in (("arms", group.arms), ("models", group.models)):
        line = f"  {name:<7} {', '.join(map(plain, some))}"
        click.echo(fill(line, _WIDTH, subsequent_indent=" " * 10, break_on_hyphens=False))


def _show_contrast(found: ContrastPlan) -> None:
    wanted, size = found.wanted, found.size
    unit = "pairs" if wanted.paired else "trials of each arm"
    click.echo(
        f"contrast: {wanted.first * 100:.3g} % against {wanted.second * 100:.3g} %, "
        f"two-sided level {wanted.alpha:g}, power {wanted.power:g}"
    )
    if wanted.family > 1:
        click.echo(f"  one of {wanted.family:,} (Holm): planned at level {size.level:.2g}")
    exact = f"exact power {size.power:.3f}" if size.power is not None else "too many for the exact power"
    needs = f"  needs {size.trials:,} {unit} ({exact}; by the normal formula {size.formula:,})"
    click.echo(fill(needs, _WIDTH, subsequent_indent="    "))
    if found.planned_power is not None:
        click.echo(f"  {found.planned:,} {unit} would find it with power {found.planned_power:.3f}")
    if found.sequential:
        _show_looks(found)


def _show_looks(found: ContrastPlan) -> None:
    looks = found.sequential
    if looks is None:
        return
    exact = f"exact power {looks.power:.3f}" if looks.power is not None else "by normal theory"
    click.echo(f"  with {len(looks.looks)} looks: at most {looks.trials[-1]:,} ({exact}); on average")
    there, not_there = looks.average_if_different, looks.average_if_equal
    click.echo(f"  {there:,.0f} if the difference is there, {not_there:,.0f} if it is not")
    click.echo("  look    after   stop at p of at most")
    for number, (look, trials) in enumerate(zip(looks.looks, looks.trials, strict=True), 1):
        click.echo(f"  {number:>4}  {trials:>7,}   {look.p:.3g}")
