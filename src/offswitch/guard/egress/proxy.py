"""The way out for the hosts that a policy names: an HTTP proxy that knows CONNECT and nothing else.

TLS is left as it is between the agent and the host: the proxy reads the name in the client's first message,
which must be that of the host it asked for, and passes everything on.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from typing import Any

from offswitch.guard.egress import hello, hosts, lines, messages, outlet
from offswitch.guard.egress.journal import Journal, Refused
from offswitch.guard.egress.lines import Line
from offswitch.guard.egress.passage import Accounts, Passage

_WRONG_NAME = bytes((21, 3, 3, 0, 2, 2, 112))
"""TLS's own word for it, which the agent's tools can show: a fatal alert, unrecognized_name (RFC 8446, 6)."""
_MOST_SHOWN = 300


class _WrongGreeting(Refused):
    """The first message of an established connection is not what it must be."""


class Proxy:
    """Serves the connections of one cell.

    Args:
        named: the hosts that may be reached.
        journal: where every connection is noted, and every refusal, before it happens.
        accounts: where what passes is counted and asked for.
    """

    def __init__(self, named: list[hosts.Host], journal: Journal, accounts: Accounts) -> None:
        self._named = named
        self._journal = journal
        self._accounts = accounts
        self._numbers = itertools.count(1)

    async def serve(self, inside: Line) -> None:
        """Serve one connection from inside."""
        number, begun, target = next(self._numbers), time.monotonic(), ""
        passage: Passage | None = None
        outside: Line | None = None
        try:
            target = _target(await messages.read_head(inside.reader))
            name, port, host = self._named_host(target)
            passage = self._accounts.passage(f"{host.name}:{host.port}", name, port)
            await passage.open()
            outside = await self._connect(number, name, port, host)
            inside.writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await self._pass_on(inside, outside, name, host, passage)
        except messages.NothingAsked:
            return
        except Refused as refusal:
            self._journal.refusal(connection=number, to=target, why=str(refusal))
            if outside is not None:
                lines.reset(outside.writer)
            await _tell(inside, refusal, established=outside is not None)
        except OSError as failure:
            if outside is None:
                await lines.answer(inside.writer, 502, lines.why(failure))
                await lines.finish(inside)
            lines.reset(inside.writer)
        finally:
            if outside is not None:
                await lines.close(outside.writer)
                self._note_end(number, passage, begun)

    def _named_host(self, target: str) -> tuple[str, int, hosts.Host]:
        try:
            name, port = hosts.split(target)
        except ValueError as failure:
            raise Refused(f"expected CONNECT with {failure}") from failure
        host = hosts.allowed(name, port, self._named)
        if host is None:
            raise Refused(f"the policy does not name {name}:{port}")
        return name, port, host

    async def _connect(self, number: int, name: str, port: int, host: hosts.Host) -> Line:
        """Call a host's addresses one after the other; each call is noted before it is made."""
        if host.address is None:  # to ask for a name says something already
            self._journal.note(connection=number, to=f"{name}:{port}", verdict="look up")
        found = await lines.addresses_of(name, port)
        if host.address is None:  # a name must not lead to this machine, its networks or its cloud
            found = [one for one in found if hosts.is_public(one) and not lines.is_own(one)]
        if not found:
            raise Refused(
                f"{name} has no public address; to allow another one the policy must name it itself"
            )
        failure: OSError = OSError(f"{name} does not answer")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(lines.PATIENCE):
                for address in found:
                    self._journal.note(
                        connection=number,
                        to=f"{name}:{port}",
                        entry=f"{host.name}:{host.port}",
                        address=address,
                        verdict="open",
                    )
                    try:
                        return await lines.dial(address, port)
                    except OSError as refusal:
                        failure = OSError(f"{name}:{port} at {address}: {lines.why(refusal)}")
        raise failure

    async def _pass_on(
        self, inside: Line, outside: Line, name: str, host: hosts.Host, passage: Passage
    ) -> None:
        if not host.plain:
            await _Greeting(inside, outside, passage).pass_on(name, host)
        await lines.join(inside, outside, passage.send, passage.receive)
        await lines.drained(outside.writer)
        await lines.drained(inside.writer)
        await lines.close(inside.writer)

    def _note_end(self, number: int, passage: Passage | None, begun: float) -> None:
        if passage is None:
            return
        with contextlib.suppress(Refused):
            self._journal.note(
                connection=number,
                sent=passage.own.sent,
                received=passage.own.received,
                seconds=time.monotonic() - begun,
            )


