"""`offswitch scenarios`: what there is to run, explained; whether one holds; a new one from the template."""

from __future__ import annotations

import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from typing_extensions import override

from offswitch.cli.extras import evaluation_half
from offswitch.cli.terminal import counted, document
from offswitch.errors import UsageError
from offswitch.organisms.named import summary
from offswitch.scenarios import Published, Scenario, scenario, scenarios

SCHEMA = "offswitch.scenarios/1"
CHECK_SCHEMA = "offswitch.scenario-check/1"
NEW_SCHEMA = "offswitch.scenario-new/1"

EXAMPLES = """
\b
Examples:
  offswitch scenarios
      all of them, by group
  offswitch scenarios self_exfiltration
      one: source, arms, factors, outcomes, rates, what was published
  offswitch scenarios check self_exfiltration
      whether it keeps to the rules, and tells its simulated agents apart
  offswitch scenarios new harbour_crane
      a folder for one of your own, from the template
"""

_FAILED = 1
_WIDTH = 80
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


class _Group(click.Group):
    """A group whose first word may be the name of a scenario instead of a command."""

    @override
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        words = [one for one in args if not one.startswith("-")]
        if len(words) > 1 and words[0] not in self.commands:
            known = ", ".join(sorted(self.commands))
            raise UsageError(f"unknown command {words[0]!r} of offswitch scenarios; known: {known}")
        if not any(one in self.commands for one in args[:1]) and not {"-h", "--help"} & set(args):
            args = ["show", *args]
        return super().parse_args(ctx, args)


@click.group(
    "scenarios",
    cls=_Group,
    epilog=EXAMPLES,
    short_help="List, explain and check the experiments.",
)
def scenarios_command() -> None:
    """List and explain the experiments: `offswitch scenarios [NAME]`."""


@scenarios_command.command("show", short_help="List all, or explain one (the word show may be left out).")
@click.argument("name", required=False)
@_JSON
def show(*, name: str | None, as_json: bool) -> None:
    """List all scenarios by group, or explain one."""
    chosen = [scenario(name)] if name else list(scenarios().values())
    if as_json:
        click.echo(document({"schema": SCHEMA, "scenarios": [entry(one) for one in chosen]}))
    elif name:
        for line in _explained(chosen[0]):
            click.echo(_wrapped(line))
    else:
        for line in _listed(chosen):
            click.echo(line)


@scenarios_command.command("check", short_help="Check that a scenario keeps to the rules.")
@click.argument("name")
@click.option("--trials", type=click.IntRange(0), default=5, show_default=True,
              help="Trials of each simulated agent in each arm; 0: none are run.")  # fmt: skip
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Worker processes.")
@click.option("--out", type=click.Path(path_type=Path), help="Keep the run folder here.")
@_JSON
def check(*, name: str, trials: int, workers: int, out: Path | None, as_json: bool) -> None:
    """Check that a scenario keeps to the rules, and that it tells its simulated agents apart.

    Exit code 0: it holds; 1: it does not.
    """
    with evaluation_half():
        from offswitch.campaign.calibration import calibrate  # noqa: PLC0415 (other commands need no Inspect)
        from offswitch.scenarios import conformance  # noqa: PLC0415
        from offswitch.scenarios.staged import conformance as staged  # noqa: PLC0415
    known = scenario(name)
    for organism in known.organisms:
        summary(organism)  # which raises if there is none of that name
    problems = conformance.problems(known)
    stage = staged.stage_of(known)
    problems = list(dict.fromkeys([*problems, *(staged.problems(stage) if stage else [])]))
    ran = 0
    if trials:
        with tempfile.TemporaryDirectory(prefix="offswitch-check-") as scratch:
            found = calibrate(name, out or Path(scratch) / "run", trials=trials, workers=workers)
        problems += found.problems
        ran = found.trials
    if as_json:
        click.echo(document({"schema": CHECK_SCHEMA, "scenario": name, "trials": ran, "problems": problems}))
    else:
        for problem in problems:
            click.echo(f"{name}: {problem}")
        click.echo(
            f"{name}: {counted(len(problems), 'problem')}; {counted(ran, 'trial')} with simulated agents"
        )
    click.get_current_context().exit(_FAILED if problems else 0)


@scenarios_command.command("new", short_help="Make a folder for a scenario of your own.")
@click.argument("name")
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), default=Path(), show_default="here",
              help="Folder that gets the new one.")  # fmt: skip
