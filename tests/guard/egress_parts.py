"""Servers to reach, certificates for them, and outlets in processes of their own."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import json
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from offswitch.guard.cell import frames
from offswitch.guard.spawn import spawn

KEY = "sk-test-0123456789abcdef"
SECONDS = 20.0


class Paper(NamedTuple):
    """A server's certificate and key in one file, and the certificate of who signed it."""

    server: Path
    authority: Path


def papers(folder: Path) -> Paper:
    """Make a certificate for 127.0.0.1, ::1, localhost and api.example.org."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    key = ec.generate_private_key(ec.SECP256R1())
    now = dt.datetime.now(dt.UTC)
    names: list[x509.GeneralName] = [x509.DNSName(one) for one in ("localhost", "api.example.org")]
    names += [x509.IPAddress(ipaddress.ip_address(one)) for one in ("127.0.0.1", "::1")]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    paper = Paper(folder / "server.pem", folder / "authority.pem")
    paper.server.write_bytes(private + public)
    paper.authority.write_bytes(public)
    return paper


class _Closing(ssl.SSLSocket):
    """Closes itself: Python leaves one open that is reset while it is made."""

    def __del__(self) -> None:
        self.close()


class Server:
    """A server on loopback that serves each connection in a thread."""

    def __init__(self, serve: Callable[[socket.socket], None], paper: Paper | None = None) -> None:
        self._serve = serve
        self._tls: ssl.SSLContext | None = None
        if paper is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(paper.server)
            self._tls.sslsocket_class = _Closing
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            connection.settimeout(SECONDS)
            if self._tls is None:
                self._serve(connection)
            else:
                with self._tls.wrap_socket(connection, server_side=True) as secure:
                    self._serve(secure)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


class Running(NamedTuple):
    """An outlet's process, where it listens, and where it notes."""

    port: int
    journal: Path
    line: socket.socket
    process: Any

    def noted(self, least: int = 0) -> list[dict[str, Any]]:
        """Return what is in its journal, once there are so many entries."""
        end = time.monotonic() + SECONDS
        while True:
            found = [json.loads(line) for line in self.journal.read_text().splitlines()]
            if len(found) >= least:
                return found
            assert time.monotonic() < end, f"{least} entries were expected: {found}"
            time.sleep(0.01)


@contextlib.contextmanager
def running(name: str, journal: Path, **settings: Any) -> Iterator[Running]:
    """Run a proxy or a relay that listens on loopback of the host."""
    common = {"journal": str(journal), "connections": 64, "asks": False, "hold_seconds": 5.0}
    process, line = spawn(f"offswitch.guard.egress.{name}")
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        port = listener.getsockname()[1]
        frames.send(line, common | settings, [listener.fileno()])
    line.settimeout(SECONDS)
    try:
        assert frames.receive(line) is not None, "it did not start"
        yield Running(port, journal, line, process)
    finally:
        line.close()
        process.kill()
        process.wait()


def host(name: str, port: int, *, plain: bool = False) -> dict[str, Any]:
    """Return a host as the proxy's settings have it."""
    return {"name": name, "port": port, "plain": plain}


def provider(
    url: str, authorities: Path | str = "", header: str = "x-api-key", prefix: str = ""
) -> dict[str, Any]:
    """Return a provider as the relay's settings have it."""
    return {"url": url, "header": header, "value": prefix + KEY, "authorities": str(authorities)}


def call(port: int, data: bytes = b"") -> socket.socket:
    """Connect to a port on loopback and send something."""
    line = socket.create_connection(("127.0.0.1", port), SECONDS)
    line.sendall(data)
    return line


def until_end(line: socket.socket) -> bytes:
    """Read until the other side ends or breaks off."""
    received = b""
    with contextlib.suppress(ConnectionError):
        while chunk := line.recv(65536):
            received += chunk
    return received


def head_of(line: socket.socket) -> bytes:
    """Read up to the end of a head, byte by byte."""
    received = b""
    while not received.endswith(b"\r\n\r\n") and (one := line.recv(1)):
        received += one
    return received


def descriptors(process: int) -> int:
    """Return how many descriptors a process has open."""
    return len(os.listdir(f"/proc/{process}/fd"))  # noqa: PTH208 (a number only)


def first_message(name: str | None) -> bytes:
    """Return what a real client says first."""
    outgoing = ssl.MemoryBIO()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    client = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name)
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


def with_extension(data: bytes, kind: int, content: bytes) -> bytes:
    """Add an extension to a first message, whose extensions are last in it."""
    message = data[9:]
    at = 34
    at += 1 + message[at]
    at += 2 + int.from_bytes(message[at : at + 2], "big")
    at += 1 + message[at]
    extensions = message[at + 2 :] + kind.to_bytes(2, "big") + len(content).to_bytes(2, "big") + content
    message = message[:at] + len(extensions).to_bytes(2, "big") + extensions
    handshake = b"\x01" + len(message).to_bytes(3, "big") + message
    return b"\x16\x03\x01" + len(handshake).to_bytes(2, "big") + handshake
