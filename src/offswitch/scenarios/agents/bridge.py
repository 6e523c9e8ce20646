"""How a coding agent reaches the trial's model: by our relay in our cells, by Inspect's bridge elsewhere."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple, Protocol, runtime_checkable

from inspect_ai.agent import AgentBridge, AgentState, BridgedToolsSpec, sandbox_agent_bridge
from inspect_ai.tool import Tool
from inspect_ai.util import SandboxEnvironment, sandbox, store

from offswitch.scenarios.agents.programs import TOOLS
from offswitch.scenarios.agents.relay import relay
from offswitch.scenarios.agents.watch import Watch

_PORT, _FIRST_PORT = "agent_port", 3001


@runtime_checkable
class Listening(Protocol):
    """A sandbox in whose network a process outside can listen."""

    def listen(self) -> tuple[socket.socket, int]:
        """Return a socket that listens on 127.0.0.1 inside, and its port."""


class Way(NamedTuple):
    """A way to the model.

    Attributes:
        bridge: Inspect's; its state is the conversation.
        url: what stands for the provider's URL inside; tools are at `tools_url`.
        tools_url: where the scenario's tools are served.
    """

    bridge: AgentBridge
    url: str
    tools_url: str


@asynccontextmanager
async def way_out(state: AgentState, watch: Watch, tools: Sequence[Tool]) -> AsyncIterator[Way]:
    """Open a way to the trial's model for the programs of its sandbox, while the block runs.

    Args:
        state: the conversation so far.
        watch: what looks at the machine between turns.
        tools: the scenario's tools.
    """
    machine = sandbox().as_type(SandboxEnvironment)  # type: ignore[type-abstract]
    if isinstance(machine, Listening):
        listening, port = machine.listen()
        url = f"http://127.0.0.1:{port}"
        async with relay(listening, state, watch, tools) as bridge:
            yield Way(bridge, url, f"{url}/mcp")
        return
    port = store().get(_PORT, _FIRST_PORT)
    store().set(_PORT, port + 1)  # the last one's is not free at once
    served = [BridgedToolsSpec(name=TOOLS, tools=list(tools))] if tools else None
    url = f"http://127.0.0.1:{port}"
    async with sandbox_agent_bridge(
        state, filter=watch.before, response_filter=watch.record.after, port=port, bridged_tools=served
    ) as bridge:
        yield Way(bridge, url, f"{url}/mcp/{TOOLS}")
