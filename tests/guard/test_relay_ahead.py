"""The connection that a relay makes ahead: for one request, and not used if the server has touched it."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import pytest
from egress_parts import Paper, Running, Server, call, descriptors, head_of, papers, provider, running
from guarding import await_true

pytestmark = [pytest.mark.sandbox, pytest.mark.safety]

REQUEST = b"GET /%d HTTP/1.1\r\nHost: h\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Provider:
    """A provider that would answer many requests on a connection; on its second it may speak first."""

    def __init__(self, paper: Paper | None, *, greets: bytes | None = None) -> None:
        self.requests: list[tuple[int, bytes]] = []
        self.spoke = threading.Event()
        self._greets = greets
        self.greeted = 0
        self.server = Server(self._serve, paper)
        self.about = provider(
            f"{'https' if paper else 'http'}://127.0.0.1:{self.server.port}", paper.authority if paper else ""
        )

    def _serve(self, connection: socket.socket) -> None:
        self.greeted += 1
        number = self.greeted
        if number == 2 and self._greets is not None:
            connection.sendall(self._greets)
            self.spoke.set()
            return
        while head := head_of(connection):
            self.requests.append((number, head.split(b" ")[1]))
            connection.sendall(ANSWER)


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Paper:
    return papers(tmp_path_factory.mktemp("papers"))


def ask(relay: Running, number: int) -> None:
    with call(relay.port, REQUEST % number) as line:
        received = b""
        while not received.endswith(b"{}"):
            chunk = line.recv(1000)
            assert chunk, received
            received += chunk
        assert received.startswith(b"HTTP/1.1 200 ")


def test_every_request_has_a_connection_of_its_own_made_before_it(tmp_path: Path, paper: Paper) -> None:
    model = Provider(paper)
    with running("relay", tmp_path / "j", provider=model.about) as relay:
        for number in range(1, 4):
            ask(relay, number)
            await_true(lambda number=number: model.greeted == number + 1)  # its handshake is over
        notes = [one["verdict"] for one in relay.noted() if "verdict" in one]
    model.server.close()
    assert model.requests == [(1, b"/1"), (2, b"/2"), (3, b"/3")]
    assert notes == ["open", "ahead"] * 3


@pytest.mark.parametrize("greets", [b"", b"HTTP/1.1 408 Too late\r\nContent-Length: 0\r\n\r\n"])
def test_one_that_the_server_has_touched_is_not_used(tmp_path: Path, paper: Paper, greets: bytes) -> None:
    model = Provider(paper, greets=greets)
    with running("relay", tmp_path / "j", provider=model.about) as relay:
        own = descriptors(relay.process.pid)
        ask(relay, 1)
        assert model.spoke.wait(20)
        await_true(lambda: descriptors(relay.process.pid) == own)  # it has closed what was touched
        ask(relay, 2)
    model.server.close()
    assert model.requests == [(1, b"/1"), (3, b"/2")]


def test_without_tls_there_is_no_handshake_to_save(tmp_path: Path) -> None:
    """A server of one thread, such as a local model's, would wait for it to say something."""
    model = Provider(None)
    with running("relay", tmp_path / "j", provider=model.about) as relay:
        ask(relay, 1)
        time.sleep(0.2)
    model.server.close()
    assert model.server.connections == 1
