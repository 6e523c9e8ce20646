"""What a condition holds, from the agent's request to a person's word: real command, guard and provider."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from egress_parts import KEY, Server, head_of
from guarding import Desk, await_true, desk_of_its_own

pytestmark = [pytest.mark.sandbox, pytest.mark.safety]

AGENT = """
import http.client, os, sys, urllib.parse
for path in sys.argv[1:]:
    line = http.client.HTTPConnection(urllib.parse.urlsplit(os.environ["MODEL_URL"]).netloc, timeout=60)
    line.request("DELETE", path)
    answer = line.getresponse()
    print(answer.status, answer.read().decode().strip(), flush=True)
"""
POLICY = """
model: {{url: "http://127.0.0.1:{port}", key: MODEL_KEY, variables: [MODEL_URL]}}
network:
  conditions: [{{when: 'method == "DELETE"', then: hold}}]
  hold_seconds: {seconds}
"""


class Provider:
    """A provider that deletes what it is told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.server = Server(self._serve)

    def _serve(self, connection: Any) -> None:
        self.asked.append(head_of(connection).decode())
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngone")


@pytest.fixture
def model() -> Iterator[Provider]:
    found = Provider()
    yield found
    found.server.close()


@pytest.fixture
def desk() -> Iterator[Desk]:
    with desk_of_its_own() as desk:
        desk.environment["MODEL_KEY"] = KEY
        yield desk


def start(desk: Desk, model: Provider, *paths: str, seconds: float = 60) -> Any:
    policy = desk.policy(POLICY.format(port=model.server.port, seconds=seconds))
    return desk.guarded("python3", "-I", "-S", "-c", AGENT, *paths, policy=policy)


def held(desk: Desk) -> list[dict[str, Any]]:
    done = desk.run("approve", desk.name, "--json")
    found: list[dict[str, Any]] = json.loads(done.stdout)["held"] if done.returncode == 0 else []
    return found


def said(guard: subprocess.Popen[str]) -> str:
    out, _ = guard.communicate(timeout=100)
    return out


def test_what_a_person_approves_goes_on(desk: Desk, model: Provider) -> None:
    with start(desk, model, "/v1/files/a") as guard:
        await_true(lambda: held(desk))
        (one,) = held(desk)
        assert (one["number"], one["method"], one["path"]) == (1, "DELETE", "/v1/files/a")
        assert model.asked == [], "not before"
        assert desk.run("approve", desk.name, "7").returncode == 1
        assert desk.run("approve", desk.name, "1").returncode == 0
        out = said(guard)
    assert "200 gone" in out
    assert f"offswitch approve {desk.name} 1" in out, "a person is told how"
    (request,) = model.asked
    assert request.startswith("DELETE /v1/files/a HTTP/1.1")
    assert f"x-api-key: {KEY}" in request
    assert guard.returncode == 0


def test_what_a_person_refuses_is_not_sent(desk: Desk, model: Provider) -> None:
    with start(desk, model, "/v1/files/a") as guard:
        await_true(lambda: held(desk))
        assert desk.run("approve", desk.name, "--all", "--deny").returncode == 0
        out = said(guard)
    assert "403 offswitch: was refused by a person" in out
    assert model.asked == []


def test_what_nobody_settles_in_time_is_not_sent(desk: Desk, model: Provider) -> None:
    with start(desk, model, "/v1/files/a", seconds=0.5) as guard:
        out = said(guard)
    assert "403 offswitch: was held, and nobody approved it" in out
    assert model.asked == []


def test_an_approval_is_for_the_same_act(desk: Desk, model: Provider) -> None:
    """A person who lets one file be deleted has not let all be deleted."""
    with start(desk, model, "/v1/files/a", "/v1/files/a", "/v1/files/b") as guard:
        await_true(lambda: held(desk))
        assert desk.run("approve", desk.name, "1").returncode == 0
        await_true(lambda: [one["path"] for one in held(desk)] == ["/v1/files/b"])
        assert len(model.asked) == 2
        assert desk.run("approve", desk.name, "2", "--deny").returncode == 0
        assert said(guard).count("200 gone") == 2
    assert len(model.asked) == 2


def test_a_stop_ends_what_is_held(desk: Desk, model: Provider) -> None:
    with start(desk, model, "/v1/files/a") as guard:
        await_true(lambda: held(desk))
        stopped = desk.run("stop", desk.name, "--json")
        assert stopped.returncode == 0, stopped.stderr
        desk.run("approve", desk.name, "1")
        assert "200" not in said(guard)
    assert guard.returncode == 1
    assert model.asked == []
