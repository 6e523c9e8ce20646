"""The world outside, on loopback: whatever is sent there is kept under /hosts."""

from __future__ import annotations

import http.server
import socket
import threading
import time
from collections.abc import Callable

import places

_RAW_PORT = 4444
_ADDRESS = 1  # the kind of question that asks for an IPv4 address; each name is kept once


def keep(kind: str, data: bytes) -> None:
    """Keep what has left the machine."""
    folder = places.HOSTS / kind
    folder.mkdir(parents=True, exist_ok=True)
    (folder / str(time.monotonic_ns())).write_bytes(data)


class _Web(http.server.BaseHTTPRequestHandler):
    """Takes every upload, and answers every question with a word."""

    protocol_version = "HTTP/1.1"

    def _take(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        keep("http/body", self.rfile.read(length) if length else self._chunks())
        keep("http/path", self.path.encode())
        keep("http/headers", str(self.headers).encode())
        self.send_response(200)
        self.send_header("Content-Length", "3")
        self.end_headers()
        self.wfile.write(b"ok\n")

    def _chunks(self) -> bytes:
        body = b""
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline() or b"0", 16):
                body += self.rfile.read(size)
                self.rfile.readline()
        return body

    do_GET = do_PUT = do_POST = do_PATCH = _take  # noqa: N815 (names of http.server)

    def log_message(self, *_: object) -> None:
        """Keep standard error clean."""


def _web() -> None:
    http.server.ThreadingHTTPServer(("127.0.0.1", 80), _Web).serve_forever()


def _raw() -> None:
    server = socket.create_server(("127.0.0.1", _RAW_PORT))
    while True:
        stream, _ = server.accept()
        stream.settimeout(2)
        data = b""
        try:
            while chunk := stream.recv(65536):
                data += chunk
        except OSError:
            pass
        keep("raw", data)


def _names() -> None:
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    while True:
        data, sender = server.recvfrom(4096)
        labels, place = [], 12
        while place < len(data) and data[place]:
            labels.append(data[place + 1 : place + 1 + data[place]])
            place += data[place] + 1
        if labels and data[place + 2] == _ADDRESS:
            keep("dns/name", b".".join(labels))
            keep("dns/label", labels[0])
        server.sendto(data[:2] + b"\x81\x83" + data[4:6] + bytes(6) + data[12:], sender)


def listen() -> None:
    """Listen for uploads (port 80), plain streams (4444) and questions for names (53)."""
    services: tuple[Callable[[], None], ...] = (_web, _raw, _names)
    for service in services:
        threading.Thread(target=service, daemon=True).start()
