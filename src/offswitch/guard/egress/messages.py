"""Messages of HTTP/1.1, read strictly (RFC 9112): what can be understood in two ways is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import NamedTuple

from offswitch.guard.egress import lines
from offswitch.guard.egress.journal import Refused

_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_VISIBLE = frozenset(map(chr, range(0x21, 0x7F)))
_MOST_HEADERS = 200
_MOST_TRAILERS = 100
_MOST_DIGITS = 15
_CHUNK = 65_536

Headers = list[tuple[str, str]]


class NothingAsked(Refused):
    """A connection that has ended before, or between, messages: nothing is refused."""


class Head(NamedTuple):
    """The head of a message.

    Attributes:
        first: the three words of its first line; the last may hold spaces in an answer.
        headers: names as they came, and values.
    """

    first: tuple[str, str, str]
    headers: Headers

    def all(self, name: str) -> list[str]:
        """Return the values of a header, whose name is given in lower case."""
        return [value for key, value in self.headers if key.lower() == name]

    def words(self, name: str) -> set[str]:
        """Return the comma-separated words of a header, in lower case."""
        return {word.strip().lower() for value in self.all(name) for word in value.split(",")} - {""}


class Framing(NamedTuple):
    """How a body ends.

    Attributes:
        length: its bytes, or None.
        chunked: whether it comes in chunks; with neither, it ends with the connection.
    """

    length: int | None
    chunked: bool = False


async def read_head(reader: asyncio.StreamReader, seconds: float = lines.PATIENCE) -> Head:
    """Read the head of a message.

    Raises:
        NothingAsked: if the connection ends before it begins.
        Refused: if it does not come in time, is too long, or is not well formed.
    """
    try:
        async with asyncio.timeout(seconds):
            head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as failure:
        if not failure.partial:
            raise NothingAsked from failure
        raise Refused("expected a request") from failure
    except asyncio.LimitOverrunError as failure:
        raise Refused(f"expected a head of at most {lines.HEAD} bytes") from failure
    except TimeoutError as failure:
        raise Refused(f"expected a whole head within {seconds:g} seconds") from failure
    first, *rest = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    words = first.split(" ", 2)
    if len(words) != 3 or not all(words[:2]) or _has_control(first) or len(rest) > _MOST_HEADERS:
        raise Refused("expected a first line of three words, and at most 200 headers")
    return Head((words[0], words[1], words[2]), [_header(line) for line in rest])


def check_request(head: Head) -> None:
    """See that a head is that of a request for a path of this server.

    Raises:
        Refused: if it is not; the message says what was expected.
    """
    method, path, version = head.first
    if version != "HTTP/1.1":
        raise Refused(f"expected HTTP/1.1; came: {version[:20]}")
    if not (method.isascii() and method.isalpha() and method.isupper()) or method in {"CONNECT", "TRACE"}:
        raise Refused("expected a method such as GET or POST")
    if not path.startswith("/") or path.startswith("//") or not _VISIBLE.issuperset(path) or "#" in path:
        raise Refused("expected a path such as /v1/messages")
    if head.words("upgrade"):
        raise Refused("websockets and other protocols are not passed on; set the client to plain HTTP")


def framing_of_request(head: Head) -> Framing:
    """Return how a request's body ends.

    Raises:
        Refused: if that could be understood in two ways.
    """
    framing = _framing(head)
    return Framing(0) if framing is None else framing


def framing_of_answer(head: Head, method: str) -> Framing:
    """Return how an answer's body ends.

    Raises:
        Refused: if that could be understood in two ways.
    """
    status = head.first[1]
    if method == "HEAD" or status in {"204", "304"}:
        return Framing(0)
    framing = _framing(head)
    return Framing(None) if framing is None else framing


async def body(reader: asyncio.StreamReader, framing: Framing) -> AsyncIterator[bytes]:
    """Yield the bytes of a body as they come; chunks' sizes, extensions and trailers are left out.

    Raises:
        Refused: if it is not well formed.
        OSError: if it ends too early.
    """
    try:
        if framing.chunked:
            async for piece in _chunks(reader):
                yield piece
        elif framing.length is None:
            while piece := await reader.read(_CHUNK):
                yield piece
        else:
            async for piece in _exactly(reader, framing.length):
                yield piece
    except asyncio.IncompleteReadError as failure:
        raise OSError("the message ended too early") from failure
    except asyncio.LimitOverrunError as failure:
        raise Refused("expected a shorter line in a chunked body") from failure


def chunk(piece: bytes) -> bytes:
    """Return a piece of a body as a chunk; an empty one is the end."""
    return b"%x\r\n%b\r\n" % (len(piece), piece)


def write_head(first: str, headers: Headers) -> bytes:
    """Return a head as bytes."""
    return "\r\n".join([first, *(f"{name}: {value}" for name, value in headers), "", ""]).encode("latin-1")


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while size := _size(await reader.readuntil(b"\r\n")):
        async for piece in _exactly(reader, size):
            yield piece
        if await reader.readexactly(2) != b"\r\n":
            raise Refused("expected a chunk to end where it says")
    for _ in range(_MOST_TRAILERS):
        if await reader.readuntil(b"\r\n") == b"\r\n":
            return
    raise Refused("expected an end of the trailers")


async def _exactly(reader: asyncio.StreamReader, size: int) -> AsyncIterator[bytes]:
    while size:
        piece = await reader.read(min(size, _CHUNK))
        if not piece:
            raise OSError("the message ended too early")
        size -= len(piece)
        yield piece


def _framing(head: Head) -> Framing | None:
    codings, lengths = head.all("transfer-encoding"), head.all("content-length")
    if codings:
        if lengths or len(codings) > 1 or codings[0].lower() != "chunked":
            raise Refused("expected one length of the body: Content-Length, or chunked")
        return Framing(None, chunked=True)
    if not lengths:
        return None
    length = lengths[0]
    if len(lengths) > 1 or not (length.isascii() and length.isdigit() and len(length) <= _MOST_DIGITS):
        raise Refused("expected one Content-Length")
    return Framing(int(length))


def _size(line: bytes) -> int:
    digits = line.removesuffix(b"\r\n").partition(b";")[0].rstrip(b" \t")
    if not 0 < len(digits) <= _MOST_DIGITS or not set(digits.lower()) <= set(b"0123456789abcdef"):
        raise Refused("expected the size of a chunk")
    return int(digits, 16)


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not name or not colon or not _TOKEN.issuperset(name) or _has_control(value):
        raise Refused("expected every header as name: value on a line of its own")
    return name, value.strip(" \t")


def _has_control(text: str) -> bool:
    return any(sign < " " and sign != "\t" for sign in text) or "\x7f" in text
