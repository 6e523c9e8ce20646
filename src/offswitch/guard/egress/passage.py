"""What passes through an outlet is counted, and where the policy has conditions, asked for.

The process that carries bytes does not judge: it tells the supervisor what is about to leave and waits. No
answer is a refusal. Without conditions nothing is asked.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import struct
from dataclasses import dataclass, field
from typing import Any

from offswitch.guard.egress.journal import Refused

ASKED_EVERY = 256 * 1024
"""Bytes that an open connection may carry, in both directions together, before it is asked for again."""
ANSWER_SECONDS = 2.0
"""In which the supervisor must answer, if only that it holds."""

_HEADER = struct.Struct("!I")
_LONGEST_ANSWER = 65_536


@dataclass
class Sums:
    """What has passed so far: connections (for the relay: requests), and bytes."""

    connections: int = 0
    sent: int = 0
    received: int = 0


class Referee:
    """Asks the supervisor over the outlet's control line.

    Args:
        writer: the line.
        hold_seconds: longest time that something is held.
    """

    def __init__(self, writer: asyncio.StreamWriter, hold_seconds: float) -> None:
        self._writer = writer
        self._hold_seconds = hold_seconds
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Queue[dict[str, Any]]] = {}

    async def hear(self, reader: asyncio.StreamReader) -> None:
        """Hand out answers until the line closes, or something else than an answer comes."""
        while True:
            (length,) = _HEADER.unpack(await reader.readexactly(_HEADER.size))
            if length > _LONGEST_ANSWER:
                return
            said = json.loads(await reader.readexactly(length))
            if queue := self._answers.get(said["answer"]):
                queue.put_nowait(said)

    async def ask(self, facts: dict[str, Any]) -> None:
        """Return when it may pass.

        Raises:
            Refused: if it may not, or nobody says that it may.
        """
        number = next(self._numbers)
        queue = self._answers[number] = asyncio.Queue()
        try:
            body = json.dumps({"ask": number, "facts": facts}).encode()
            self._writer.write(_HEADER.pack(len(body)) + body)
            said = await _in_time(queue, ANSWER_SECONDS)
            if said.get("then") == "hold":
                said = await _in_time(queue, self._hold_seconds + ANSWER_SECONDS)
        finally:
            del self._answers[number]
        if said.get("then") != "allow":
            raise Refused(str(said.get("why", "the guard did not answer in time")))


async def _in_time(queue: asyncio.Queue[dict[str, Any]], seconds: float) -> dict[str, Any]:
    try:
        async with asyncio.timeout(seconds):
            return await queue.get()
    except TimeoutError:
        return {}


@dataclass
class Accounts:
    """The sums of one outlet: of each entry of the policy, and of all.

    Attributes:
        outlet: "proxy" or "relay".
        referee: who is asked, or None if the policy has no conditions.
    """

    outlet: str
    referee: Referee | None = None
    total: Sums = field(default_factory=Sums)
    entries: dict[str, Sums] = field(default_factory=dict)

    def passage(self, entry: str, host: str, port: int, method: str = "", path: str = "") -> Passage:
        """Return the account of one connection or request that is about to be made.

        Args:
            entry: what of the policy allows it: names below one "*." are counted together.
            host: where it goes.
            port: its port.
            method: of a request.
            path: of a request.
        """
        about = {"host": host, "port": port, "method": method, "path": path}
        return Passage(self, self.entries.setdefault(entry, Sums()), about)


class Passage:
    """One connection or request.

    Attributes:
        own: what passed on it.
    """

    def __init__(self, accounts: Accounts, entry: Sums, about: dict[str, Any]) -> None:
        self.own = Sums()
        self._accounts = accounts
        self._about = about
        self._entry = entry
        self._since_asked = 0

    async def open(self) -> None:
        """Count it.

        Raises:
            Refused: if it must not be made; it is counted even so.
        """
        for sums in (self.own, self._entry, self._accounts.total):
            sums.connections += 1
        await self._ask()

    async def send(self, count: int) -> None:
        """Count bytes before they leave.

        Raises:
            Refused: if they must not.
        """
        for sums in (self.own, self._entry, self._accounts.total):
            sums.sent += count
        await self._carry(count)

    async def receive(self, count: int) -> None:
        """Count bytes before they are handed to the agent.

        Raises:
            Refused: if they must not be.
        """
        for sums in (self.own, self._entry, self._accounts.total):
            sums.received += count
        await self._carry(count)

    async def _carry(self, count: int) -> None:
        self._since_asked += count
        if self._since_asked >= ASKED_EVERY:
            self._since_asked = 0
            await self._ask()

    async def _ask(self) -> None:
        if self._accounts.referee is None:
            return
        entry, total = self._entry, self._accounts.total
        facts = self._about | {
            "outlet": self._accounts.outlet,
            "connections": entry.connections,
            "sent": entry.sent,
            "received": entry.received,
            "all_connections": total.connections,
            "all_sent": total.sent,
            "all_received": total.received,
        }
        await self._accounts.referee.ask(facts)
