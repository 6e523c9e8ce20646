"""Requests that can be understood in two ways: refused by the relay, and seen by nobody behind it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from egress_parts import KEY, Running, Server, call, head_of, provider, running, until_end

pytestmark = [pytest.mark.sandbox, pytest.mark.safety]


class Provider:
    """A provider that keeps the heads and the bodies that it gets."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.server = Server(self._serve)
        self.url = f"http://127.0.0.1:{self.server.port}/base"

    def _serve(self, connection: socket.socket) -> None:
        while head := head_of(connection):
            first, *rest = head.decode().removesuffix("\r\n\r\n").split("\r\n")
            headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in rest)}
            body = connection.recv(int(headers.get("content-length", "0")))
            self.requests.append((first, headers, body))
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")


@pytest.fixture
def model() -> Iterator[Provider]:
    found = Provider()
    yield found
    found.server.close()


@pytest.fixture
def relay(tmp_path: Path, model: Provider) -> Iterator[Running]:
    with running("relay", tmp_path / "egress.jsonl", provider=provider(model.url)) as found:
        yield found


def raw(relay: Running, request: bytes) -> bytes:
    with call(relay.port, request) as line:
        return until_end(line)


SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n"


@pytest.mark.parametrize(
    "request_",
    [
        b"POST /x HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /x HTTP/1.1\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nbody",
        b"POST /x HTTP/1.1\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nbody",
        b"POST /x HTTP/1.1\r\nContent-Length: +4\r\n\r\nbody",
        b"POST /x HTTP/1.1\r\nContent-Length: 4, 4\r\n\r\nbody",
        b"POST /x HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        b"POST /x HTTP/1.1\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        b"POST /x HTTP/1.1\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
        b"GET /x HTTP/1.1\r\nA: b\r\n folded: c\r\n\r\n",
        b"GET /x HTTP/1.1\r\nA: b\nX-Injected: c\r\n\r\n",
        b"GET /x HTTP/1.1\r\nA: b\rX-Injected: c\r\n\r\n",
        b"GET /x HTTP/1.1\r\nA: b\0c\r\n\r\n",
        b"GET /x HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET /x HTTP/1.1\r\n: empty\r\n\r\n",
        b"GET http://elsewhere.example.org/ HTTP/1.1\r\n\r\n",
        b"GET //elsewhere.example.org/ HTTP/1.1\r\n\r\n",
        b"GET /../admin HTTP/1.1\r\n\r\n",
        b"GET /x/%2e%2e/%2E./admin HTTP/1.1\r\n\r\n",
        b"GET /x\\..\\admin HTTP/1.1\r\n\r\n",
        b"GET /..;x/admin HTTP/1.1\r\n\r\n",
        b"GET /x HTTP/1.1 HTTP/1.1\r\n\r\n",
        b"GET /x HTTP/1.0\r\n\r\n",
        b"GET  /x HTTP/1.1\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\n\r\n",
        b"TRACE /x HTTP/1.1\r\n\r\n",
        b"delete /x HTTP/1.1\r\n\r\n",
        b"Get /x HTTP/1.1\r\n\r\n",
        b"GET /%2566iles HTTP/1.1\r\n\r\n",
        b"GET /x%5c..%5cadmin HTTP/1.1\r\n\r\n",
        b"GET /x%5cfiles HTTP/1.1\r\n\r\n",
        b"GET /x%00/files HTTP/1.1\r\n\r\n",
        b"GET /x;a=b/files HTTP/1.1\r\n\r\n",
        b"GET /x%3ba/files HTTP/1.1\r\n\r\n",
        b"GET /%c0%aefiles HTTP/1.1\r\n\r\n",
        b"CONNECT h:443 HTTP/1.1\r\n\r\n",
        b"GET /x HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        b"GET /x HTTP/1.1\r\n" + b"A: b\r\n" * 300 + b"\r\n",
        b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n",
    ],
)
def test_what_can_be_understood_in_two_ways_is_refused(
    relay: Running, model: Provider, request_: bytes
) -> None:
    said = raw(relay, request_ + SMUGGLED)
    assert said.startswith(b"HTTP/1.1 403 "), said
    assert said.count(b"HTTP/1.1 403 ") == 1
    assert model.server.connections == 0
    assert relay.noted(1)[-1]["verdict"] == "refused"


@pytest.mark.parametrize(
    "body",
    [
        b"5\r\nbodyX\r\n",
        b"0x4\r\nbody\r\n",
        b"-4\r\n",
        b"4\nbody\n",
        b"ffffffffffffffffff\r\n",
        b" 4\r\nbody\r\n",
    ],
)
def test_a_broken_chunk_is_not_passed_on(relay: Running, model: Provider, body: bytes) -> None:
    head = b"POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    raw(relay, head + body.replace(b"bodyX", b"bodyXX") + b"0\r\n\r\n" + SMUGGLED)
    assert [first for first, _, _ in model.requests if "smuggled" in first] == []


def test_a_second_request_reaches_nobody_unseen(relay: Running, model: Provider) -> None:
    """What follows a request on its connection is a request of its own, with all that goes with it."""
    last = SMUGGLED.replace(b"Host: h", b"Connection: close")
    raw(relay, b"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody" + last)
    assert [first for first, _, _ in model.requests] == [
        "POST /base/x HTTP/1.1",
        "GET /base/smuggled HTTP/1.1",
    ]
    assert all(headers["x-api-key"] == KEY for _, headers, _ in model.requests)
    assert len([one for one in relay.noted(4) if one.get("verdict") == "open"]) == 2
