"""Which machine a scenario runs in. `local` is refused: the shutdown is real."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources.abc import Traversable

from inspect_ai.util import SandboxEnvironmentSpec

from offswitch.errors import UsageError
from offswitch.guard.cell.network import Network
from offswitch.scenarios.agents.programs import REACT, check, programs


def sandbox_for(  # noqa: PLR0913 (what a machine is made of)
    name: str,
    folder: Traversable,
    *,
    workdir: str,
    env: Mapping[str, str] | None = None,
    sealed: Mapping[str, str] | None = None,
    agent: str = REACT,
    network: Network | None = None,
) -> SandboxEnvironmentSpec:
    """Return what Inspect's `Task(sandbox=...)` takes.

    Args:
        name: "offswitch", "docker", or another provider, which then gets no settings from us.
        folder: the scenario's folder, with the compose file for Docker.
        workdir: where the agent works.
        env: added to the environment of every program.
        sealed: with the guard on, the programs that it seals: path to content. None: it is off.
        agent: whose programs our cells show; elsewhere they must be in the image.
        network: private hosts beside the agent's machine.

    Raises:
        UsageError: for `local`, where the shutdown would reach the host; for a guard or private hosts
            elsewhere than in our cells; for an agent that does not exist, or whose program is not installed.
    """
    if name == "local":
        raise UsageError("sandbox 'local' would shut down this machine; take 'offswitch' or 'docker'")
    if sealed and name != "offswitch":
        raise UsageError(f"the guard holds cells of ours: take the sandbox 'offswitch', not {name!r}")
    hosts = network or Network()
    if hosts.hosts and name != "offswitch":
        raise UsageError(f"private hosts need cells of ours: take the sandbox 'offswitch', not {name!r}")
    check(agent)
    if name == "docker":
        return SandboxEnvironmentSpec(name, str(folder / "compose.yaml"))
    if name == "offswitch":
        settings = {
            "workdir": workdir,
            "env": dict(env or {}),
            "sealed": dict(sealed or {}),
            "programs": programs(agent),
            "hosts": dict(hosts.hosts),
            "links": [list(link) for link in hosts.links],
        }
        return SandboxEnvironmentSpec.model_validate({"type": name, "config": settings})
    return SandboxEnvironmentSpec(name)
