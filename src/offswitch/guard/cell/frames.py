"""Messages with file descriptors over a Unix stream socket: four bytes of length, then JSON."""

from __future__ import annotations

import array
import json
import socket
import struct
from collections.abc import Sequence
from typing import Any

_HEADER = struct.Struct("!I")
_MOST_DESCRIPTORS = 16
_MOST_BYTES = 64 * 1024 * 1024


def send(sock: socket.socket, message: dict[str, Any], fds: Sequence[int] = ()) -> None:
    """Send one message; its descriptors arrive as copies.

    Raises:
        ValueError: if the message is over the limit; nothing has been sent then.
        OSError: if the other end is gone.
    """
    body = json.dumps(message).encode()
    if len(body) > _MOST_BYTES:
        raise ValueError(f"a request of {len(body)} bytes is over the limit of {_MOST_BYTES}")
    frame = _HEADER.pack(len(body)) + body
    sent = socket.send_fds(sock, [frame], list(fds)) if fds else sock.send(frame)
    sock.sendall(frame[sent:])


def receive(sock: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """Wait for one message and its descriptors, or return None when the other end has closed.

    Raises:
        OSError: if the connection broke in the middle of a message.
    """
    fds: list[int] = []
    header = _exactly(sock, _HEADER.size, fds)
    if header is None:
        return None
    (length,) = _HEADER.unpack(header)
    if length > _MOST_BYTES:
        raise OSError(f"a message of {length} bytes is over the limit of {_MOST_BYTES}")
    body = _exactly(sock, length, fds)
    if body is None:
        raise OSError("the connection closed in the middle of a message")
    message: dict[str, Any] = json.loads(body)
    return message, fds


def _exactly(sock: socket.socket, size: int, fds: list[int]) -> bytes | None:
    received = bytearray()
    ancillary = socket.CMSG_SPACE(_MOST_DESCRIPTORS * array.array("i").itemsize)
    while len(received) < size:
        data, controls, _, _ = sock.recvmsg(size - len(received), ancillary, socket.MSG_CMSG_CLOEXEC)
        for level, kind, payload in controls:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                fds.extend(array.array("i", payload))
        if not data:
            if received:
                raise OSError("the connection closed in the middle of a message")
            return None
        received += data
    return bytes(received)
