"""The ground of the services over real sockets: what clients send, and what nobody should."""

from __future__ import annotations

import ast
import http.client
import json
import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from offswitch import scenarios
from offswitch.scenarios.staged import journal, rendering

KEY = b"k" * 16
PROGRAM = """
class Door(Handler):
    def do_PUT(self):
        if self.length() > 4_000_000:
            return self.reply(413, {"error": "too large"})
        data = self.body()
        journal.note("received", path=self.path, size=len(data))
        return self.reply(201, {"received": len(data)})

    def do_POST(self):
        journal.note("posted", path=self.path)
        return self.reply(200, {"read": "nothing"})

    def answer(self, method, path, body, headers):
        journal.note("asked", method=method, path=path, around=self.around())
        if path == "/none":
            raise KeyError("none")
        return 200, {"body": body, "headers": str(headers), "own": headers.get("x-TOKEN")}

journal = Journal(sys.argv[1], sys.argv[2], "door")
server = serve(Door, "127.0.0.1", 0)
print(server.server_address[1], flush=True)
server.serve_forever()
"""


class Door(NamedTuple):
    """A service that runs."""

    port: int
    file: Path

    def events(self) -> list[dict[str, Any]]:
        events, intact = journal.read(self.file.read_bytes(), KEY)
        assert intact
        return events

    def line(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def says(self, sent: bytes) -> bytes:
        """Send bytes, and return all that comes until the other side closes; this side stays open."""
        with self.line() as line:
            line.sendall(sent)
            return line.makefile("rb").read()

    def answers(self, sent: bytes) -> list[int]:
        """Send bytes, and return the statuses of the answers until the other side closes."""
        parts = self.says(sent).split(b"HTTP/1.1 ")
        assert parts[0] == b""
        return [int(part[:3]) for part in parts[1:]]


def started(source: str, *words: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-IS", "-", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin
    process.stdin.write(source.encode())
    process.stdin.close()
    return process


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    file = tmp_path / "log" / "journal.log"
    process = started(f"{rendering.ground()}\n{PROGRAM}", str(file), KEY.hex())
    assert process.stdout
    yield Door(int(process.stdout.readline()), file)
    process.kill()
    process.wait()
    process.stdout.close()


def curl(door: Door, *words: str, given: bytes = b"") -> str:
    argv = ["curl", "-sS", "--noproxy", "*", "--max-time", "20", *words[:-1]]
    argv.append(f"http://127.0.0.1:{door.port}{words[-1]}")
    return subprocess.run(argv, input=given, capture_output=True, check=True).stdout.decode()


def test_a_start_brings_nothing_of_mail_and_tls() -> None:
    process = started(f"{rendering.ground()}\nprint(*sys.modules)")
    assert process.stdout
    with process.stdout as output:
        brought = set(output.read().decode().split())
    assert process.wait() == 0
    assert "json" in brought
    assert not brought & {
        "http",
        "http.server",
        "email",
        "ssl",
        "mimetypes",
        "html",
        "shutil",
        "urllib.parse",
    }


def defined(source: str) -> set[str]:
    """Return the names that a program binds, but for modules."""
    tree = ast.parse(source).body
    names = {node.name for node in tree if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    targets = [target for node in tree if isinstance(node, ast.Assign) for target in node.targets]
    return names | {name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}


PROGRAMS = sorted(Path(scenarios.__file__).parent.glob("*/world/services/*.py"))


@pytest.mark.parametrize("program", PROGRAMS, ids=[file.stem for file in PROGRAMS])
def test_no_program_takes_a_name_of_the_ground_it_stands_on(program: Path) -> None:
    assert "run" in defined(program.read_text())
    assert not defined(program.read_text()) & defined(rendering.ground())


def test_curl_is_answered_as_by_any_server(door: Door) -> None:
    head, _, content = curl(door, "-i", "-H", "X-Token: abc", "/there?a=1").partition("\r\n\r\n")
    first, *headers = head.split("\r\n")
    assert first == "HTTP/1.1 200 OK"
    assert [line.partition(": ")[0] for line in headers] == [
        "Server",
        "Date",
        "Content-Type",
        "Content-Length",
    ]
    assert "Server: nginx" in headers
    assert json.loads(content)["own"] == "abc"
    assert json.loads(curl(door, "-X", "PATCH", "-d", '{"a": [1]}', "/"))["body"] == {"a": [1]}
    assert curl(door, "-o", "/dev/null", "-w", "%{http_code}", "//none") == "400"
    assert [(event["method"], event["path"]) for event in door.events()] == [
        ("GET", "/there?a=1"),
        ("PATCH", "/"),
        ("GET", "/none"),
    ]


def test_curl_waits_to_be_told_to_send_a_large_body(door: Door) -> None:
    said = curl(door, "-v", "--stderr", "-", "-H", "Expect: 100-continue", "-T", "-", "/in/x")
    assert "chunked" in said  # of unknown length: taken for empty, and the connection ends
    large = door.file.parent / "large"
    large.write_bytes(os.urandom(3_000_000))
    said = curl(door, "-v", "--stderr", "-", "-T", str(large), "/in/y")
    assert "100 Continue" in said
    assert '"received": 3000000' in said
    assert [event["size"] for event in door.events()] == [0, 3_000_000]


def test_a_connection_serves_several_requests_until_one_side_ends_it(door: Door) -> None:
    client = http.client.HTTPConnection("127.0.0.1", door.port, timeout=20)
    client.connect()
    first = client.sock
    for number in range(3):
        client.request("PUT", f"/{number}", body=b"x" * number)
        answer = client.getresponse()
        assert (answer.status, json.load(answer)) == (201, {"received": number})
    assert client.sock is first
    client.request("GET", "/", headers={"Connection": "close"})
    answer = client.getresponse()
    assert answer.getheader("Connection") == "close"
    answer.read()
    client.close()
    with urllib.request.urlopen(f"http://127.0.0.1:{door.port}/last", data=b"{}", timeout=20) as last:
        assert last.status == 200
    assert [event["path"] for event in door.events()] == ["/0", "/1", "/2", "/", "/last"]


def test_requests_sent_at_once_are_answered_in_order(door: Door) -> None:
    sent = b"GET /1 HTTP/1.1\r\n\r\nPUT /2 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /3 HTTP/1.0\n\n"
    assert door.answers(sent) == [200, 201, 200]
    assert [event["path"] for event in door.events()] == ["/1", "/2", "/3"]


def test_old_versions_end_after_one_answer_unless_asked_not_to(door: Door) -> None:
    again = b"GET /%d HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"
    assert door.answers(again % 1 + b"GET /2 HTTP/1.0\r\n\r\n" + again % 3) == [200, 200]
    assert door.says(b"GET /bare\r\n\r\n").startswith(b"{")
    assert [event["path"] for event in door.events()] == ["/1", "/2", "/bare"]


HEAD = b"PUT / HTTP/1.1\r\n"
REFUSED = {
    b"nonsense\r\n\r\n": 400,
    b"PUT /\r\n\r\n": 400,
    b"GET / a HTTP/1.1\r\n\r\n": 400,
    b"GET / HTTP/x\r\n\r\n": 400,
    b"\x00\x00\r\n\r\n": 400,
    b"\x16\x03\x01\x02\x00\x01\xfc\x03\x03\r\n": 400,
    b"GET / HTTP/2.0\r\n\r\n": 505,
    b"HEAD / HTTP/1.1\r\n\r\n": 501,
    b"OPTIONS * HTTP/1.1\r\n\r\n": 501,
    b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n": 414,
    HEAD + b"X: " + b"a" * 70_000 + b"\r\n\r\n": 431,
    HEAD + b"X: a\r\n" * 101 + b"\r\n": 431,
    HEAD + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nab": 400,
    HEAD + b"Content-Length: -1\r\n\r\nab": 400,
    HEAD + b"Content-Length: \xb2\r\n\r\nab": 400,
    HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\nab": 400,
    HEAD + b"Content-Length:\r\n\r\nab": 400,
}


@pytest.mark.parametrize(("sent", "status"), REFUSED.items(), ids=range(len(REFUSED)))
def test_what_cannot_be_read_is_refused_and_ends_the_connection(door: Door, sent: bytes, status: int) -> None:
    said = door.says(sent + b"GET /next HTTP/1.1\r\n\r\n")
    head, _, page = said.partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"Connection: close" in head
    assert page.count(b"nginx") == (0 if sent.startswith(b"HEAD") else 1)
    assert b"ython" not in said
    assert door.events() == []
    assert door.answers(b"GET /after HTTP/1.0\r\n\r\n") == [200]


HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"
UNREAD = {
    "a body nobody reads": (b"POST / HTTP/1.1\r\nContent-Length: 33\r\n\r\n", 200),
    "chunks": (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 200),
    "chunks for an answer": (b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 200),
    "no encoding": (b"PUT / HTTP/1.1\r\nTransfer-Encoding:\r\n\r\n", 201),
    "chunks and a length": (b"PUT / HTTP/1.1\r\nContent-Length: 0\r\nTransfer-Encoding: x\r\n\r\n", 201),
    "too large": (b"PUT / HTTP/1.1\r\nContent-Length: 5000000\r\n\r\n", 413),
    "too large for an answer": (b"GET / HTTP/1.1\r\nContent-Length: 300000\r\n\r\n", 413),
    "a space before the colon": (b"PUT / HTTP/1.1\r\nContent-Length : 33\r\n\r\n", 201),
    "a folded line": (b"PUT / HTTP/1.1\r\nX: y\r\n Content-Length: 33\r\n\r\n", 201),
    "a line that is no header": (b"PUT / HTTP/1.1\r\nnonsense\r\nX: 33\r\n\r\n", 201),
}


@pytest.mark.parametrize(("head", "status"), UNREAD.values(), ids=UNREAD)
def test_what_was_not_read_as_a_body_is_never_the_next_request(door: Door, head: bytes, status: int) -> None:
    assert door.answers(head + HIDDEN) == [status]
    assert all(event["path"] == "/" for event in door.events())


def test_who_sends_too_much_still_gets_the_answer(door: Door) -> None:
    with door.line() as line:
        line.sendall(b"PUT / HTTP/1.1\r\nContent-Length: 9000000\r\n\r\n" + bytes(9_000_000))
        assert line.makefile("rb").readline() == b"HTTP/1.1 413 Request Entity Too Large\r\n"


def test_a_head_that_never_ends_holds_up_nobody(door: Door) -> None:
    with door.line() as slow, door.line() as short:
        slow.sendall(b"GET /slow HT")
        assert json.loads(curl(door, "/quick"))["body"] == {}
        short.sendall(b"GET /short HTTP/1.1")
        short.shutdown(socket.SHUT_WR)
        assert short.makefile("rb").readline() == b"HTTP/1.1 200 OK\r\n"
        slow.sendall(b"TP/1.1\r\n\r\n")
        assert slow.recv(8) == b"HTTP/1.1"
    assert [event["path"] for event in door.events()] == ["/quick", "/short", "/slow"]


def test_a_body_cut_short_is_what_came(door: Door) -> None:
    with door.line() as line:
        line.sendall(b"PUT /cut HTTP/1.1\r\nContent-Length: 100\r\n\r\nabc")
        line.shutdown(socket.SHUT_WR)
        assert b"201 Created" in line.makefile("rb").read()
    assert door.events()[0]["size"] == 3


def test_all_that_comes_above_a_body_is_counted_and_shown(door: Door) -> None:
    lines = b"X-token: \tone \r\nx-Token:two\r\nA\x00b: \x00\xff\r\nno header at all\r\n"
    said = door.says(b"GET /\x00p HTTP/1.1\r\n" + lines + b"\r\n")
    content = json.loads(said.partition(b"\r\n\r\n")[2])
    assert content["own"] == "one"
    assert content["headers"] == "X-token: one\nx-Token: two\nA\0b: \0\xff\nno header at all: \n\n"
    (event,) = door.events()
    assert event["path"] == "/\0p"
    assert event["around"] == 3 + 7 + 3 + 7 + 3 + 3 + 2 + 16


def test_a_body_that_is_not_json_or_too_deep_is_refused_and_the_connection_goes_on(door: Door) -> None:
    deep = b"[" * 200_000
    sent = b"GET / HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(deep), deep)
    sent += b"GET / HTTP/1.1\r\nContent-Length: 4\r\n\r\n{1:2" + b"GET /good HTTP/1.0\r\n\r\n"
    assert door.answers(sent) == [400, 400, 200]
    assert [event["path"] for event in door.events()] == ["/good"]
