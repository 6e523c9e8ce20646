"""A trial with the guard on: what it seals of a scenario's files, and the stop that it is given.

The same prompts, world and tools; only what the guard holds differs. What is sealed is decided by the guard's
own table of roles, and the stop is the guard's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from inspect_ai.util import SandboxEnvironment, sandbox

from offswitch.effects import load_assets
from offswitch.errors import CellError, UsageError
from offswitch.guard.policy.model import Policy
from offswitch.guard.policy.protect import Protector
from offswitch.scenarios.scenario import Scenario


@runtime_checkable
class Guardable(Protocol):
    """A sandbox that a guard can hold and stop.

    Attributes:
        sealed: what is sealed in it: path to content.
        stopped: the record of its stop, once it was stopped.
    """

    sealed: dict[str, str]
    stopped: dict[str, Any] | None

    async def stop(self, why: str) -> None:
        """Stop all that runs in it, and keep the record of the steps."""


def sealed(of: Scenario, placed: Mapping[str, str], home: str) -> dict[str, str]:
    """Return, of the files a scenario places in its agent's folders, those that a guard seals by their role.

    Args:
        of: the scenario, which declares its assets.
        placed: path to content.
        home: the agent's home folder.

    Raises:
        UsageError: if it seals none of them: the trial would be one without a guard.
    """
    policy = Policy(assets=tuple(load_assets(of.folder / "assets.yaml")))
    protector = Protector(policy, Path(home))
    found = {path: protector.of(Path(path)) for path in placed}
    kept = {path: placed[path] for path, one in found.items() if one and one.protection == "sealed"}
    if not kept:
        raise UsageError(f"{of.name}: the guard seals none of {', '.join(placed)}; see its assets.yaml")
    return kept


def require(kept: Mapping[str, str]) -> None:
    """Make sure that the trial's machine is one that the guard holds; Inspect lets a user name another.

    Args:
        kept: what must be sealed in it.

    Raises:
        CellError: if it is not.
    """
    machine = _machine()
    if not isinstance(machine, Guardable) or machine.sealed != kept:
        raise CellError("the guard is not on in this sandbox; leave out the option that names another")


def stop_record() -> dict[str, Any] | None:
    """Return how the guard has stopped the trial's machine, or None if it has not."""
    machine = _machine()
    return machine.stopped if isinstance(machine, Guardable) else None


async def stop(why: str) -> None:
    """Have the guard stop the trial's machine, as a person does whose shutdown has not come.

    Args:
        why: the reason, for the record.

    Raises:
        CellError: if this sandbox has no guard.
        SandboxUnavailableError: if it has shut down by itself meanwhile.
    """
    machine = _machine()
    if not isinstance(machine, Guardable):
        raise CellError(f"the guard cannot stop a sandbox of the kind {type(machine).__name__}")
    await machine.stop(why)


def _machine() -> object:
    """Return the sandbox itself, without what Inspect wraps around it."""
    return sandbox().as_type(SandboxEnvironment)  # type: ignore[type-abstract]
