"""What an agent may try at its outlets beyond a plain request: tricks of TLS, of HTTP, of time."""

from __future__ import annotations

import contextlib
import gzip
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from egress_parts import (
    KEY,
    Server,
    call,
    first_message,
    head_of,
    host,
    papers,
    provider,
    running,
    until_end,
)
from guarding import await_true

from offswitch.guard.cell import frames

pytestmark = [pytest.mark.sandbox, pytest.mark.safety]

RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
"""The random number by which a server's first message asks the client for another (RFC 8446, 4.1.3)."""
ASKS_AGAIN = b"\x16\x03\x03\x00\x2c\x02\x00\x00\x28\x03\x03" + RETRY + b"\x00\x13\x01\x00\x00\x00"
SAYS_HELLO = ASKS_AGAIN.replace(RETRY, b"r" * 32)
CHANGE = b"\x14\x03\x03\x00\x01\x01"


class Front:
    """A server that answers a client's first message in one way, and keeps what it gets."""

    def __init__(self, answer: bytes) -> None:
        self.got = b""
        self._over = threading.Event()
        self._answer = answer
        self.server = Server(self._serve)

    def _serve(self, connection: socket.socket) -> None:
        try:
            while chunk := connection.recv(65536):
                answered = bool(self.got)
                self.got += chunk
                if not answered:
                    connection.sendall(self._answer)
        finally:
            self._over.set()

    def arrived(self, least: int) -> bytes:
        """Return what came, once it is so much or the connection has ended."""
        await_true(lambda: len(self.got) >= least or self._over.is_set())
        return self.got


def second_message(tmp_path: Path, answer: bytes, second: bytes, *, early: bool = False) -> tuple[bytes, str]:
    """Send two first messages, the second after the answer or with the first; return what came, and why."""
    front, first = Front(answer), first_message(None)
    with running("proxy", tmp_path / "j", hosts=[host("127.0.0.1", front.server.port)]) as proxy:
        with call(proxy.port, f"CONNECT 127.0.0.1:{front.server.port} HTTP/1.1\r\n\r\n".encode()) as line:
            head_of(line)
            line.sendall(first + second if early else first)
            if not early:
                assert line.recv(len(answer)) == answer
                line.sendall(second)
            arrived = front.arrived(len(first + second))
        why = "".join(str(entry.get("why", "")) for entry in proxy.noted(2))
    front.server.close()
    assert arrived.startswith(first)
    return arrived[len(first) :], why


@pytest.mark.parametrize("before", [b"", CHANGE])
@pytest.mark.parametrize("early", [False, True])
def test_a_second_first_message_may_not_ask_for_another_host(
    tmp_path: Path, before: bytes, *, early: bool
) -> None:
    other = before + first_message("elsewhere.example.org")
    assert second_message(tmp_path, ASKS_AGAIN, other, early=early) == (
        b"",
        "the connection asks for elsewhere.example.org",
    )


@pytest.mark.parametrize("answer", [ASKS_AGAIN, SAYS_HELLO])
def test_a_second_message_for_the_same_host_passes(tmp_path: Path, answer: bytes) -> None:
    same = CHANGE + first_message(None)
    assert second_message(tmp_path, answer, same)[0] == same


def test_what_follows_a_servers_own_hello_is_not_read(tmp_path: Path) -> None:
    """It is in secret from there on, and may look like anything."""
    secret = CHANGE + b"\x16\x03\x03\x00\x28\x01" + b"s" * 39
    assert second_message(tmp_path, SAYS_HELLO, secret)[0] == secret


def test_two_first_messages_in_one_record_are_refused(tmp_path: Path) -> None:
    first = first_message(None)[5:]
    both = first + first_message("elsewhere.example.org")[5:]
    front = Front(ASKS_AGAIN)
    with running("proxy", tmp_path / "j", hosts=[host("127.0.0.1", front.server.port)]) as proxy:
        with call(proxy.port, f"CONNECT 127.0.0.1:{front.server.port} HTTP/1.1\r\n\r\n".encode()) as line:
            head_of(line)
            line.sendall(b"\x16\x03\x01" + len(both).to_bytes(2, "big") + both)
            until_end(line)
        assert "it is not TLS" in str(proxy.noted(2))
    front.server.close()
    assert front.got == b""


