"""The cut: nothing leaves after it, also on open connections; the figures are benchmarks/egress_cut.py's."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from benchmarks import egress_cut
from benchmarks.egress_cut import Kind

from offswitch.guard.egress import gate
from offswitch.guard.kernel import barriers
from offswitch.guard.supervisor import Guarded

pytestmark = [pytest.mark.sandbox, pytest.mark.safety, pytest.mark.root]

MOST_MS = 5 * egress_cut.LIMIT_MS
"""For a machine that runs other tests at the same time; the limit itself is the benchmark's."""


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return egress_cut.papers(tmp_path_factory.mktemp("papers"))


@pytest.mark.parametrize(
    "kind",
    [
        Kind("proxy", tls=True, connections=20),
        Kind("proxy", slow=True),
        Kind("relay", tls=True, connections=10),
        Kind("relay", slow=True),
    ],
    ids=str,
)
def test_a_stop_cuts_what_leaves(papers: tuple[Path, Path], kind: Kind) -> None:
    cut = egress_cut.one(kind, *papers)
    assert cut.late_ms < MOST_MS
    steps = {step["step"]: step for step in cut.record["steps"]}
    assert steps["shut the gate"]["done"]
    assert steps[f"cut {kind.way}"]["done"], "it was seen to have ended"


def test_the_outlets_death_alone_cuts(papers: tuple[Path, Path]) -> None:
    with egress_cut.barriers("death"):
        cut = egress_cut.one(Kind("proxy", slow=True), *papers)
    assert "shut the gate" not in {step["step"] for step in cut.record["steps"]}
    assert cut.late_ms < MOST_MS


def test_the_gate_alone_cuts(papers: tuple[Path, Path]) -> None:
    assert egress_cut.one(Kind("proxy", connections=5), *papers, egress_cut.by_gate).late_ms < MOST_MS


def test_a_stopper_that_hangs_shuts_the_gate(papers: tuple[Path, Path]) -> None:
    """Its lease is kept by the kernel: what nobody extends ends."""

    def hang(guarded: Guarded) -> dict[str, object]:
        assert guarded.agent.barriers["gate"] == barriers.IN_FORCE
        os.kill(guarded.stopper.process.pid, signal.SIGSTOP)
        time.sleep(2.5)
        return {}

    assert egress_cut.one(Kind("proxy"), *papers, hang).late_ms < 1500


@pytest.fixture
def group() -> Iterator[gate.Group]:
    found = gate.make()
    yield found
    found.close()
    assert not found.folder.exists()


def in_group(group: gate.Group, family: int, address: str, port: int, *, after: bool) -> int:
    """Send a word by TCP and by UDP, before or after the gate is shut; return the child's number."""
    child = os.fork()
    if child:
        return child
    with contextlib.suppress(BaseException):
        group.gate.extend(5)
        group.enter(os.getpid())
        line = socket.create_connection((address, port))
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        if after:
            group.gate.shut()
        line.send(b"word")
        with contextlib.suppress(PermissionError), socket.socket(family, socket.SOCK_DGRAM) as datagrams:
            datagrams.sendto(b"word", (address, port))
        time.sleep(0.3)
    os._exit(0)


def until_reset(line: socket.socket) -> tuple[bytes, bool]:
    received = b""
    try:
        while chunk := line.recv(100):
            received += chunk
    except ConnectionResetError:
        return received, True
    return received, False


@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
@pytest.mark.parametrize("after", [False, True])
def test_only_a_reset_passes_a_shut_gate(
    group: gate.Group, family: int, address: str, *, after: bool
) -> None:
    with socket.create_server((address, 0), family=family) as server:
        port = server.getsockname()[1]
        with socket.socket(family, socket.SOCK_DGRAM) as datagrams:
            datagrams.bind((address, port))
            datagrams.setblocking(False)  # noqa: FBT003 (its only parameter)
            child = in_group(group, family, address, port, after=after)
            line, _ = server.accept()
            line.settimeout(5)
            with line:
                received, reset = until_reset(line)
            os.waitpid(child, 0)
            datagram = b""
            with contextlib.suppress(BlockingIOError):
                datagram = datagrams.recv(100)
    assert reset
    assert (received, datagram) == ((b"", b"") if after else (b"word", b"word"))


def refused_to_send() -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        try:
            line.sendto(b"word", ("127.0.0.1", 9))
        except PermissionError:
            return True
    return False


def test_a_gate_that_nobody_holds_open_is_shut(group: gate.Group) -> None:
    group.gate.extend(0.2)
    time.sleep(0.3)
    child = os.fork()
    if child == 0:
        code = 1
        with contextlib.suppress(BaseException):
            group.enter(os.getpid())
            code = 0 if refused_to_send() else 1
        os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