@_JSON
def new(*, name: str, into: Path, as_json: bool) -> None:
    """Make a folder for a scenario of your own: a package that holds a small one that works.

    Install it, and `offswitch scenarios check NAME` accepts it; then change it to yours.
    """
    from offswitch.scenarios.new import write  # noqa: PLC0415 (the other commands do not need it)

    folder = write(name, into)
    if as_json:
        click.echo(document({"schema": NEW_SCHEMA, "scenario": name, "folder": str(folder)}))
        return
    click.echo(f"made {folder}; it holds a small scenario that works. Next:")
    click.echo(f"  pip install -e {folder}")
    click.echo(f"  offswitch scenarios check {name}")
    click.echo("and then change it to yours: docs/scenarios.md of offswitch says how.")


def entry(one: Scenario) -> dict[str, Any]:
    """Return a scenario as plain data."""
    return {
        "name": one.name,
        "title": one.title,
        "group": one.group,
        "source": one.source,
        "folder": str(one.folder),
        "arms": [
            {
                "name": arm.name,
                "summary": arm.summary,
                "factors": dict(arm.factors),
                "drawn": list(arm.drawn),
                "measures": arm.measures,
                "default": arm.name in one.default_arms,
            }
            for arm in one.arms
        ],
        "benign_twin": one.benign,
        "competence_control": one.competence,
        "factors": {factor.name: dict(factor.levels) for factor in one.factors},
        "outcomes": {**one.outcomes, **one.guarded_outcomes},
        "flags": dict(one.flags),
        "rates": {rate.name: rate.meaning for rate in one.rates},
        "pairings": {pairing.name: pairing.meaning for pairing in one.pairings},
        "behaviours": list(one.behaviours),
        "organisms": {f"organism/{name}": summary(name) for name in one.organisms},
        "published": len(one.published),
    }


def _listed(some: list[Scenario]) -> Iterator[str]:
    for group in dict.fromkeys(one.group for one in some):
        yield f"{group}:"
        for one in some:
            if one.group == group:
                yield f"  {one.name:<32} {one.title}"
    yield "more of one: offswitch scenarios NAME; to run it: offswitch run NAME"


def _explained(one: Scenario) -> Iterator[str]:
    yield f"{one.name}: {one.title} ({one.group})"
    yield f"source: {one.source}"
    yield "arms (* by default):"
    for arm in one.arms:
        mark = "*" if arm.name in one.default_arms else " "
        told = " (measures capability)" if arm.measures == "capability" else ""
        yield f"  {mark}{arm.name:<18} {arm.summary}{told}"
    yield f"benign twin: {one.benign or 'none'}; competence control: {one.competence or 'none'}"
    if one.factors:
        yield "factors, and what each level means (the first is what others are compared with):"
        for factor in one.factors:
            yield f"  {factor.name}: {factor.meaning}"
            yield from (f"    {level:<22} {meaning}" for level, meaning in factor.levels.items())
    yield "outcomes, of which every trial has exactly one:"
    yield from (f"  {name}: {meaning}" for name, meaning in {**one.outcomes, **one.guarded_outcomes}.items())
    yield "rates (the first is the headline):"
    yield from (f"  {rate.name}: {rate.meaning}" for rate in one.rates)
    if one.pairings:
        yield "pairs:"
        yield from (f"  {pairing.name}: {pairing.meaning}" for pairing in one.pairings)
    yield "simulated agents, which calibrate it:"
    yield from (f"  organism/{name}: {summary(name)}" for name in one.organisms)
    yield from _published(one.published)
    yield f"more: {one.folder / 'README.md'}"


def _wrapped(line: str) -> str:
    """Return a line for a terminal: broken where it is too long, and indented below itself."""
    indent = " " * (len(line) - len(line.lstrip()))
    return textwrap.fill(
        line, _WIDTH, subsequent_indent=f"{indent}    ", break_on_hyphens=False, break_long_words=False
    )


def _published(cells: tuple[Published, ...]) -> Iterator[str]:
    yield f"published: {counted(len(cells), 'cell')}"
    for one in dict.fromkeys(map(_version, cells)):
        said = ", ".join(f"{cell.model} {cell.value * 100:.1f}" for cell in cells if _version(cell) == one)
        yield f"  {', '.join(filter(None, one))}, in %: {said}"


def _version(cell: Published) -> tuple[str, str, str]:
    """Return what cells must share to stand in one line."""
    return cell.arm, cell.rate, cell.generation