def test_a_server_that_asks_again_is_reached(tmp_path: Path) -> None:
    """As a real one does whose only curve is not the client's first choice."""
    paper = papers(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(paper.server)
    context.set_ecdh_curve("secp384r1")

    def greet(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            secure.sendall(b"reached")

    server = Server(greet)
    with (
        running("proxy", tmp_path / "j", hosts=[host("127.0.0.1", server.port)]) as proxy,
        call(proxy.port, f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\n\r\n".encode()) as line,
    ):
        head_of(line)
        trusting = ssl.create_default_context(cafile=paper.authority)
        with trusting.wrap_socket(line, server_hostname="127.0.0.1") as secure:
            assert secure.version() == "TLSv1.3"
            assert secure.recv(100) == b"reached"
    server.close()


def test_a_name_that_is_looked_up_is_noted_though_nothing_answers(tmp_path: Path) -> None:
    """To ask the name system says something already."""
    with running("proxy", tmp_path / "j", hosts=[host("*.invalid", 443)]) as proxy:
        with call(proxy.port, b"CONNECT secret.of.the.agent.invalid:443 HTTP/1.1\r\n\r\n") as line:
            assert until_end(line).startswith(b"HTTP/1.1 502 ")
        (entry,) = proxy.noted(1)
    assert (entry["verdict"], entry["to"]) == ("look up", "secret.of.the.agent.invalid:443")


# The relay.


def answered(tmp_path: Path, answer: bytes, request: bytes) -> tuple[bytes, bytes]:
    """Return what a provider got of a request, and what came back of its answer."""
    got = b""

    def serve(connection: socket.socket) -> None:
        nonlocal got
        got = head_of(connection)
        connection.sendall(answer)

    server = Server(serve)
    with (
        running("relay", tmp_path / "j", provider=provider(f"http://127.0.0.1:{server.port}")) as relay,
        call(relay.port, request) as line,
    ):
        came = until_end(line)
    server.close()
    return got, came


ASKED = b"GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
PACKED = gzip.compress(f"the key is {KEY}".encode())


@pytest.mark.parametrize("coding", ["gzip", "br", "identity, gzip", "GZIP"])
def test_an_answer_that_is_packed_all_the_same_is_not_passed_on(tmp_path: Path, coding: str) -> None:
    """It cannot be searched for the key."""
    head = f"HTTP/1.1 401 No\r\nContent-Encoding: {coding}\r\nContent-Length: {len(PACKED)}\r\n\r\n"
    _, came = answered(tmp_path, head.encode() + PACKED, ASKED + b"\r\n")
    assert came.startswith(b"HTTP/1.1 502 ")
    assert b"packed" in came
    assert PACKED not in came


@pytest.mark.parametrize(
    "header",
    [
        "X-HTTP-Method-Override: DELETE",
        "X-HTTP-Method: DELETE",
        "X-Method-Override: DELETE",
        "X-Original-URL: /admin",
        "X-Rewrite-URL: /admin",
        "X-Forwarded-Host: elsewhere.example.org",
        "Forwarded: host=elsewhere.example.org",
        "Range: bytes=0-7",
        "If-Range: x",
    ],
)
def test_headers_that_change_what_is_asked_for_stay_behind(tmp_path: Path, header: str) -> None:
    """What conditions judge is what the provider does; and a key that comes in parts is not found in them."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    got, _ = answered(tmp_path, answer, ASKED + f"{header}\r\nX-Kept: y\r\n\r\n".encode())
    assert b"X-Kept: y" in got
    assert header.partition(":")[0].lower().encode() not in got.lower()


@pytest.mark.parametrize(
    "answer",
    [
        f"HTTP/1.1 401 {KEY} is wrong\r\nContent-Length: 0\r\n\r\n",
        f"HTTP/1.1 401 No\r\n{KEY}: x\r\nContent-Length: 0\r\n\r\n",
        f"HTTP/1.1 103 {KEY}\r\nX: {KEY}\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a={KEY}\r\nx\r\n0\r\nX-Was: {KEY}\r\n\r\n",
        f"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx{KEY}",
        f"HTTP/1.1 200 OK\r\n\r\n<html>{KEY}",
        f"HTTP/1.1 {KEY}\r\n\r\n",
        f"{KEY}\r\n\r\n",
    ],
)
def test_the_key_comes_back_in_no_part_of_an_answer(tmp_path: Path, answer: str) -> None:
    _, came = answered(tmp_path, answer.encode(), ASKED + b"\r\n")
    assert came.startswith(b"HTTP/1.1 ")
    assert KEY.encode() not in came


def test_a_slow_reader_gets_a_whole_answer(tmp_path: Path) -> None:
    body = bytes(range(256)) * 4096 * 12
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)

    def pour(connection: socket.socket) -> None:
        head_of(connection)
        connection.sendall(head + body)

    server = Server(pour)
    about = provider(f"http://127.0.0.1:{server.port}")
    with running("relay", tmp_path / "j", provider=about) as relay, socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        line.connect(("127.0.0.1", relay.port))
        line.sendall(ASKED + b"\r\n")
        came = b""
        line.settimeout(20)
        with contextlib.suppress(ConnectionError):
            while chunk := line.recv(1 << 17):
                came += chunk
                time.sleep(0.02)
    server.close()
    assert came.endswith(body)


def test_a_client_that_left_while_it_was_held_is_not_answered_for(tmp_path: Path) -> None:
    """What is let out when nobody waits for it any more must not happen."""
    server = Server(lambda connection: head_of(connection) and None)
    about = provider(f"http://127.0.0.1:{server.port}")
    with running("relay", tmp_path / "j", provider=about, asks=True) as relay:
        line = call(relay.port, b"DELETE /x HTTP/1.1\r\nHost: h\r\n\r\n")
        received: Any = frames.receive(relay.line)
        frames.send(relay.line, {"answer": received[0]["ask"], "then": "hold", "why": ""})
        line.close()
        time.sleep(0.3)
        frames.send(relay.line, {"answer": received[0]["ask"], "then": "allow", "why": ""})
        time.sleep(0.5)
    server.close()
    assert server.connections == 0
