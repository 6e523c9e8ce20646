"""What leaves a real guarded agent, by the real command line, from a real cell."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from egress_parts import KEY, Server, head_of

pytestmark = [pytest.mark.sandbox, pytest.mark.safety, pytest.mark.root]

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n"
TUNNEL = "curl -sS -p -x $HTTPS_PROXY --noproxy '' --max-time 40"


class Ended(NamedTuple):
    """How a guarded agent ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def server() -> Iterator[Server]:
    def serve(connection: socket.socket) -> None:
        head = head_of(connection)
        asked.append(head)
        connection.sendall(ANSWER)

    asked: list[bytes] = []
    found = Server(serve)
    found.asked = asked  # type: ignore[attr-defined]
    yield found
    found.close()


@pytest.fixture
def guard(tmp_path: Path) -> Iterator[Callable[[str, str], Ended]]:
    """Return what runs a script under a policy."""
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents[:2]:
        parent.chmod(0o755)
    folder, home = tmp_path / "work", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    name = f"test-egress-{os.getpid()}-{time.monotonic_ns() % 10**9}"
    command = [sys.executable, "-m", "offswitch.cli.main"]
    environment = os.environ | {"HOME": str(home), "THE_KEY": KEY, "PYTHONPATH": os.pathsep.join(sys.path)}

    def run(policy: str, script: str) -> Ended:
        (folder / "offswitch.yaml").write_text(policy)
        words = ["guard", "--policy", "offswitch.yaml", "--name", name]
        words += ["--allow-missing", "memory", "--allow-missing", "pids"]
        done = subprocess.run(
            [*command, *words, "--", "bash", "-c", script],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    yield run
    with contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(
            [*command, "stop", name], env=environment, capture_output=True, timeout=60, check=False
        )


def test_named_hosts_are_reached_and_no_others(guard: Callable[[str, str], Ended], server: Server) -> None:
    policy = f"network: {{hosts: ['tcp://127.0.0.1:{server.port}']}}\n"
    script = f"""
        {TUNNEL} http://127.0.0.1:{server.port}/
        {TUNNEL} http://127.0.0.1:1/ -v 2>&1 | grep -o 'offswitch: .*' | head -1
        curl -sS --noproxy '*' --max-time 9 http://127.0.0.1:{server.port}/ 2>&1 | grep -o 'Failed to connect'
        python3 -c "
import urllib.request
try:
    urllib.request.urlopen('https://elsewhere.example.org/')
except OSError as failure:
    print(failure)
"
    """
    done = guard(policy, script)
    assert done.code == 0, done.err
    hello, named, direct, elsewhere = done.out.splitlines()
    assert hello == "hello"
    assert "the policy does not name 127.0.0.1:1" in named
    assert direct == "Failed to connect", "there is no other way out"
    assert "the policy does not name elsewhere.example.org:443" in elsewhere


def test_the_key_is_nowhere_in_the_cell(guard: Callable[[str, str], Ended], server: Server) -> None:
    policy = f"""
model:
  url: http://127.0.0.1:{server.port}/base
  key: THE_KEY
  variables: [MODEL_URL]
"""
    script = """
        curl -sS --noproxy '*' --max-time 40 $MODEL_URL/v1/models -H 'X-Api-Key: mine'
        cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr '\\0' '\\n'
        env
        grep -rs sk-test- "$HOME" . /tmp /run /etc/ | head
    """
    done = guard(policy, script)
    assert done.code == 0, done.err
    assert done.out.startswith("hello\n")
    (head,) = server.asked  # type: ignore[attr-defined]
    assert f"x-api-key: {KEY}".encode() in head
    assert b"mine" not in head
    assert KEY not in done.out.replace("hello", "")


def test_a_condition_stops_the_agent(guard: Callable[[str, str], Ended], server: Server) -> None:
    policy = f"""
network:
  hosts: ['tcp://127.0.0.1:{server.port}']
  conditions:
    - {{when: connections > 1, then: stop}}
"""
    script = f"""
        {TUNNEL} http://127.0.0.1:{server.port}/
        {TUNNEL} http://127.0.0.1:{server.port}/
        sleep 50
        echo still here
    """
    begun = time.monotonic()
    done = guard(policy, script)
    assert time.monotonic() - begun < 40
    assert done.code == 1
    assert "still here" not in done.out
    assert "the policy's condition: connections > 1" in done.err
    assert server.connections == 1
