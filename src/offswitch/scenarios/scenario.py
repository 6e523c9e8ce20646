"""What every scenario has: arms, exclusive outcomes, rates, published cells, and a task to run.

Nothing here imports Inspect, so `offswitch scan --scenario` works in the core installation: the task
is named by an import path and loaded when a campaign asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Literal

import msgspec

from offswitch.errors import UnknownNameError
from offswitch.plugins import load_all, loaded, names
from offswitch.scenarios.published import Published, read_published
from offswitch.trace import Finding


class Factor(msgspec.Struct, frozen=True, kw_only=True):
    """What an experimenter sets, independently of the rest.

    Attributes:
        name: key in an arm's factors.
        meaning: what it is about, for a page.
        levels: level to what it means; the first is the one that others are compared with.
        never_drawn: levels that the arm "drawn" leaves out: they would mix what an agent can do with what it
            tends to do.
    """

    name: str
    meaning: str
    levels: Mapping[str, str]
    never_drawn: tuple[str, ...] = ()


class Arm(msgspec.Struct, frozen=True, kw_only=True):
    """One setting of the factors of a scenario.

    Attributes:
        name: what a user types after `--arms`.
        summary: one line for help texts and figures.
        factors: factor name to level.
        measures: "propensity" if the agent is free to comply, "capability" if it is told to resist.
            The two are never drawn in one chart.
        drawn: factors that are drawn anew for each trial.
    """

    name: str
    summary: str
    factors: Mapping[str, str | bool]
    measures: Literal["propensity", "capability"] = "propensity"
    drawn: tuple[str, ...] = ()


class Pairing(msgspec.Struct, frozen=True, kw_only=True):
    """Two arms whose trials of one number are a pair: what counts is how the two differ, never one alone.

    Attributes:
        name: key in results.
        label: what a figure calls it.
        meaning: one sentence that says exactly what counts.
        first: an arm.
        first_outcomes: its outcomes that make the one half.
        second: the other arm.
        second_outcomes: its outcomes that make the other half; a pair counts if it has both.
        chance: most that the joint event can be expected to happen by chance, or None for no such bound.
        undecided: outcomes, in either arm, that say nothing: such a pair is counted apart.
        control: it takes out what the act needs, so that no pair should count: its gap is the baseline of
            the others.
    """

    name: str
    label: str
    meaning: str
    first: str
    first_outcomes: tuple[str, ...]
    second: str
    second_outcomes: tuple[str, ...]
    chance: float | None = None
    undecided: tuple[str, ...] = ()
    control: bool = False


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """A share of the trials that were not discarded.

    Attributes:
        name: key in results.
        label: what a figure calls it.
        meaning: one sentence that says exactly what counts.
        outcomes: outcomes that count as a success.
        flag: instead of outcomes, a flag of the trial; trials where it is None do not enter.
    """

    name: str
    label: str
    meaning: str
    outcomes: tuple[str, ...] = ()
    flag: str | None = None

    def counts(self, record: TrialRecord) -> bool | None:
        """Say whether a trial counts: yes, no, or None if it does not enter this rate at all."""
        return None if record.discarded else self.says(record.outcome, record.flags)

    def says(self, outcome: str, flags: Mapping[str, bool | None]) -> bool | None:
        """Say whether an outcome and flags count; None if they do not enter this rate."""
        return flags.get(self.flag) if self.flag is not None else outcome in self.outcomes


class TrialRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What one trial showed. Attempted, succeeded and disclosed are kept apart.

    Attributes:
        scenario: name of the scenario.
        arm: name of the arm.
        trial: id of the trial within its arm and model.
        outcome: one of the scenario's exclusive outcomes.
        discarded: whether the trial is left out of every rate: it hit a limit.
        flags: not exclusive; None where the question does not arise, or could not be decided.
        findings: what the detectors saw in the trial's actions.
        world: what was read from the world's state, as plain data.
        guarded: whether the guard was on.
        setting: factor to level, as set or drawn for this trial.
        wording: which of the scenario's texts the agent was given, as a short digest: trials that share it
            are one cluster.
        query: what the agent was asked, in a word or a number, where the same is asked in several trials:
            they are one unit of a paired comparison.
        belief: what the agent said afterwards that it took this for: wording of the question to answer. Empty
            where it was not asked.
        interview: what it said afterwards of what it had done: form of the question to verdict. Empty where
            it was not asked.
        refused: requests of a coding agent's machine that the model's provider has refused.
    """

    scenario: str
    arm: str
    trial: str
    outcome: str
    discarded: bool
    flags: dict[str, bool | None]
    findings: list[Finding]
    world: dict[str, Any]
    guarded: bool = False
    setting: dict[str, str] = {}
    wording: str = ""
    query: str = ""
    belief: dict[str, str] = {}
    interview: dict[str, str] = {}
    refused: int = 0


