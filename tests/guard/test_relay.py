"""The relay: the key it adds and never shows, what it passes on, and how fast."""

from __future__ import annotations

import contextlib
import hashlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic
import httpx
import openai
import pytest
from egress_parts import KEY, SECONDS, Paper, Running, Server, call, papers, provider, running, until_end
from guarding import await_true

pytestmark = [pytest.mark.sandbox, pytest.mark.safety]

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
EVENTS = 20


class Provider:
    """A model's provider: keeps the requests that it gets, and answers by their path."""

    def __init__(self, paper: Paper | None = None) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.raw: list[bytes] = []
        self.taken = threading.Semaphore()
        self.server = Server(self._serve, paper)
        self.url = f"{'https' if paper else 'http'}://127.0.0.1:{self.server.port}/base"

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(ValueError):  # a request that breaks off
            self._serve_one(connection)

    def _serve_one(self, connection: socket.socket) -> None:
        stream = connection.makefile("rb")
        head = b""
        while not head.endswith(b"\r\n\r\n") and (line := stream.readline()):
            head += line
        if not head:
            return
        self.raw.append(head)
        first, *rest = head.decode().removesuffix("\r\n\r\n").split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in rest)}
        if "chunked" in headers.get("transfer-encoding", ""):
            body = b"".join(iter(lambda: self._chunk(stream), b""))
        else:
            body = stream.read(int(headers.get("content-length", "0")))
        self.requests.append((first, headers, body))
        path = first.split(" ")[1].partition("?")[0].removeprefix("/base")
        getattr(self, "answer_" + path.rpartition("/")[2], self.answer)(connection, headers, body)

    @staticmethod
    def _chunk(stream: Any) -> bytes:
        piece = bytes(stream.read(int(stream.readline(), 16)))
        stream.readline()
        return piece

    def answer(self, connection: socket.socket, headers: dict[str, str], body: bytes) -> None:
        del headers, body
        connection.sendall(ANSWER)

    def answer_echo(self, connection: socket.socket, headers: dict[str, str], body: bytes) -> None:
        """Answer with what came, as some interfaces do when they refuse a key."""
        del body
        text = json.dumps(headers).encode()
        head = f"HTTP/1.1 401 Unauthorized\r\nX-Was: {headers.get('x-api-key', '')}\r\n"
        connection.sendall(head.encode() + b"Content-Length: %d\r\n\r\n%b" % (len(text), text))

    def answer_split(self, connection: socket.socket, headers: dict[str, str], body: bytes) -> None:
        del headers, body
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for one in ("the key is " + KEY + ", truly").encode():
            connection.sendall(b"1\r\n%c\r\n" % one)
            time.sleep(0.001)
        connection.sendall(b"0\r\n\r\n")

    def answer_digest(self, connection: socket.socket, headers: dict[str, str], body: bytes) -> None:
        del headers
        digest = hashlib.sha256(body).hexdigest().encode()
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 64\r\n\r\n" + digest)

    def answer_events(self, connection: socket.socket, headers: dict[str, str], body: bytes) -> None:
        del headers, body
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        for number in range(EVENTS):
            if not self.taken.acquire(timeout=SECONDS):
                return
            connection.sendall(b"data: %d\n\n" % number)

    def answer_broken(self, connection: socket.socket, headers: dict[str, str], body: bytes) -> None:
        del headers, body
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")

    def answer_early(self, connection: socket.socket, headers: dict[str, str], body: bytes) -> None:
        del headers, body
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + ANSWER)

    def answer_switch(self, connection: socket.socket, headers: dict[str, str], body: bytes) -> None:
        del headers, body
        connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nframes")

    def answer_messages(self, connection: socket.socket, headers: dict[str, str], body: bytes) -> None:
        """Answer as Anthropic's interface does, as a stream where that is asked for."""
        del headers
        message = {
            "id": "m",
            "type": "message",
            "role": "assistant",
            "model": "x",
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {"input_tokens": 1, "output_tokens": 1},
        }
        if not json.loads(body).get("stream"):
            self._json(connection, message | {"content": [{"type": "text", "text": "hello"}]})
            return
        block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
        delta = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "hello"}}
        events = [
            {"type": "message_start", "message": message},
            block,
            delta,
            {"type": "content_block_stop", "index": 0},
            {"type": "message_stop"},
        ]
        self._stream(connection, [f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in events])

    def answer_completions(self, connection: socket.socket, headers: dict[str, str], body: bytes) -> None:
        """Answer as OpenAI's interface does, as a stream where that is asked for."""
        del headers
        base = {"id": "c", "created": 1, "model": "x"}
        if not json.loads(body).get("stream"):
            message = {"role": "assistant", "content": "hello"}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            self._json(connection, base | {"object": "chat.completion", "choices": [choice]})
            return
        choice = {"index": 0, "delta": {"content": "hello"}, "finish_reason": None}
        one = base | {"object": "chat.completion.chunk", "choices": [choice]}
        self._stream(connection, [f"data: {json.dumps(one)}\n\n", "data: [DONE]\n\n"])

    @staticmethod
    def _json(connection: socket.socket, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        connection.sendall(head + body)

    @staticmethod
    def _stream(connection: socket.socket, events: list[str]) -> None:
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(head.encode())
        for event in events:
            connection.sendall(b"%x\r\n%b\r\n" % (len(event), event.encode()))
        connection.sendall(b"0\r\n\r\n")


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Paper:
    return papers(tmp_path_factory.mktemp("papers"))


@pytest.fixture
def model(paper: Paper) -> Iterator[Provider]:
    found = Provider(paper)
    yield found
    found.server.close()


@pytest.fixture
def relay(tmp_path: Path, model: Provider, paper: Paper) -> Iterator[Running]:
    about = provider(model.url, paper.authority)
    with running("relay", tmp_path / "egress.jsonl", provider=about) as found:
        yield found


@pytest.fixture
def client(relay: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{relay.port}", trust_env=False, timeout=20) as found:
        yield found


def raw(relay: Running, request: bytes) -> bytes:
    with call(relay.port, request) as line:
        return until_end(line)


# The key.


@pytest.mark.parametrize(
    ("header", "prefix"),
    [("x-api-key", ""), ("Authorization", "Bearer "), ("api-key", ""), ("x-goog-api-key", "")],
)
def test_the_key_is_added_and_every_other_taken_away(
    tmp_path: Path, model: Provider, paper: Paper, header: str, prefix: str
) -> None:
    theirs = {
        "Authorization": "Bearer theirs",
        "X-Api-Key": "theirs",
        "x_api_key": "theirs",
        "Api-Key": "theirs",
        "X-Goog-Api-Key": "theirs",
        "Proxy-Authorization": "theirs",
        "Cookie": "theirs",
        "Connection": "X-Named",
        "X-Named": "theirs",
        "X-Kept": "kept",
    }
    about = provider(model.url, paper.authority, header, prefix)
    with running("relay", tmp_path / "j", provider=about) as relay:
        path = "/v1/m?key=theirs&a=1&%6Bey=theirs&api_key=theirs&KEY=theirs"
        httpx.get(f"http://127.0.0.1:{relay.port}{path}", headers=theirs, trust_env=False)
        journal = relay.journal.read_text()
    (first, headers, _) = model.requests[0]
    assert first == "GET /base/v1/m?a=1 HTTP/1.1"
    assert headers[header.lower()] == prefix + KEY
    assert headers["x-kept"] == "kept"
    assert headers["host"] == f"127.0.0.1:{model.server.port}"
    assert b"theirs" not in model.raw[0]
    assert KEY not in journal
    assert "theirs" not in journal


def test_an_answer_never_holds_the_key(client: httpx.Client, relay: Running) -> None:
    echoed = client.get("/echo")
    assert echoed.status_code == 401
    assert echoed.headers["x-was"] == "*" * len(KEY)
    assert echoed.json()["x-api-key"] == "*" * len(KEY)
    split = client.get("/split").text
    assert split == f"the key is {'*' * len(KEY)}, truly"
    assert KEY not in relay.journal.read_text()


def test_a_packed_answer_is_not_asked_for(client: httpx.Client, model: Provider) -> None:
    client.get("/x", headers={"Accept-Encoding": "gzip, br"})
    assert model.requests[0][1]["accept-encoding"] == "identity"


def test_the_key_is_nowhere_in_proc(relay: Running, client: httpx.Client) -> None:
    client.get("/x")
    for name in ("cmdline", "environ", "comm", "status", "maps"):
        assert KEY.encode() not in Path(f"/proc/{relay.process.pid}/{name}").read_bytes()
    assert Path(f"/proc/{relay.process.pid}/mem").stat().st_uid == 0, "its memory is root's, whoever runs it"


def test_a_redirect_does_not_carry_the_key(client: httpx.Client, model: Provider) -> None:
    def redirect(connection: socket.socket, *_: object) -> None:
        connection.sendall(
            b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
        )

    model.answer_redirect = redirect  # type: ignore[attr-defined]
    said = client.get("/redirect")
    assert said.status_code == 302
    assert KEY not in str(said.headers)


# What is passed on.


def test_streams_pass_on_as_they_come(client: httpx.Client, model: Provider) -> None:
    """Each event is sent once the one before has arrived: one that is kept back is the last."""
    came = []
    with client.stream("GET", "/events") as answer:
        for line in answer.iter_lines():
            if line.startswith("data: "):
                came.append(int(line[6:]))
                model.taken.release()
    assert came == list(range(EVENTS))


@pytest.mark.parametrize("chunked", [False, True])
def test_twenty_megabytes_arrive_whole(client: httpx.Client, model: Provider, *, chunked: bool) -> None:
    body = bytes(range(256)) * (20 * 4096)
    content = (body[at : at + 100_000] for at in range(0, len(body), 100_000)) if chunked else body
    answer = client.post("/digest", content=content)
    assert answer.text == hashlib.sha256(body).hexdigest()
    assert ("transfer-encoding" in model.requests[0][1]) == chunked


def test_a_connection_serves_many_requests(relay: Running, model: Provider) -> None:
    with call(relay.port) as line:
        for _ in range(3):
            line.sendall(b"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody")
            received = b""
            while not received.endswith(b"{}"):
                received += line.recv(65536)
    assert [body for _, _, body in model.requests] == [b"body"] * 3
    opened = [entry for entry in relay.noted(6) if entry.get("verdict") == "open"]
    assert [entry["first"] for entry in opened] == ["POST /base/x"] * 3


def test_a_client_that_waits_for_a_word_gets_it(relay: Running, model: Provider) -> None:
    head = b"POST /digest HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"
    with call(relay.port, head) as line:
        assert line.recv(100).startswith(b"HTTP/1.1 100 ")
        line.sendall(b"body")
        received = b""
        while len(received.partition(b"\r\n\r\n")[2]) < 64:
            received += line.recv(1000)
    assert received.endswith(hashlib.sha256(b"body").hexdigest().encode())
    assert "expect" not in model.requests[0][1]


def test_what_comes_before_an_answer_is_left_out(client: httpx.Client) -> None:
    assert client.get("/early").json() == {}


def test_an_answer_that_breaks_off_is_not_taken_for_whole(client: httpx.Client) -> None:
    with pytest.raises(httpx.HTTPError):
        client.get("/broken")


def test_a_client_that_leaves_ends_its_request(tmp_path: Path) -> None:
    ended: list[float] = []

    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                connection.sendall(b"data: x\n\n")
                time.sleep(0.01)
        finally:
            ended.append(time.monotonic())

    server = Server(talk)
    about = provider(f"http://127.0.0.1:{server.port}")
    with running("relay", tmp_path / "j", provider=about) as relay:
        line = call(relay.port, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        line.recv(100)
        left = time.monotonic()
        line.close()
        await_true(lambda: ended)
    server.close()
    assert ended[0] - left < SECONDS / 2


def test_a_client_that_leaves_before_the_first_word_ends_its_request(tmp_path: Path) -> None:
    """A model that thinks for nobody costs money, and acts on what nobody waits for."""
    ended: list[float] = []

    def think(connection: socket.socket) -> None:
        connection.recv(65536)
        with contextlib.suppress(OSError):
            connection.recv(1)
        ended.append(time.monotonic())

    server = Server(think)
    with running("relay", tmp_path / "j", provider=provider(f"http://127.0.0.1:{server.port}")) as relay:
        line = call(relay.port, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        relay.noted(1)
        time.sleep(0.3)
        left = time.monotonic()
        line.close()
        await_true(lambda: ended)
    server.close()
    assert 0 < ended[0] - left < SECONDS / 2, "by itself it would have waited for longer"


def test_anthropics_own_client_works(relay: Running) -> None:
    client = anthropic.Anthropic(base_url=f"http://127.0.0.1:{relay.port}", api_key="held-by-offswitch")
    asked: dict[str, Any] = {
        "model": "x",
        "max_tokens": 10,
        "messages": [{"role": "user", "content": "hi"}],
    }
    with client:
        assert client.messages.create(**asked).content[0].text == "hello"  # type: ignore[union-attr]
        with client.messages.stream(**asked) as stream:
            assert "".join(stream.text_stream) == "hello"


def test_openais_own_client_works(tmp_path: Path, model: Provider, paper: Paper) -> None:
    about = provider(model.url, paper.authority, "Authorization", "Bearer ")
    with running("relay", tmp_path / "j", provider=about) as relay:
        url = f"http://127.0.0.1:{relay.port}"
        with openai.OpenAI(base_url=url, api_key="held-by-offswitch") as client:
            asked: dict[str, Any] = {"model": "x", "messages": [{"role": "user", "content": "hi"}]}
            found = client.chat.completions.create(**asked)
            assert found.choices[0].message.content == "hello"
            with client.chat.completions.create(**asked, stream=True) as stream:
                assert [one.choices[0].delta.content for one in stream] == ["hello"]
    assert {headers["authorization"] for _, headers, _ in model.requests} == {f"Bearer {KEY}"}


# What is refused.


def test_another_protocol_is_not_passed_on(client: httpx.Client) -> None:
    answer = client.get("/switch")
    assert answer.status_code == 403
    assert "another protocol" in answer.text


def test_a_certificate_that_is_not_trusted_is_told(tmp_path: Path, model: Provider) -> None:
    with running("relay", tmp_path / "j", provider=provider(model.url)) as relay:
        said = raw(relay, b"GET /x HTTP/1.1\r\nHost: h\r\n\r\n").decode()
    assert said.startswith("HTTP/1.1 502 ")
    assert "certificate is not trusted" in said
    assert model.requests == []


def test_a_journal_that_cannot_be_written_refuses(model: Provider, paper: Paper) -> None:
    with running("relay", Path("/dev/full"), provider=provider(model.url, paper.authority)) as relay:
        said = raw(relay, b"GET /x HTTP/1.1\r\nHost: h\r\n\r\n")
    assert b"journal" in said
    assert model.server.connections == 0


@pytest.mark.parametrize("url", ["ftp://h", "https://", "https://user:word@h/", "https://h/?a=b", "h"])
def test_a_provider_is_an_address_and_nothing_else(tmp_path: Path, url: str) -> None:
    with (
        pytest.raises((AssertionError, ConnectionError)),
        running("relay", tmp_path / "j", provider=provider(url)),
    ):
        pass
