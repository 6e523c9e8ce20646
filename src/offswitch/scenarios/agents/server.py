"""A small HTTP/1.1 server for what a cell's programs ask; they are hostile, so all it holds is bounded."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import anyio
import h11

_MOST_CONNECTIONS = 16
_MOST_HEADERS = 64 * 1024
_MOST_BODY = 16 * 1024 * 1024
_CHUNK = 64 * 1024


class Request(NamedTuple):
    """What is asked: the method, the target with its query, and the body."""

    method: str
    target: str
    body: bytes


class Reply(NamedTuple):
    """What is answered: a status, the type of the content, and the content."""

    status: int
    kind: str
    content: bytes


Answer = Callable[[Request], Awaitable[Reply]]


async def serve(listening: socket.socket, answer: Answer) -> None:
    """Answer what comes in on a socket, until cancelled.

    Args:
        listening: the socket, which does not block; it is closed at the end.
        answer: answers one request; what it raises ends this.
    """
    free, lines = anyio.Semaphore(_MOST_CONNECTIONS), {listening}

    async def converse(line: socket.socket) -> None:
        await _converse(line, answer)
        lines.discard(line)
        line.close()
        free.release()

    try:
        async with anyio.create_task_group() as tasks:
            while True:
                await free.acquire()
                await anyio.wait_readable(listening)
                with contextlib.suppress(BlockingIOError, ConnectionError):  # it has gone again
                    line, _ = listening.accept()
                    line.setblocking(False)  # noqa: FBT003 (Python's own)
                    lines.add(line)
                    tasks.start_soon(converse, line)
                    continue
                free.release()
    finally:
        for line in lines:
            line.close()


async def _converse(line: socket.socket, answer: Answer) -> None:
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=_MOST_HEADERS)
    try:
        while (request := await _read(connection, line)) is not None:
            reply = await answer(request)
            await _send(line, _bytes(connection, request, reply))
            if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                return
            connection.start_next_cycle()
    except (h11.ProtocolError, OSError):
        return  # it does not speak HTTP, wants another protocol (CONNECT), or has gone: its right


async def _read(connection: h11.Connection, line: socket.socket) -> Request | None:
    """Read a request; None if the other end has closed."""
    head: h11.Request | None = None
    body = bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            if connection.they_are_waiting_for_100_continue:
                go = h11.InformationalResponse(status_code=100, headers=[])
                await _send(line, connection.send(go) or b"")
            await anyio.wait_readable(line)
            connection.receive_data(line.recv(_CHUNK))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > _MOST_BODY:
                raise h11.RemoteProtocolError("the body is too large", 413)
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            return Request(head.method.decode(), head.target.decode(), bytes(body))
        else:
            return None


def _bytes(connection: h11.Connection, request: Request, reply: Reply) -> bytes:
    headers = [("content-type", reply.kind), ("content-length", str(len(reply.content)))]
    content = b"" if request.method == "HEAD" else reply.content
    events = (
        h11.Response(status_code=reply.status, headers=headers),
        h11.Data(data=content),
        h11.EndOfMessage(),
    )
    return b"".join(connection.send(event) or b"" for event in events)


async def _send(line: socket.socket, content: bytes) -> None:
    view = memoryview(content)
    while view:
        await anyio.wait_writable(line)
        with contextlib.suppress(BlockingIOError):
            view = view[line.send(view[:_CHUNK]) :]
