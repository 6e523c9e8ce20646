"""What a keeper makes in its cell's namespaces and hands out: listening sockets and terminals.

A socket that was made inside listens there, whoever holds it: so a process outside serves the cell without
any file or network between them.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import struct
from collections.abc import Callable
from typing import Any

from offswitch.guard.cell import frames

_BACKLOG = 128
_TIOCGPTN, _TIOCSPTLCK = 0x80045430, 0x40045431


def out(request: dict[str, Any], fds: list[int]) -> None:
    """Make what is asked for and send its descriptor to who asked, or "errno" if that is refused."""
    (end,) = [socket.socket(fileno=fd) for fd in fds]
    with end, contextlib.suppress(OSError):  # who asked may be gone
        try:
            fd, about = OUT[request["op"]](request)
        except OSError as refusal:
            frames.send(end, {"errno": refusal.errno})
            return
        try:
            frames.send(end, about, [fd])
        finally:
            os.close(fd)


def _listener(request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    with socket.create_server(("127.0.0.1", request["port"]), backlog=_BACKLOG) as made:
        port = made.getsockname()[1]
        return made.detach(), {"port": port}


def _terminal(request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    master = os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    fcntl.ioctl(master, _TIOCSPTLCK, struct.pack("i", 0))
    (number,) = struct.unpack("I", fcntl.ioctl(master, _TIOCGPTN, bytes(4)))
    path = f"/dev/pts/{number}"
    if request["user"] == "root":
        os.chown(path, 0, 0)
    return master, {"path": path}


OUT: dict[str, Callable[[dict[str, Any]], tuple[int, dict[str, Any]]]] = {
    "listen": _listener,
    "terminal": _terminal,
}
"""What can be asked for, and what makes it: a descriptor, and what is told about it."""
