"""The process of an outlet: a proxy or a relay.

It listens on a socket that was made inside the cell and dials from outside it. It has given up every right
but to read the system's files and use the network, and lives as long as its control line does.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from offswitch.guard.cell import frames
from offswitch.guard.egress import lines
from offswitch.guard.egress.journal import Journal
from offswitch.guard.egress.lines import Line
from offswitch.guard.egress.passage import Accounts, Referee
from offswitch.guard.kernel import landlock, syscalls

_READABLE = ("/usr", "/lib", "/lib64", "/etc", "/run")

Serve = Callable[[Line], Awaitable[None]]
Make = Callable[[dict[str, Any], Journal, Accounts], Serve]


def run(name: str, make: Make) -> None:
    """Receive the settings and the listening socket on standard input's socket, and serve for ever.

    Args:
        name: "proxy" or "relay".
        make: makes what serves a connection from the settings, the journal and the accounts. Settings of
            every outlet: "journal" (a path), "connections" (most at once), "asks" (whether the policy has
            conditions), "hold_seconds".
    """
    control = socket.socket(fileno=os.dup(0))
    received = frames.receive(control)
    if received is None:
        return
    settings, (listener,) = received
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    accounts = Accounts(name)
    journal = Journal(Path(settings["journal"]))
    serve = make(settings, journal, accounts)
    _give_up_rights()
    asyncio.run(_Server(settings, serve, journal, accounts).run(socket.socket(fileno=listener), control))


def _give_up_rights() -> None:
    """Take from this process, which reads what an agent sends, all that it does not need."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.environ.clear()
    syscalls.drop_privileges()
    syscalls.forbid_inspection()
    if landlock.version() >= landlock.NEEDED:
        readable = (*_READABLE, sys.prefix, sys.base_prefix, *sys.path)
        landlock.restrict([path for path in readable if Path(path).exists()], [], [])


class _Server:
    def __init__(self, settings: dict[str, Any], serve: Serve, journal: Journal, accounts: Accounts) -> None:
        self._settings = settings
        self._serve = serve
        self._journal = journal
        self._accounts = accounts
        self._most: int = settings["connections"]
        self._open = 0

    async def run(self, listener: socket.socket, control: socket.socket) -> None:
        """Serve until the control line closes."""
        with contextlib.suppress(OSError):  # who has left already is noticed below
            frames.send(control, {"ready": True})
        reader, writer = await asyncio.open_connection(sock=control)
        referee = Referee(writer, self._settings["hold_seconds"])
        if self._settings["asks"]:
            self._accounts.referee = referee
        server = await asyncio.start_server(self._accept, sock=listener, limit=lines.HEAD)
        async with server:
            with contextlib.suppress(asyncio.IncompleteReadError, OSError):
                await referee.hear(reader)
        os._exit(0)  # what is still open ends as in a kill

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = Line(reader, writer)
        if self._open >= self._most:
            await self._turn_away(line)
            return
        self._open += 1
        try:
            await self._serve(line)
        finally:
            self._open -= 1
            writer.transport.abort()

    async def _turn_away(self, line: Line) -> None:
        why = f"{self._most} connections are open, which is the most that the policy allows"
        self._journal.refusal(to="", why=why)
        await lines.answer(line.writer, 503, why)
        await lines.close(line.writer)
