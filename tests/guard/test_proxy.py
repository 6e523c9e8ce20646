"""The proxy: what passes through it, what does not, and what its journal and the agent's tools say."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from egress_parts import (
    Paper,
    Running,
    Server,
    call,
    first_message,
    head_of,
    host,
    papers,
    running,
    until_end,
    with_extension,
)
from guarding import await_true

pytestmark = [pytest.mark.sandbox, pytest.mark.safety]


def echo(connection: socket.socket) -> None:
    """Send everything back, and end when the other side has."""
    while chunk := connection.recv(65536):
        connection.sendall(chunk)


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Paper:
    return papers(tmp_path_factory.mktemp("papers"))


@pytest.fixture
def plain() -> Iterator[Server]:
    server = Server(echo)
    yield server
    server.close()


@pytest.fixture
def secure(paper: Paper) -> Iterator[Server]:
    server = Server(echo, paper)
    yield server
    server.close()


@pytest.fixture
def proxy(tmp_path: Path, plain: Server, secure: Server) -> Iterator[Running]:
    """Let out to the plain server as it is, to the other by TLS, and to a name that is this machine."""
    hosts = [
        host("127.0.0.1", plain.port, plain=True),
        host("127.0.0.1", secure.port),
        host("localhost", plain.port, plain=True),
    ]
    with running("proxy", tmp_path / "egress.jsonl", hosts=hosts) as found:
        yield found


def connect(proxy: Running, target: str, rest: bytes = b"") -> tuple[socket.socket, bytes]:
    line = call(proxy.port, f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode() + rest)
    return line, head_of(line)


def is_let_through(proxy: Running, plain: Server) -> bool:
    line, head = connect(proxy, f"127.0.0.1:{plain.port}")
    line.close()
    return b" 200 " in head


def refusal(proxy: Running, request: bytes) -> str:
    with call(proxy.port, request) as line:
        said = until_end(line).decode()
    assert said.startswith("HTTP/1.1 403 "), said
    return said.partition("\r\n\r\n")[2]


def last_refused(proxy: Running) -> dict[str, object]:
    return [entry for entry in proxy.noted(1) if entry.get("verdict") == "refused"][-1]


def client(paper: Paper, *, names: bool = True) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=paper.authority)
    context.check_hostname = names
    return context


# What passes.


def test_bytes_pass_both_ways_and_each_side_may_end_first(proxy: Running, plain: Server) -> None:
    line, head = connect(proxy, f"127.0.0.1:{plain.port}", b"sent before the answer; ")
    assert head.startswith(b"HTTP/1.1 200 ")
    with line:
        line.sendall(b"sent after it")
        line.shutdown(socket.SHUT_WR)
        assert until_end(line) == b"sent before the answer; sent after it"
    opened, ended = proxy.noted(2)
    assert (opened["verdict"], opened["to"]) == ("open", f"127.0.0.1:{plain.port}")
    assert opened["address"] == "127.0.0.1"
    assert (ended["sent"], ended["received"]) == (37, 37)


def test_tls_is_left_as_it_is(proxy: Running, secure: Server, paper: Paper) -> None:
    line, _ = connect(proxy, f"127.0.0.1:{secure.port}")
    with client(paper).wrap_socket(line, server_hostname="127.0.0.1") as inner:
        inner.sendall(b"x" * 200_000)
        received = b""
        while len(received) < 200_000:
            received += inner.recv(65536)
    assert received == b"x" * 200_000


def test_a_first_message_may_come_byte_by_byte(proxy: Running, secure: Server, paper: Paper) -> None:
    line, _ = connect(proxy, f"127.0.0.1:{secure.port}")
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    inner = client(paper).wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
    with line, contextlib.suppress(ssl.SSLWantReadError):
        inner.do_handshake()
    with call(proxy.port, f"CONNECT 127.0.0.1:{secure.port} HTTP/1.1\r\n\r\n".encode()) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        assert b" 200 " in head_of(line)
        for one in outgoing.read():
            line.sendall(bytes([one]))
        assert line.recv(1) == b"\x16", "the server's own first message"


def test_a_slow_reader_holds_up_the_sender(tmp_path: Path) -> None:
    """What is not read must not be heaped up in the proxy."""
    stop, sent = threading.Event(), [0]

    def pour(connection: socket.socket) -> None:
        connection.settimeout(1)
        with contextlib.suppress(TimeoutError):
            while not stop.is_set():
                sent[0] += connection.send(b"x" * 65536)

    server = Server(pour)
    with running("proxy", tmp_path / "j", hosts=[host("127.0.0.1", server.port, plain=True)]) as proxy:
        line, _ = connect(proxy, f"127.0.0.1:{server.port}")
        time.sleep(1.5)
        memory = int(Path(f"/proc/{proxy.process.pid}/statm").read_text().split()[1]) * os.sysconf(
            "SC_PAGESIZE"
        )
        stop.set()
        line.close()
    server.close()
    assert sent[0] < 64 * 1024 * 1024, "it must have stopped"
    assert memory < 150 * 1024 * 1024


def test_many_connections_at_once_are_served_up_to_the_limit(tmp_path: Path, plain: Server) -> None:
    hosts = [host("127.0.0.1", plain.port, plain=True)]
    with (
        running("proxy", tmp_path / "j", hosts=hosts, connections=500) as proxy,
        contextlib.ExitStack() as all_,
    ):
        opened = [connect(proxy, f"127.0.0.1:{plain.port}") for _ in range(500)]
        for line, head in opened:
            all_.enter_context(line)
            assert b" 200 " in head
        for line, _ in opened:
            line.sendall(b"here")
        assert all(line.recv(10) == b"here" for line, _ in opened)
        with call(proxy.port) as one_more:
            assert b"503" in until_end(one_more)
        assert "500 connections are open" in str(last_refused(proxy)["why"])
        opened[0][0].close()
        await_true(lambda: is_let_through(proxy, plain))  # a place that was given back


def test_short_messages_do_not_wait_for_each_other(tmp_path: Path) -> None:
    """As HTTP/2 sends them, many to an answer."""

    def answer_pairs(connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while connection.recv(1) and connection.recv(1):
            connection.sendall(b"k")

    server, seconds = Server(answer_pairs), []
    with running("proxy", tmp_path / "j", hosts=[host("127.0.0.1", server.port, plain=True)]) as proxy:
        line, _ = connect(proxy, f"127.0.0.1:{server.port}")
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with line:
            for _ in range(40):
                begun = time.monotonic()
                line.sendall(b"a")
                time.sleep(0.002)
                line.sendall(b"b")
                assert line.recv(1) == b"k"
                seconds.append(time.monotonic() - begun)
    server.close()
    late = seconds[20:]  # the kernel acknowledges the first ones at once
    assert min(late) < 0.03, "a delayed acknowledgement takes 40 ms"


# What does not.


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("elsewhere.example.org:443", "the policy does not name elsewhere.example.org:443"),
        ("127.0.0.1:1", "the policy does not name 127.0.0.1:1"),
        ("[::ffff:127.0.0.1]:{port}", "the policy does not name ::ffff:7f00:1"),
        ("2130706433:{port}", "expected CONNECT with"),
        ("127.1:{port}", "expected CONNECT with"),
        ("0x7f.1:{port}", "expected CONNECT with"),
        ("localhost\0.example.org:443", "expected a first line"),
        ("b\xfccher.example:443", "expected CONNECT with"),
        ("127.0.0.1", "expected CONNECT with a port"),
        ("127.0.0.1:", "expected CONNECT with a port"),
        ("127.0.0.1:99999", "expected CONNECT with a port"),
        ("a" * 400 + ":443", "expected CONNECT name:port"),
        ("localhost:{port}", "localhost has no public address"),
        ("LOCALHOST.:{port}", "localhost has no public address"),
    ],
)
def test_only_what_is_named_is_reached(proxy: Running, plain: Server, target: str, why: str) -> None:
    target = target.format(port=plain.port)
    assert why in refusal(proxy, f"CONNECT {target} HTTP/1.1\r\n\r\n".encode("latin-1"))
    assert plain.connections == 0
    entry = last_refused(proxy)
    assert why in str(entry["why"])
    if "first line" not in why and len(target) < 300:
        assert entry["to"] == target, "the journal says what was asked for"


@pytest.mark.parametrize(
    "request_",
    [
        b"GET http://example.org/ HTTP/1.1\r\nHost: example.org\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"CONNECT\r\n\r\n",
        b"connect 127.0.0.1:1 HTTP/1.1\r\n\r\n",
        b"CONNECT 127.0.0.1:1\nHost: x\r\n\r\n",
        b"CONNECT 127.0.0.1:1 HTTP/1.1\r\n folded\r\n\r\n",
        b"CONNECT 127.0.0.1:1 HTTP/1.1\r\nA: " + b"x" * 70_000 + b"\r\n\r\n",
        b"\x16\x03\x01\x00\x05hello\r\n\r\n",
    ],
)
def test_what_is_no_connect_is_refused(proxy: Running, request_: bytes) -> None:
    assert refusal(proxy, request_).startswith("offswitch: ")


def test_what_is_not_tls_does_not_arrive(tmp_path: Path) -> None:
    received = []
    server = Server(lambda connection: received.append(connection.recv(100)))
    with running("proxy", tmp_path / "j", hosts=[host("127.0.0.1", server.port)]) as proxy:
        line, _ = connect(proxy, f"127.0.0.1:{server.port}", b"GET / HTTP/1.1\r\n\r\n")
        with line:
            until_end(line)
        assert "it is not TLS" in str(last_refused(proxy)["why"])
    server.close()
    assert received in ([], [b""])


def test_a_connection_that_asks_for_another_host_ends(proxy: Running, secure: Server, paper: Paper) -> None:
    line, _ = connect(proxy, f"127.0.0.1:{secure.port}")
    with pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name"), line:
        client(paper).wrap_socket(line, server_hostname="api.example.org")
    assert last_refused(proxy)["why"] == "the connection asks for api.example.org"


def test_a_connection_that_may_ask_for_another_host_in_secret_ends(tmp_path: Path) -> None:
    arrived: list[bytes] = []
    server = Server(lambda connection: arrived.append(connection.recv(100)))
    hidden = with_extension(first_message(None), 0xFE0D, b"\0" * 40)
    with running("proxy", tmp_path / "j", hosts=[host("127.0.0.1", server.port)]) as proxy:
        line, _ = connect(proxy, f"127.0.0.1:{server.port}", hidden)
        with line:
            until_end(line)
        assert "hides the name" in str(last_refused(proxy)["why"])
    server.close()
    assert arrived in ([], [b""])


def test_a_journal_that_cannot_be_written_refuses(plain: Server) -> None:
    with running("proxy", Path("/dev/full"), hosts=[host("127.0.0.1", plain.port, plain=True)]) as proxy:
        said = refusal(proxy, f"CONNECT 127.0.0.1:{plain.port} HTTP/1.1\r\n\r\n".encode())
    assert "journal" in said
    assert plain.connections == 0


def test_an_address_that_does_not_answer_is_told(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with running("proxy", tmp_path / "j", hosts=[host("127.0.0.1", port, plain=True)]) as proxy:
            line, _ = connect(proxy, f"127.0.0.1:{port}")
            with line:
                assert b"refused" in until_end(line)


# Its own process.


def test_it_holds_no_right_that_it_does_not_need(proxy: Running) -> None:
    status = Path(f"/proc/{proxy.process.pid}/status").read_text()
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert int(fields["CapEff"], 16) == int(fields["CapBnd"], 16) == 0
    assert fields["NoNewPrivs"] == "1"


def test_it_ends_with_its_control_line(proxy: Running) -> None:
    proxy.line.close()
    assert proxy.process.wait(60) == 0


def test_curl_shows_why(proxy: Running) -> None:
    done = subprocess.run(
        ["curl", "-sS", "-v", "--max-time", "10", "https://elsewhere.example.org/"],
        env={"HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "403" in done.stderr


@pytest.mark.root
def test_a_name_leads_to_its_public_addresses_only_and_to_the_next_if_one_fails(tmp_path: Path) -> None:
    script = str(Path(__file__).with_name("two_networks.py"))
    done = subprocess.run(
        ["unshare", "--net", "--mount", sys.executable, script, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    found = json.loads(done.stdout)
    assert found["api"] == ["from afar", ["11.0.0.3", "11.0.0.2"]]
    assert found["mixed"] == ["from afar", ["11.0.0.2"]]
    for name in ("cloud", "own", "loop"):
        said, called = found[name]
        assert "has no public address" in said
        assert called == []
