"""The way to a model's provider: adds the key that the agent does not have, and speaks TLS for it.

Inside the cell the provider is `http://127.0.0.1:PORT`. The relay takes away any key the agent sends, adds
the real one, and passes the request and its answer on piece by piece, streams too. Killing the relay revokes
the key for this agent: it was never anywhere the agent could read it. One relay serves one provider; several
providers are several relays, each of which can be ended alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import ssl
import time
import urllib.parse
from typing import Any

from offswitch.guard.egress import lines, messages, outlet
from offswitch.guard.egress.ahead import Ahead
from offswitch.guard.egress.journal import Journal, Refused
from offswitch.guard.egress.lines import Line
from offswitch.guard.egress.mask import Mask
from offswitch.guard.egress.messages import Head
from offswitch.guard.egress.passage import Accounts, Passage
from offswitch.guard.egress.provider import Provider, check
from offswitch.guard.egress.rewrite import OF_ONE_CONNECTION, Exchange, rewritten

_NOT_THE_AGENTS = frozenset({"set-cookie", "alt-svc"})
_IDLE_SECONDS = 75.0
_ANSWER_SECONDS = 3600.0
"""A model may think for long before its first word."""
_LOOK_SECONDS = 0.2
_MOST_SHOWN = 300


class Relay:
    """Serves the requests of one cell."""

    def __init__(self, provider: Provider, journal: Journal, accounts: Accounts) -> None:
        self._provider = provider
        self._journal = journal
        self._accounts = accounts
        self._url = urllib.parse.urlsplit(provider.url)
        check(provider)
        self._secret = provider.value.rpartition(" ")[2].encode()
        self._tls = None
        if self._url.scheme == "https":
            self._tls = ssl.create_default_context(cafile=provider.authorities or None)
        self._host = self._url.hostname or ""
        self._port = self._url.port or (80 if self._tls is None else 443)
        self._numbers = itertools.count(1)
        self._ahead = Ahead(self._connect_ahead)

    async def serve(self, inside: Line) -> None:
        """Serve the requests of one connection from inside, one after the other."""
        seconds = lines.PATIENCE
        while await self._serve_one(inside, seconds):
            seconds = _IDLE_SECONDS
        await lines.drained(inside.writer)

    async def _serve_one(self, inside: Line, seconds: float) -> bool:
        """Serve one request, and say whether another may follow on this connection."""
        number, shown = next(self._numbers), ""
        answer = _Answer(inside, Mask(self._secret))
        try:
            head = await messages.read_head(inside.reader, seconds)
            shown = " ".join(head.first[:2]).partition("?")[0][:_MOST_SHOWN]
            request = rewritten(head, self._provider)
            passage = self._accounts.passage(self._host, self._host, self._port, request.method, request.path)
            await passage.open()
            if inside.reader.at_eof():  # it was held, and nobody waits for it any more
                return False
            return await self._pass_on(number, inside, request, passage, answer)
        except messages.NothingAsked:
            return False
        except Refused as refusal:
            self._journal.refusal(request=number, first=shown, why=str(refusal))
            await answer.fail(403, str(refusal))
        except OSError as failure:
            await answer.fail(502, lines.why(failure))
        return False

    async def _connect_ahead(self) -> Line:
        self._journal.note(to=self._provider.url, verdict="ahead")
        return await self._connect()

    async def _connect(self) -> Line:
        name = self._host if self._tls is not None else None
        failure = OSError(f"{self._host} has no address")
        for address in await lines.addresses_of(self._host, self._port):
            try:
                return await lines.dial(address, self._port, ssl=self._tls, server_hostname=name)
            except OSError as refusal:
                failure = OSError(f"{self._host} at {address}: {lines.why(refusal)}")
        raise failure

    async def _pass_on(
        self, number: int, inside: Line, request: Exchange, passage: Passage, answer: _Answer
    ) -> bool:
        begun = time.monotonic()
        self._journal.note(request=number, to=self._provider.url, first=request.shown, verdict="open")
        outside: Line | None = None
        try:
            outside = await self._ahead.take() or await self._connect()
            outside.writer.write(request.head)
            await passage.send(len(request.head))
            if request.continues:
                inside.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            upload = _Upload(inside, outside)
            up = asyncio.create_task(upload.run(request.framing, passage))
            down = asyncio.create_task(answer.pass_on(outside.reader, request, passage))
            complete = await upload.until(down, up)
            if self._tls is not None:
                self._ahead.prepare()
            return complete and request.lasts
        finally:
            if outside is not None:
                lines.reset(outside.writer)
            with contextlib.suppress(Refused):
                self._journal.note(
                    request=number,
                    sent=passage.own.sent,
                    received=passage.own.received,
                    seconds=time.monotonic() - begun,
                )


class _ClientLeftError(ConnectionAbortedError):
    """The client does not wait for the answer any more."""


class _Answer:
    """The answer to one request, on its way to the client."""

    def __init__(self, inside: Line, mask: Mask) -> None:
        self._inside = inside
        self._mask = mask
        self._begun = False

    async def pass_on(self, reader: asyncio.StreamReader, request: Exchange, passage: Passage) -> None:
        """Pass an answer on as it comes, whole.

        Raises:
            Refused: if it is not well formed, or a condition says so.
            OSError: if a side breaks.
        """
        head = await self._final_head(reader)
        if head.words("content-encoding") - {"identity"}:
            raise OSError("the provider's answer is packed, though that was not asked for")
        framing = messages.framing_of_answer(head, request.method)
        left_out = OF_ONE_CONNECTION | _NOT_THE_AGENTS
        headers = [pair for pair in head.headers if pair[0].lower() not in left_out]
        chunked = framing.length is None
        if chunked:
            headers.append(("Transfer-Encoding", "chunked"))
        else:
            length = head.all("content-length") if request.method == "HEAD" else [str(framing.length)]
            headers += [("Content-Length", one) for one in length if head.first[1] not in {"204", "304"}]
        headers.append(("Connection", "keep-alive" if request.lasts else "close"))
        writer = self._inside.writer
        self._begun = True
        writer.write(self._mask.all(messages.write_head(f"HTTP/1.1 {' '.join(head.first[1:])}", headers)))
        async for piece in messages.body(reader, framing):
            await passage.receive(len(piece))
            if masked := self._mask.feed(piece):
                writer.write(messages.chunk(masked) if chunked else masked)
                await writer.drain()
        rest = self._mask.rest()
        writer.write((messages.chunk(rest) if rest else b"") + b"0\r\n\r\n" if chunked else rest)
        await writer.drain()

    async def _final_head(self, reader: asyncio.StreamReader) -> Head:
        while True:
            head = await _head_of_answer(reader)
            if head.first[1] == "101":
                raise Refused("the provider changes to another protocol, which is not passed on")
            if not head.first[1].startswith("1"):
                return head

    async def fail(self, status: int, why: str) -> None:
        """Say why there is no answer; one that has begun is broken off, so that it is not taken for whole."""
        if self._begun:
            lines.reset(self._inside.writer)
            return
        await lines.answer(self._inside.writer, status, self._mask.all(why.encode()).decode())
        await lines.finish(self._inside)


async def _head_of_answer(reader: asyncio.StreamReader) -> Head:
    try:
        head = await messages.read_head(reader, _ANSWER_SECONDS)
    except Refused as refusal:
        raise OSError(f"the provider's answer is not HTTP: {refusal}") from refusal
    version, status, _ = head.first
    if not version.startswith("HTTP/1.") or not (status.isascii() and status.isdigit() and len(status) == 3):
        raise OSError("the provider's answer is not HTTP/1.1")
    return head


class _Upload:
    """A request's body on its way to the provider.

    Attributes:
        sent: whether all of it is there.
    """

    def __init__(self, inside: Line, outside: Line) -> None:
        self.sent = False
        self._inside = inside
        self._outside = outside

    async def run(self, framing: messages.Framing, passage: Passage) -> None:
        """Send it, then watch until the client leaves.

        Raises:
            _ClientLeftError: when it does: what it no longer waits for must not go on.
            Refused: if the body is not well formed, or a condition says so.
            OSError: if a side breaks.
        """
        writer = self._outside.writer
        async for piece in messages.body(self._inside.reader, framing):
            await passage.send(len(piece))
            writer.write(messages.chunk(piece) if framing.chunked else piece)
            await writer.drain()
        if framing.chunked:
            writer.write(messages.chunk(b""))
        await writer.drain()
        self.sent = True
        while not self._inside.reader.at_eof():  # noqa: ASYNC110 (a stream tells nobody of its end)
            await asyncio.sleep(_LOOK_SECONDS)
        raise _ClientLeftError("the client has left")

    async def until(self, answer: asyncio.Task[None], own: asyncio.Task[None]) -> bool:
        """Wait for the answer, which may come before all has been sent; True if the connection may go on."""
        try:
            await asyncio.wait({answer, own}, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done() and not isinstance(own.exception(), BrokenPipeError | ConnectionResetError):
                own.result()
            await answer
        finally:
            answer.cancel()
            own.cancel()
            await asyncio.gather(answer, own, return_exceptions=True)
        return self.sent


def _make(settings: dict[str, Any], journal: Journal, accounts: Accounts) -> outlet.Serve:
    return Relay(Provider(**settings["provider"]), journal, accounts).serve


def main() -> None:
    """Run the relay's process."""
    outlet.run("relay", _make)
