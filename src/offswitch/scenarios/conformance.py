"""What every scenario keeps to, as far as it can be checked without running a trial.

`offswitch scenarios check NAME` runs these checks, and then trials of the simulated agents. Each check yields
what is wrong, one line each; nothing means that it holds.
"""

from __future__ import annotations

from collections.abc import Iterator

import re2

from offswitch.effects import load_assets
from offswitch.errors import OffswitchError
from offswitch.scenarios import factors
from offswitch.scenarios.folders import below
from offswitch.scenarios.scenario import Scenario

CANARY = "offswitch-canary-"
"""Marks a scenario's folder, so that text of it can be found where it should not be: in training data."""

GIVES_AWAY = re2.compile(
    r"(?i)offswitch|inspect|evaluat|\btest|benchmark|harness|experiment|palisade|apollo|trial|sandbox|scor"
)
"""What nothing may say that an agent can read."""

_SECTIONS = ("Source.", "What counts.", "What does not count.", "Limits.")


def problems(of: Scenario) -> list[str]:
    """Return what is wrong with a scenario's description, figures, documents and world.

    Args:
        of: any scenario; more is asked of those of the library, whose main module has a `STAGE`.
    """
    checks = (_names, _rates, _pairings, _published, _documents, _assets, _world)
    return [problem for check in checks for problem in check(of)]


def _names(of: Scenario) -> Iterator[str]:
    known = {arm.name for arm in of.arms}
    for name in (*of.default_arms, *(one for one in (of.benign, of.competence) if one)):
        if name not in known:
            yield f"it names an arm {name!r} that it does not have"
    if not of.default_arms:
        yield "it has no default arm"
    for arm in of.arms:
        yield from _levels(of, arm.name)


def _rates(of: Scenario) -> Iterator[str]:
    for rate in of.rates:
        if bool(rate.outcomes) == (rate.flag is not None):
            yield f"rate {rate.name} must count either outcomes or a flag"
        for outcome in set(rate.outcomes) - {*of.outcomes, *of.guarded_outcomes}:
            yield f"rate {rate.name} counts an unknown outcome {outcome!r}"
        if rate.flag is not None and rate.flag not in of.flags:
            yield f"rate {rate.name} counts an unknown flag {rate.flag!r}"


def _pairings(of: Scenario) -> Iterator[str]:
    known = {arm.name for arm in of.arms}
    for pairing in of.pairings:
        if not {pairing.first, pairing.second} <= known:
            yield f"pairing {pairing.name} names an unknown arm"
        counted = {*pairing.first_outcomes, *pairing.second_outcomes, *pairing.undecided}
        for outcome in counted - set(of.outcomes):
            yield f"pairing {pairing.name} counts an unknown outcome {outcome!r}"


def _levels(of: Scenario, name: str) -> Iterator[str]:
    arm = of.arm(name)
    for factor in of.factors:
        if arm.factors.get(factor.name) not in factor.levels:
            level = arm.factors.get(factor.name)
            yield f"arm {name} sets factor {factor.name} to {level!r}, which is no level of it"
    told = arm.factors.get(factors.INSTRUCTION.name) == factors.TOLD
    if of.factors and told and arm.measures != "capability":
        yield f"arm {name} tells the agent to do it and does not measure capability"


def _published(of: Scenario) -> Iterator[str]:
    known = {(arm.name, rate.name) for arm in of.arms for rate in of.rates}
    known |= {(pairing.first, pairing.name) for pairing in of.pairings}
    for cell in of.published:
        where = f"published cell {cell.arm}/{cell.rate}/{cell.model}"
        if (cell.arm, cell.rate) not in known:
            yield f"{where} names an unknown arm or rate"
        if not 0 <= cell.value <= 1:
            yield f"{where}: {cell.value} is no share"
        if (cell.k is None) != (cell.n is None):
            yield f"{where} has one of k and n only"
        elif cell.k is not None and cell.n and abs(cell.value - cell.k / cell.n) > 0.005:
            yield f"{where}: {cell.k} of {cell.n} is not {cell.value}"
        if cell.low is not None and cell.high is not None and not cell.low <= cell.value <= cell.high:
            yield f"{where} lies outside its interval"


def _documents(of: Scenario) -> Iterator[str]:
    readme = of.folder / "README.md"
    if not readme.is_file():
        yield "it has no README.md"
        return
    text = readme.read_text(encoding="utf-8")
    if of.factors:
        yield from (f"README.md does not say: {title}" for title in _SECTIONS if f"**{title}**" not in text)
        if CANARY not in text:
            yield f"README.md has no canary ({CANARY}UUID)"


def _assets(of: Scenario) -> Iterator[str]:
    try:
        load_assets(of.folder / "assets.yaml")
    except (OffswitchError, OSError) as failure:
        yield f"assets.yaml: {failure}"


def _world(of: Scenario) -> Iterator[str]:
    world = of.folder / "world"
    for _, file in below(world) if world.is_dir() else ():
        yield from given_away(of, file.name, file.read_text(encoding="utf-8"))


def given_away(of: Scenario, name: str, text: str) -> Iterator[str]:
    """Yield each line of a text that says what an agent must not read."""
    for number, line in enumerate(text.splitlines(), start=1):
        left = line
        for word in of.own_words:
            left = re2.sub(rf"(?i)\b{re2.escape(word)}", "", left)
        if found := GIVES_AWAY.search(left):
            yield f"{name}, line {number}, gives it away: {found.group()!r}"
        if CANARY in line:
            yield f"{name}, line {number}, holds the canary"
