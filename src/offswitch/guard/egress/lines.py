"""Connections: opened so that they drop what they hold when they end, copied with back pressure, closed."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import ipaddress
import os
import socket
import ssl
import struct
import sys
import termios
import time
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

HEAD = 65_536
"""Most bytes of a request's head, and of what is held of a connection in one direction."""
PATIENCE = 30.0
"""Seconds in which a head must have come, and a connection be made."""

_CHUNK = 65_536
_ATTEMPT_SECONDS = 10.0
_LINGER_SECONDS = 2.0
_LOOK_SECONDS = 0.01
_MOST_REASON = 300
_RESET = struct.pack("ii", 1, 0)

Count = Callable[[int], Awaitable[None]]
"""Told of bytes before they are passed on; may raise `Refused`."""


class Line(NamedTuple):
    """The two ends of one connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


async def addresses_of(name: str, port: int) -> list[str]:
    """Return a name's addresses in the order in which they should be tried; an address stands for itself.

    Raises:
        OSError: if it has none, or no answer comes in time.
    """
    with contextlib.suppress(ValueError):
        return [str(ipaddress.ip_address(name))]
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(_ATTEMPT_SECONDS):
            found = await loop.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except TimeoutError as failure:
        raise OSError(f"the name system does not answer for {name}") from failure
    except socket.gaierror as failure:
        raise OSError(f"{name}: {failure.strerror}") from failure
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


async def dial(address: str, port: int, **tls: Any) -> Line:
    """Open a connection that is reset, not drained, when it ends, also when this process is killed.

    Args:
        address: an address, not a name: what was checked is what is called.
        port: its port.
        tls: "ssl" and "server_hostname", as for `asyncio.open_connection`.

    Raises:
        OSError: if it cannot be made in time.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # or a short message waits 40 ms
        async with asyncio.timeout(_ATTEMPT_SECONDS):
            await asyncio.get_running_loop().sock_connect(sock, (address, port))
            reader, writer = await asyncio.open_connection(sock=sock, limit=HEAD, **tls)
    except TimeoutError as failure:
        sock.close()
        raise OSError(f"{address} does not answer within {_ATTEMPT_SECONDS:g} seconds") from failure
    except BaseException:
        sock.close()
        raise
    return Line(reader, writer)


def is_own(address: str) -> bool:
    """Whether an address is this machine's: what is sent there comes from there."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:  # to connect one sends nothing
        try:
            probe.connect((address, 9))
        except OSError:
            return False
        return bool(probe.getsockname()[0] == address)


async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter, count: Count) -> None:
    """Copy until the source ends, then end the target's half.

    Raises:
        Refused: if the count says so; the chunk has not been passed on then.
        OSError: if one of them breaks.
    """
    while chunk := await source.read(_CHUNK):
        await count(len(chunk))
        target.write(chunk)
        await target.drain()
    if target.can_write_eof():
        target.write_eof()


async def join(inside: Line, outside: Line, sent: Count, received: Count) -> None:
    """Copy in both directions until both have ended, or one has broken.

    Raises:
        Refused: if a count says so.
        OSError: if one end breaks.
    """
    pumps = {
        asyncio.create_task(pump(inside.reader, outside.writer, sent)),
        asyncio.create_task(pump(outside.reader, inside.writer, received)),
    }
    try:
        done, _ = await asyncio.wait(pumps, return_when=asyncio.FIRST_EXCEPTION)
        for one in done:
            one.result()
    finally:
        for one in pumps:
            one.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)


async def answer(writer: asyncio.StreamWriter, status: int, why: str) -> None:
    """Answer a request that is not passed on, in the body, and in the first line: some tools show that only.

    Args:
        writer: to who asked.
        status: of HTTP.
        why: what to say.
    """
    body = f"offswitch: {why}\n".encode(errors="replace")
    reason = "".join(sign for sign in f"offswitch: {why}" if " " <= sign <= "~")[:_MOST_REASON]
    head = f"HTTP/1.1 {status} {reason}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n"
    with contextlib.suppress(OSError):
        writer.write(head.encode() + b"Connection: close\r\n\r\n" + body)
        await writer.drain()


def why(failure: OSError) -> str:
    """Return what a failure says, without asyncio's and ssl's own wrapping."""
    if isinstance(failure, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {failure.verify_message}"
    if isinstance(failure, ssl.SSLError):
        return f"TLS: {failure.reason or failure}"
    return os.strerror(failure.errno) if failure.errno else str(failure)


async def drained(writer: asyncio.StreamWriter) -> None:
    """Wait until the other side has what was sent: to close it then loses nothing, and leaves nothing behind.

    Bytes of a connection that is closed in the ordinary way would leave later, out of this process's hands.
    This is given up when nothing has moved for `PATIENCE`.
    """
    end, before = time.monotonic() + PATIENCE, -1
    sock = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        while sock is not None and sock.fileno() >= 0 and time.monotonic() < end:
            queued = fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, bytes(4))
            unsent = int.from_bytes(queued, sys.byteorder) + writer.transport.get_write_buffer_size()
            if not unsent:
                return
            if unsent != before:
                end, before = time.monotonic() + PATIENCE, unsent
            await asyncio.sleep(_LOOK_SECONDS)


async def finish(line: Line) -> None:
    """Close a connection from inside so that the last word arrives, though the other side still sends."""
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(_LINGER_SECONDS):
            if line.writer.can_write_eof():
                line.writer.write_eof()
            while await line.reader.read(_CHUNK):
                pass
    await close(line.writer)


async def close(writer: asyncio.StreamWriter) -> None:
    """Close a connection."""
    writer.close()
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(_LINGER_SECONDS):
            await writer.wait_closed()
    writer.transport.abort()


def reset(writer: asyncio.StreamWriter) -> None:
    """Break a connection off, so that the other side can tell it from one that has ended."""
    sock = writer.get_extra_info("socket")  # None once TLS has lost its connection
    with contextlib.suppress(OSError):
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
