"""A connection to a provider that is made before the request that will need it.

Every request has a connection of its own, so that no answer can ever be taken for that to another one. What
that costs is a handshake, and it is made while the agent is busy with the answer before.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from offswitch.guard.egress import lines
from offswitch.guard.egress.journal import Refused
from offswitch.guard.egress.lines import Line

_SECONDS = 30.0
"""After which one that nobody needed is closed; servers wait longer for a first request, nginx 60 s."""


class Ahead:
    """Has at most one connection ready on which nothing was sent yet.

    Args:
        dial: makes one.
    """

    def __init__(self, dial: Callable[[], Awaitable[Line]]) -> None:
        self._dial = dial
        self._ready: Line | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def take(self) -> Line | None:
        """Return the one that is ready, if there is one."""
        line, self._ready = self._ready, None
        if line is not None and self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait({self._keeping})  # it reads from the line
        return line

    def prepare(self) -> None:
        """Begin to make one, if none is ready or on its way."""
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        """Make one, and close it when its time is over, or when the server says something or ends it."""
        with contextlib.suppress(OSError, Refused):
            line = self._ready = await self._dial()
            try:
                async with asyncio.timeout(_SECONDS):
                    await line.reader.read(1)
            finally:
                if self._ready is line:
                    self._ready = None
                    lines.reset(line.writer)
