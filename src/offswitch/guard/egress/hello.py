"""Reads the name of the server that a TLS client asks for, from its first message (RFC 8446, RFC 6066).

A connection that was opened to one host and then asks for another one's certificate would reach whatever
stands behind the same front: the two must be the same. Where that cannot be told, because the message names
two servers, is not well formed, or holds an encrypted one beside it (ECH), it is refused. A server may ask
for a second first message (HelloRetryRequest), which could name another server.
"""

from __future__ import annotations

from typing import NamedTuple

LONGEST = 32_768
"""Bytes within which the first message must have come, over all its records."""

ANSWER = 43
"""Bytes of a server's first message that say whether it asks for a second one of the client."""

_HANDSHAKE, _CLIENT_HELLO, _SERVER_NAME, _HOST_NAME, _ENCRYPTED = 22, 1, 0, 0, 0xFE0D
_RECORD_HEAD, _MESSAGE_HEAD = 5, 4
_LONGEST_RECORD = 16_384
_CHANGE = bytes((20, 3, 3, 0, 1, 1))  # means nothing; a client may send it before its second message
_SERVER_HELLO, _RANDOM = 2, 11
_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")  # RFC 8446, 4.1.3


class Hello(NamedTuple):
    """What the first bytes of a connection say.

    Attributes:
        complete: False while more bytes are needed to tell.
        tls: whether it is a TLS client's well-formed first message.
        name: the server's name in lower case, or "" if it names none.
        hidden: whether it has an encrypted first message in it, which may ask for another server.
        size: how many bytes it takes.
    """

    complete: bool
    tls: bool = False
    name: str = ""
    hidden: bool = False
    size: int = 0


class _Malformed(Exception):  # noqa: N818 (no error: an answer)
    """It is not what it should be."""


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        if self._at + count > len(self._data):
            raise _Malformed
        self._at += count
        return self._data[self._at - count : self._at]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def block(self, size: int) -> _Reader:
        """Return the bytes that follow a length of so many bytes."""
        return _Reader(self.take(self.number(size)))

    def rest(self) -> bytes:
        return self.take(len(self._data) - self._at)

    @property
    def ended(self) -> bool:
        return self._at == len(self._data)


def read(data: bytes) -> Hello:
    """Read the first bytes that a client has sent; those that follow its first message do not matter."""
    try:
        found = _message(data[:LONGEST])
        if found is None:
            return Hello(complete=len(data) >= LONGEST)
        message, size = found
        return _said(_Reader(message))._replace(size=size)
    except _Malformed:
        return Hello(complete=True)


def asks_again(data: bytes) -> bool:
    """Whether the first `ANSWER` bytes of a server ask the client for a second first message."""
    kinds = data[:1] == bytes((_HANDSHAKE,)) and data[5:6] == bytes((_SERVER_HELLO,))
    return kinds and data[_RANDOM:ANSWER] == _RETRY


def _message(data: bytes) -> tuple[bytes, int] | None:
    """Return the first message, put together from its records, with their size; None until it has come."""
    message, at = b"", 0
    while data.startswith(_CHANGE, at):
        at += len(_CHANGE)
    if at < len(data) and _CHANGE.startswith(data[at:]):
        return None
    while len(data) > at:
        length = int.from_bytes(data[at + 3 : at + _RECORD_HEAD], "big")
        starts_well = data[at] == _HANDSHAKE and data[at + 1 : at + 2] in {b"", b"\x03"}
        if not starts_well or (len(data) >= at + _RECORD_HEAD and not 0 < length <= _LONGEST_RECORD):
            raise _Malformed
        message += data[at + _RECORD_HEAD : at + _RECORD_HEAD + length]
        at += _RECORD_HEAD + length
        if message and message[0] != _CLIENT_HELLO:
            raise _Malformed
        size = _MESSAGE_HEAD + int.from_bytes(message[1:_MESSAGE_HEAD], "big")
        if size > LONGEST:
            raise _Malformed
        if len(message) >= _MESSAGE_HEAD and len(message) >= size:
            if len(message) > size:
                raise _Malformed  # another message in the same record
            return message[_MESSAGE_HEAD:], at
    return None


def _said(hello: _Reader) -> Hello:
    hello.take(2 + 32)  # version, random
    for size in (1, 2, 1):  # session, cipher suites, compression
        hello.block(size)
    found: dict[int, _Reader] = {}
    extensions = _Reader(b"") if hello.ended else hello.block(2)
    while not extensions.ended:
        kind, content = extensions.number(2), extensions.block(2)
        if found.setdefault(kind, content) is not content:
            raise _Malformed  # an extension comes once (RFC 8446, 4.2)
    if not hello.ended:
        raise _Malformed
    name = _name(found[_SERVER_NAME]) if _SERVER_NAME in found else ""
    return Hello(complete=True, tls=True, name=name, hidden=_ENCRYPTED in found)


def _name(content: _Reader) -> str:
    """Return the one name; the list that RFC 6066 has for it has never had another kind."""
    names = content.block(2)
    kind, name = names.number(1), names.block(2).rest()
    if kind != _HOST_NAME or not name or not name.isascii() or not names.ended or not content.ended:
        raise _Malformed
    return name.decode("ascii").removesuffix(".").lower()
