"""Conditions on what leaves: read, decided, held, and in force at a real proxy and a real relay."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from egress_parts import Running, Server, call, head_of, host, provider, running, until_end
from guarding import await_true

from offswitch.guard import held
from offswitch.guard.conditions import VARIABLES, Conditions, compiled
from offswitch.guard.egress import passage
from offswitch.guard.judge import Judge
from offswitch.guard.policy.model import Condition

pytestmark = [pytest.mark.safety]

FACTS: dict[str, Any] = {name: example for name, (example, _) in VARIABLES.items() if name != "hour"}


def decide(*conditions: tuple[str, Any], **facts: Any) -> str:
    return Conditions([Condition(when, then) for when, then in conditions]).decide(FACTS | facts).then


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("", "1 to 2000 signs"),
        ("x" * 3000, "1 to 2000 signs"),
        ("host ==", "a CEL expression"),
        ("hots == 'a'", "variables among"),
        ("host.endswith('a')", "functions among"),
        ("host", "true or false"),
        ("sent + 'a' == 'b'", "can be evaluated"),
        ("1 / 0 == 1", "can be evaluated"),
    ],
)
def test_an_expression_that_cannot_be_used_is_an_error(when: str, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        compiled(when)


@pytest.mark.parametrize(
    ("when", "fits"),
    [
        ('host.endsWith(".example.org") && sent > 1000000', True),
        ('host.endsWith(".example.com") && sent > 1000000', False),
        ('host.matches("^api[.]")', True),
        ("port in [443, 8443] && connections < 2", True),
        ('outlet == "relay" && path.startsWith("/v1/files")', False),
        ("all_sent - sent > 5", False),
        ("hour >= 0 && hour < 24", True),
        ("received > 10u || all_received >= 10.5", False),
    ],
)
def test_an_expression_is_evaluated(when: str, *, fits: bool) -> None:
    assert decide((when, "deny"), sent=2_000_000, all_sent=2_000_000) == ("deny" if fits else "allow")


def test_the_strictest_decides() -> None:
    always = [("true", "hold"), ("true", "deny"), ("port == 1", "stop")]
    assert decide(*always[:1]) == "hold"
    assert decide(*always[:2]) == "deny"
    assert decide(*always, port=1) == "stop"
    assert decide() == "allow"


def test_what_cannot_be_evaluated_denies() -> None:
    assert decide(("sent / (sent - 7) > 0", "hold"), sent=7) == "deny"


# At an outlet.


class Court(NamedTuple):
    """An outlet whose questions a judge answers."""

    outlet: Running
    folder: Path
    stops: list[str]
    told: list[str]


@pytest.fixture
def server() -> Iterator[Server]:
    def take(connection: Any) -> None:
        while chunk := connection.recv(65536):
            connection.sendall(b"%d " % len(chunk))

    found = Server(take)
    yield found
    found.close()


@pytest.fixture
def court(tmp_path: Path, server: Server) -> Iterator[Callable[..., Court]]:
    """Return what starts a proxy to the server with these conditions."""
    opened = []

    def make(*conditions: tuple[str, Any], hold_seconds: float = 20.0) -> Court:
        settings = {"asks": True, "hold_seconds": hold_seconds}
        hosts = [host("127.0.0.1", server.port, plain=True)]
        manager = running("proxy", tmp_path / "j", hosts=hosts, **settings)
        outlet = manager.__enter__()
        opened.append(manager)
        outlet.line.settimeout(None)
        stops: list[str] = []
        told: list[str] = []
        all_ = Conditions([Condition(when, then) for when, then in conditions])
        Judge(all_, hold_seconds, tmp_path, stops.append, told.append).start([outlet.line])
        return Court(outlet, tmp_path, stops, told)

    yield make
    for manager in opened:
        manager.__exit__(None, None, None)


def ask(court: Court, server: Server) -> tuple[Any, bytes]:
    line = call(court.outlet.port, f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\n\r\n".encode())
    return line, head_of(line)


def test_what_no_condition_fits_passes(court: Callable[..., Court], server: Server) -> None:
    line, head = ask(court(("port == 1", "deny")), server)
    line.close()
    assert b" 200 " in head


def test_a_denied_connection_is_not_made(court: Callable[..., Court], server: Server) -> None:
    found = court(("connections > 2", "deny"))
    answers = []
    for _ in range(3):
        line, head = ask(found, server)
        answers.append((head.split(b" ")[1], until_end(line) if b" 403 " in head else b""))
        line.close()
    assert [status for status, _ in answers] == [b"200", b"200", b"403"]
    assert b"the policy's condition: connections > 2" in answers[2][1]
    await_true(lambda: server.connections == 2)
    assert [one for one in found.outlet.noted(3) if one.get("verdict") == "refused"]


def test_an_open_connection_is_ended_when_it_has_carried_too_much(
    court: Callable[..., Court], server: Server
) -> None:
    limit = 1_000_000
    found = court((f"sent > {limit}", "deny"))
    line, _ = ask(found, server)
    with line, pytest.raises(ConnectionError):
        line.sendall(b"x" * 100 * limit)
    ended = [one for one in found.outlet.noted(3) if "sent" in one]
    assert ended[-1]["sent"] < limit + 2 * passage.ASKED_EVERY


def test_a_condition_stops_once(court: Callable[..., Court], server: Server) -> None:
    found = court(("true", "stop"))
    for _ in range(2):
        line, head = ask(found, server)
        line.close()
        assert b" 403 " in head
    assert found.stops == ["the policy's condition: true"]
    assert server.connections == 0


def await_held(folder: Path, count: int) -> list[dict[str, Any]]:
    await_true(lambda: len(held.held(folder)) >= count)
    return held.held(folder)


@pytest.mark.parametrize("allow", [True, False])
def test_what_is_held_waits_for_a_person(court: Callable[..., Court], server: Server, *, allow: bool) -> None:
    found = court(("true", "hold"))
    answers: list[bytes] = []

    def go() -> None:
        line, head = ask(found, server)
        answers.append(head)
        line.close()

    asking = threading.Thread(target=go)
    asking.start()
    (one,) = await_held(found.folder, 1)
    assert (one["host"], one["port"]) == ("127.0.0.1", server.port)
    assert answers == []
    await_true(lambda: found.told)
    assert f"offswitch approve {found.folder.name} 1;" in found.told[0]
    assert server.connections == 0
    assert held.settle(found.folder, allow=allow) == 1
    asking.join(60)
    assert (b" 200 " in answers[0]) == allow
    assert held.held(found.folder) == []
    if allow:
        line, head = ask(found, server)
        line.close()
        assert b" 200 " in head, "the same is not asked for again"


def test_what_nobody_approves_is_refused(court: Callable[..., Court], server: Server) -> None:
    found = court(("true", "hold"), hold_seconds=0.5)
    line, head = ask(found, server)
    with line:
        assert b" 403 " in head
        assert b"nobody approved it" in until_end(line)
    assert server.connections == 0
    assert held.held(found.folder) == []


def test_what_cannot_be_noted_is_not_held_but_refused(court: Callable[..., Court], server: Server) -> None:
    """As when the disk is full; the next question is answered even so."""
    found = court(("connections == 1", "hold"))
    (found.folder / "held").rmdir()
    line, _ = ask(found, server)
    with line:
        assert b"cannot be held" in until_end(line)
    line, head = ask(found, server)
    line.close()
    assert b" 200 " in head
    await_true(lambda: server.connections == 1)


def test_without_an_answer_nothing_leaves(tmp_path: Path, server: Server) -> None:
    """As when the supervisor hangs."""
    hosts = [host("127.0.0.1", server.port, plain=True)]
    with running("proxy", tmp_path / "j", hosts=hosts, asks=True) as proxy:
        begun = time.monotonic()
        with call(proxy.port, f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\n\r\n".encode()) as line:
            said = until_end(line)
    assert b"the guard did not answer in time" in said
    assert time.monotonic() - begun < passage.ANSWER_SECONDS + 10
    assert server.connections == 0


def test_the_relay_asks_with_method_and_path(tmp_path: Path) -> None:
    def serve(connection: Any) -> None:
        head_of(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    server = Server(serve)
    about = provider(f"http://127.0.0.1:{server.port}/base")
    conditions = Conditions([Condition('method == "DELETE" || path.startsWith("/base/v1/files")', "deny")])
    with running("relay", tmp_path / "j", provider=about, asks=True) as relay:
        relay.line.settimeout(None)
        Judge(conditions, 5, tmp_path, lambda _: None, lambda _: None).start([relay.line])
        url = f"http://127.0.0.1:{relay.port}"
        with httpx.Client(trust_env=False) as client:
            assert client.get(f"{url}/v1/models").status_code == 200
            for path in ("/v1/files/x", "/v1/%66iles/x", "/v1//files/x?a=/../", "/v1/Files/x"):
                assert client.get(url + path).status_code == 403
            assert client.delete(f"{url}/v1/models").status_code == 403
    server.close()
    assert server.connections == 1