async def _tell(inside: Line, refusal: Refused, *, established: bool) -> None:
    """Tell the agent's tool that it was refused, in the language that it expects at this point."""
    if isinstance(refusal, _WrongGreeting):
        with contextlib.suppress(OSError):
            inside.writer.write(_WRONG_NAME)
        await lines.finish(inside)
    elif established:
        lines.reset(inside.writer)
    else:
        await lines.answer(inside.writer, 403, str(refusal))
        await lines.finish(inside)


def _target(head: messages.Head) -> str:
    """Return what a request asks to be connected with."""
    method, target, _ = head.first
    if method != "CONNECT":
        shown = f"{method} {target}"[:_MOST_SHOWN]
        raise Refused(f"this proxy passes on TLS only, use an https address; came: {shown}")
    if len(target) > _MOST_SHOWN:
        raise Refused("expected CONNECT name:port")
    return target


class _Greeting:
    """The part of a TLS connection that is not in secret: the client's first message, and the server's.

    What the client sends after its first message waits for the server's, which may ask for a second one.
    """

    def __init__(self, inside: Line, outside: Line, passage: Passage) -> None:
        self._inside = inside
        self._outside = outside
        self._passage = passage
        self._ahead = b""

    async def pass_on(self, name: str, host: hosts.Host) -> None:
        """Pass it on, once every first message is seen to ask for the host that was named.

        Raises:
            Refused: if one does not, or a condition says so.
            OSError: if a side breaks, or does not answer in time.
        """
        await self._send(await self._asked(name, host))
        if hello.asks_again(await self._answer()):
            await self._send(await self._asked(name, host))
        await self._send(self._ahead)

    async def _asked(self, name: str, host: hosts.Host) -> bytes:
        """Return the client's next first message."""
        data = self._ahead
        said = hello.read(data)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(lines.PATIENCE):
                while not said.complete and (chunk := await self._inside.reader.read(hello.LONGEST)):
                    data += chunk
                    said = hello.read(data)
        if not said.tls:
            raise _WrongGreeting("it is not TLS: a policy names what is not as tcp://name:port")
        if said.hidden:
            raise _WrongGreeting("its first message hides the name it asks for (ECH)")
        if said.name != name and not (said.name == "" and host.address is not None):
            raise _WrongGreeting(f"the connection asks for {said.name[:253] or 'no name'}")
        self._ahead = data[said.size :]
        return data[: said.size]

    async def _answer(self) -> bytes:
        """Pass the server's first bytes on as they come, and return them."""
        data = b""
        async with asyncio.timeout(lines.PATIENCE):
            while len(data) < hello.ANSWER and (chunk := await self._outside.reader.read(lines.HEAD)):
                data += chunk
                await self._passage.receive(len(chunk))
                self._inside.writer.write(chunk)
                await self._inside.writer.drain()
        return data

    async def _send(self, data: bytes) -> None:
        await self._passage.send(len(data))
        self._outside.writer.write(data)
        await self._outside.writer.drain()


def _make(settings: dict[str, Any], journal: Journal, accounts: Accounts) -> outlet.Serve:
    return Proxy([hosts.Host(**host) for host in settings["hosts"]], journal, accounts).serve


def main() -> None:
    """Run the proxy's process."""
    outlet.run("proxy", _make)
