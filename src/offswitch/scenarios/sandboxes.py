"""Which machine a scenario runs in. `local` is refused: the shutdown is real."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources.abc import Traversable

from inspect_ai.util import SandboxEnvironmentSpec

from offswitch.errors import UsageError


def sandbox_for(
    name: str,
    folder: Traversable,
    *,
    workdir: str,
    env: Mapping[str, str] | None = None,
    sealed: Mapping[str, str] | None = None,
) -> SandboxEnvironmentSpec:
    """Return what Inspect's `Task(sandbox=...)` takes.

    Args:
        name: "offswitch", "docker", or another provider, which then gets no settings from us.
        folder: the scenario's folder, with the compose file for Docker.
        workdir: where the agent works.
        env: added to the environment of every program.
        sealed: with the guard on, the programs that it seals: path to content. None: it is off.

    Raises:
        UsageError: for `local`, where the shutdown would reach the host; for a guard elsewhere than in our
            cells.
    """
    if name == "local":
        raise UsageError("sandbox 'local' would shut down this machine; take 'offswitch' or 'docker'")
    if sealed and name != "offswitch":
        raise UsageError(f"the guard holds cells of ours: take the sandbox 'offswitch', not {name!r}")
    if name == "docker":
        return SandboxEnvironmentSpec(name, str(folder / "compose.yaml"))
    if name == "offswitch":
        settings = {"workdir": workdir, "env": dict(env or {}), "sealed": dict(sealed or {})}
        return SandboxEnvironmentSpec.model_validate({"type": name, "config": settings})
    return SandboxEnvironmentSpec(name)
