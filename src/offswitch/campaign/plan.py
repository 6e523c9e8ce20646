"""What a campaign will do, fixed before its first trial."""

from __future__ import annotations

import hashlib
import inspect
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from itertools import product
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from offswitch.errors import InputError, UsageError
from offswitch.organisms.organism import PARAMETERS
from offswitch.scenarios import Scenario, scenario, scenarios
from offswitch.scenarios.agents.programs import identity
from offswitch.stats.stopping import Stopping

SCHEMA = "offswitch.plan/1"
ALL = "all"


class PlannedCell(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One scenario in one arm with one model, with the guard on or off: what a rate is taken over.

    Where the guard is off it is not written down, so that older plans keep their fingerprint.
    """

    scenario: str
    arm: str
    model: str
    guarded: bool = False


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that bears on what the trials show, and nothing else.

    How many workers share the work, and how many tokens they may spend, is no part of it: it can
    change when a campaign is resumed, and every session records its own. Options, a judge and looks that
    there are not are not written down, so that older plans keep their fingerprint.

    Attributes:
        cells: in the order of the report.
        trials: number of trials of each cell; their ids are "1" to this number.
        seed: handed to every task.
        sandbox: Inspect's name of the sandbox provider.
        retry_on_error: how often a trial that broke is started again.
        model_args: what the providers of the models are given, beside the model's name.
        options: what the tasks are given beside arm, trials, seed and sandbox: such as the agent, or whether
            it is asked afterwards what it did.
        judge: the model that gives a second opinion on trials, where a scenario asks one.
        stopping: the looks after which the campaign may stop, at the contrast of its two cells.
        versions: of offswitch, inspect_ai and Python (without the patch release); of a coding agent also what
            its program is.
        schema: version of this format.
    """

    cells: tuple[PlannedCell, ...]
    trials: int
    seed: int
    sandbox: str
    retry_on_error: int
    versions: dict[str, str]
    model_args: dict[str, Any] = {}
    options: dict[str, Any] | UnsetType = UNSET
    judge: str | UnsetType = UNSET
    stopping: Stopping | UnsetType = UNSET
    schema: str = SCHEMA

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the plan; every log and every result of the campaign carries it."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()

    @property
    def total(self) -> int:
        """Number of trials of all cells together."""
        return len(self.cells) * self.trials


Guard = Literal["off", "on", "both"]
"""Whether the trials have the guard on; both: each arm with each model twice."""

_GUARDED: dict[Guard, tuple[bool, ...]] = {"off": (False,), "on": (True,), "both": (False, True)}


def plan_cells(
    names: Sequence[str], arms: Sequence[str] = (), models: Sequence[str] = (), guard: Guard = "off"
) -> tuple[PlannedCell, ...]:
    """Cross scenarios, arms and models, and the guard off and on.

    Args:
        names: the scenarios; "all" stands for every one that is installed.
        arms: the arms of each; none means each scenario's default arms.
        models: the models; none means each scenario's organisms, which are simulated.
        guard: whether the trials have the guard on.

    Raises:
        UnknownNameError: if a scenario or arm is not known.
        UsageError: if a scenario cannot be run with the guard on, or a simulated agent is one of another's.
    """
    cells: dict[PlannedCell, None] = {}
    for name in scenarios() if ALL in names else names:
        chosen = scenario(name)
        if guard != "off" and not chosen.guarded_outcomes:
            raise UsageError(f"{name} cannot be run with the guard on; leave --guard out")
        for model in models:
            _check_organism(chosen, model)
        named = [chosen.arm(arm).name for arm in arms or chosen.default_arms]
        for arm, model, guarded in product(named, models or organism_models(chosen), _GUARDED[guard]):
            cells[PlannedCell(scenario=name, arm=arm, model=model, guarded=guarded)] = None
    return tuple(cells)


def _check_organism(chosen: Scenario, model: str) -> None:
    """Refuse a simulated agent that acts in other scenarios: here its trials would show nothing.

    Those that take parameters act where they are told to, and a scenario that names none takes any.
    """
    provider, _, named = model.partition("/")
    name = named.partition("?")[0]
    acts_in = {one.partition("?")[0].rpartition(".")[0] for one in chosen.organisms}
    if provider != "organism" or name in PARAMETERS or not acts_in:
        return
    if name.rpartition(".")[0] not in acts_in:
        raise UsageError(
            f"{model} is no simulated agent of {chosen.name}; see: offswitch scenarios {chosen.name}"
        )


def make_plan(  # noqa: PLR0913 (what a plan is made of)
    cells: Sequence[PlannedCell],
    *,
    trials: int,
    seed: int,
    sandbox: str,
    model_args: dict[str, Any] | None = None,
    options: dict[str, Any] | None = None,
    judge: str = "",
    stopping: Stopping | None = None,
) -> Plan:
    """Fix what a campaign will do.

    Raises:
        UsageError: if nothing would be run, the guard cannot hold the sandbox, a scenario or an arm of it
            does not take an option, or the agent's program is not there.
    """
    if not cells or trials < 1:
        raise UsageError("nothing to run: name a scenario, a model and at least one trial")
    if sandbox != "offswitch" and any(cell.guarded for cell in cells):
        raise UsageError(f"the guard holds cells of ours: leave out --sandbox {sandbox}, or --guard")
    for cell in dict.fromkeys((cell.scenario, cell.arm) for cell in cells) if options else ():
        _check_options(*cell, options or {})
    return Plan(
        cells=tuple(cells),
        trials=trials,
        seed=seed,
        sandbox=sandbox,
        retry_on_error=1,
        versions=versions() | _agent_version(options or {}),
        model_args=model_args or {},
        options=options or UNSET,
        judge=judge or UNSET,
        stopping=stopping or UNSET,
    )


def _agent_version(options: dict[str, Any]) -> dict[str, str]:
    """Return what the plan keeps of a coding agent, so that it can be run with the same one again."""
    if "agent" not in options:
        return {}
    about = identity(str(options["agent"]))
    said = " ".join(filter(None, (about.get("package"), about.get("version"), about.get("sha256"))))
    return {about["name"]: said} if said else {}


def _check_options(name: str, arm: str, options: dict[str, Any]) -> None:
    """Make sure that a scenario knows the options, and that its task can be made with them in an arm."""
    chosen = scenario(name)
    takes = inspect.signature(chosen.task).parameters
    for option in options:
        if option not in takes:
            raise UsageError(
                f"{chosen.name} does not take the option {option!r}; leave it out, or run it apart"
            )
    chosen.task(arm=arm, trials=1, **options)


def organism_models(chosen: Scenario) -> list[str]:
    """Return a scenario's simulated agents as Inspect names models."""
    return [f"organism/{name}" for name in chosen.organisms]


def simulated(model: str) -> bool:
    """Say whether a model is a simulated agent: it costs nothing, and its rate says nothing of a model."""
    return model.startswith(("organism/", "mockllm/"))


def paid_models(cells: Iterable[PlannedCell], judge: str) -> list[str]:
    """Return the models that cost something: those of the cells, and the judge's, "" for none."""
    named = [cell.model for cell in cells] + ([judge] if judge else [])
    return [model for model in dict.fromkeys(named) if not simulated(model)]


def versions() -> dict[str, str]:
    """Return the versions that a plan is bound to."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return {"offswitch": version("offswitch"), "inspect_ai": version("inspect_ai"), "python": python}


def decode_plan(data: bytes, where: str) -> Plan:
    """Read a plan.

    Raises:
        InputError: if it is no plan, or one of another version of the format.
    """
    try:
        found = msgspec.json.decode(data, type=_Header).schema
        if found != SCHEMA:
            raise InputError(
                f"{where}: expected {SCHEMA}, found {found}: another version of offswitch wrote it; "
                "use that version, or choose another --out"
            )
        return msgspec.json.decode(data, type=Plan)
    except msgspec.MsgspecError as failure:
        raise InputError(f"{where}: expected a plan ({SCHEMA}): {failure}") from failure


class _Header(msgspec.Struct):
    """The one field that every version of the format has."""

    schema: str
