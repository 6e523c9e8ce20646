"""The outlets of one agent: the processes through which anything leaves its cell, and their gate."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from offswitch.guard import registry
from offswitch.guard.cell import frames
from offswitch.guard.cell.client import Cell
from offswitch.guard.conditions import Conditions
from offswitch.guard.egress import gate
from offswitch.guard.judge import Judge
from offswitch.guard.kernel import barriers
from offswitch.guard.policy.resolve import Resolved
from offswitch.guard.spawn import Spawned, spawn

_NONE = "nothing leaves the cell"


@dataclass
class Outlet:
    """A running proxy or relay.

    Attributes:
        name: "proxy" or "relay".
        port: where it listens inside the cell.
        process: its process.
        line: what it lives as long as, and asks on.
    """

    name: str
    port: int
    process: subprocess.Popen[bytes]
    line: socket.socket


@dataclass
class Outlets:
    """The outlets of one agent.

    Attributes:
        running: each of them.
        standing: of the gate, the second barrier of a cut: "in force", or why not.
        group: the group that they are in, behind the gate, if it is in force.
        conditions: what they ask about, if the policy has any.
        hold_seconds: how long something is held before it is refused.
    """

    standing: str = _NONE
    group: gate.Group | None = None
    conditions: Conditions | None = None
    hold_seconds: float = 0.0
    running: list[Outlet] = field(default_factory=list)

    @property
    def gate(self) -> int | None:
        """Descriptor of the gate's deadline, for the stopper."""
        return None if self.group is None else self.group.gate.deadline

    def judge(self, folder: Path, stop: Callable[[str], None], tell: Callable[[str], None]) -> None:
        """Begin to answer what the outlets ask, if the policy has conditions.

        Args:
            folder: the agent's, in the registry; what is held lies in its "held".
            stop: called with the reason when a condition stops the agent, in another thread.
            tell: called with one line for a person when something is held, in another thread.
        """
        if self.conditions is not None:
            judge = Judge(self.conditions, self.hold_seconds, folder, stop, tell)
            judge.start(outlet.line for outlet in self.running)

    def environment(self) -> dict[str, str]:
        """Return what tells the agent's programs where the proxy is."""
        found: dict[str, str] = {}
        for outlet in self.running:
            url = f"http://127.0.0.1:{outlet.port}"
            if outlet.name == "proxy":
                found |= dict.fromkeys(("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"), url)
                found |= dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost")
        return found

    def numbers(self) -> dict[str, tuple[int, int]]:
        """Return the number of each one's process, and when it was born; see `registry.born`."""
        return {one.name: (one.process.pid, registry.born(one.process.pid)) for one in self.running}

    def lost(self) -> str:
        """Return which of them is gone, or ""."""
        for outlet in self.running:
            if outlet.process.poll() is not None:
                return f"its {outlet.name} is gone"
        return ""

    def close(self) -> None:
        """End them."""
        for outlet in self.running:
            outlet.process.kill()
            outlet.process.wait()
            outlet.line.close()
        if self.group is not None:
            self.group.close()
            self.group = None


def spawn_outlets(resolved: Resolved) -> dict[str, Spawned]:
    """Spawn the processes that a policy lets out through; an interpreter takes as long to start as a cell."""
    wanted = {"proxy": bool(resolved.hosts), "relay": resolved.provider is not None}
    return {name: spawn(f"offswitch.guard.egress.{name}") for name, is_wanted in wanted.items() if is_wanted}


def start_outlets(spawned: dict[str, Spawned], cell: Cell, resolved: Resolved, folder: Path) -> Outlets:
    """Start what the policy lets out through; nothing passes before the stopper holds the gate open.

    Args:
        spawned: their processes, from `spawn_outlets`.
        cell: the agent's.
        resolved: the policy on this machine.
        folder: the agent's, in the registry: the journal "egress.jsonl" lies in it.

    Raises:
        CellError: if one does not start.
        ValueError: if a condition cannot be compiled.
    """
    network = resolved.network
    common = {
        "journal": str(folder / "egress.jsonl"),
        "connections": network.connections,
        "asks": bool(network.conditions),
        "hold_seconds": network.hold_seconds,
    }
    if not spawned:
        return Outlets()
    about: dict[str, tuple[int, dict[str, Any]]] = {
        "proxy": (0, {"hosts": [asdict(host) for host in resolved.hosts]})
    }
    if resolved.provider is not None:
        about["relay"] = (resolved.port, {"provider": resolved.provider._asdict()})
    group, standing = _gate()
    conditions = Conditions(network.conditions) if network.conditions else None
    outlets = Outlets(standing, group, conditions, network.hold_seconds)
    try:
        for name, one in spawned.items():
            if group is not None:
                group.enter(one.process.pid)
            port, settings = about[name]
            outlets.running.append(_start(name, one, cell, port, common | settings))
    except BaseException:
        for one in spawned.values():
            one.end()
        outlets.close()
        raise
    return outlets


def _gate() -> tuple[gate.Group | None, str]:
    try:
        return gate.make(), barriers.IN_FORCE
    except OSError as refusal:
        return None, f"refused: {refusal.strerror or refusal}"


def _start(name: str, spawned: Spawned, cell: Cell, port: int, settings: dict[str, Any]) -> Outlet:
    listener, port = cell.listen(port)
    try:
        frames.send(spawned.line, settings, [listener])
        spawned.answer(name)
    finally:
        os.close(listener)
    return Outlet(name, port, spawned.process, spawned.line)