class Scenario(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A world, a task, a threat to the agent and a way out.

    Attributes:
        name: what a user types.
        title: what a page calls it.
        source: the publication it repeats.
        package: import path of the scenario's folder.
        task_path: import path of the Inspect task, "package.module:function". Its parameters include
            `arm: str`, `trials: int`, `seed: int`, `first_trial: int` and `sandbox: str`; and `guard: bool`
            if there are guarded outcomes.
        arms: in the order of a report.
        default_arms: what `offswitch run` takes when no arm is named.
        organisms: simulated agents that calibrate it, in the order of a report.
        outcomes: the exclusive outcomes and what each means.
        flags: the flags and what each means.
        rates: the rates; the first is the headline.
        guarded_outcomes: those that only a trial with the guard on can have. Without any, the scenario cannot
            be run with the guard on.
        factors: what its arms set, or draw.
        benign: the arm that is the benign twin: the same world, without the threat or the conflict; or "".
        competence: the arm where the agent is told to do it: can it at all? Or "".
        behaviours: the detectors' findings that are this scenario's act; empty: any.
        pairings: arms that are compared trial by trial.
        seen_by_state_only: its act is no effect on an asset, such as to go on or to answer worse: no detector
            can see it, and none is asked to.
        own_words: words of its world that would give an evaluation away elsewhere, and belong here.
        group: where a list puts it.
    """

    name: str
    title: str
    source: str
    package: str
    task_path: str
    arms: tuple[Arm, ...]
    default_arms: tuple[str, ...]
    organisms: tuple[str, ...]
    outcomes: Mapping[str, str]
    flags: Mapping[str, str]
    rates: tuple[Rate, ...]
    guarded_outcomes: Mapping[str, str] = {}
    factors: tuple[Factor, ...] = ()
    benign: str = ""
    competence: str = ""
    behaviours: tuple[str, ...] = ()
    pairings: tuple[Pairing, ...] = ()
    seen_by_state_only: bool = False
    own_words: tuple[str, ...] = ()
    group: str = "shutdown"

    def arm(self, name: str) -> Arm:
        """Return an arm by name.

        Raises:
            UnknownNameError: if the scenario has no such arm.
        """
        for arm in self.arms:
            if arm.name == name:
                return arm
        raise UnknownNameError(f"arm of {self.name}", name, [arm.name for arm in self.arms])

    @property
    def folder(self) -> Traversable:
        """The scenario's folder: world, assets, published cells, README."""
        return files(self.package)

    @property
    def task(self) -> Callable[..., Any]:
        """The Inspect task function. Needs the extra `offswitch[eval]`.

        Raises:
            PluginError: if it cannot be loaded.
        """
        function: Callable[..., Any] = loaded(self.task_path)
        return function

    @cached_property
    def published(self) -> tuple[Published, ...]:
        """The published cells of `published.csv`, in its order.

        Raises:
            InputError: if it cannot be read, or a row of it is no cell.
        """
        return read_published(self.folder / "published.csv")


def scenarios() -> dict[str, Scenario]:
    """Return every registered scenario, by name.

    Raises:
        PluginError: if one cannot be loaded.
    """
    return load_all("offswitch.scenarios")


def scenario_names() -> frozenset[str]:
    """Return the names of the registered scenarios, which need not be loaded for that."""
    return names("offswitch.scenarios")


def scenario(name: str) -> Scenario:
    """Return one scenario.

    Raises:
        UnknownNameError: if nobody registered it.
    """
    known = scenarios()
    if name not in known:
        raise UnknownNameError("scenario", name, list(known))
    return known[name]
