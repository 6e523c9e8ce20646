"""How long after a stop the last byte arrives that a guarded agent has sent: at most 10 ms; for root.

Agents in cells of their own send as fast as they can through the proxy and through the relay, plain and by
TLS, over one connection and over many, some to a receiver that takes little, some while every processor is
busy. They are stopped by an order to their stopper. The receiver keeps the kernel's own time of arrival of
the last bytes of each connection (SO_TIMESTAMPNS): neither its own delay nor what waits in its buffers
counts. A negative figure: the last byte came before the order was given; what had come to rest by then is an
error. The same is measured with each of the two barriers alone: the outlets' death, and the gate in the
kernel before outlets that live on. 30 rounds are 300 cuts with both, in about eight minutes.
Usage: python benchmarks/egress_cut.py [--rounds 30] [--alone 10] [--only WORD] [--json FILE]
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import ipaddress
import json
import math
import multiprocessing as mp
import os
import secrets
import signal
import socket
import ssl
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from offswitch.guard import registry
from offswitch.guard.egress import gate
from offswitch.guard.policy.model import Checks, Limits, Model, Network, Policy
from offswitch.guard.policy.resolve import resolve
from offswitch.guard.starting import start_guarded
from offswitch.guard.stop import order, stopper
from offswitch.guard.supervisor import Guarded

LIMIT_MS = 10.0
KEY = "sk-benchmark-0123456789"
SETTLE_SECONDS = 0.3
_STAMP_NS = 35  # SO_TIMESTAMPNS
_TIME = struct.Struct("ll")
_LITTLE = 4096

AGENT = """
import os, socket, ssl, sys, threading, time
way, target, secure = sys.argv[1:4]
port, count, busy = map(int, sys.argv[4:7])
for _ in range(busy):
    if os.fork() == 0:
        while True:
            pass
def line():
    sock = socket.create_connection(("127.0.0.1", port))
    if way == "relay":
        sock.sendall(b"POST /x HTTP/1.1\\r\\nHost: h\\r\\nContent-Length: 999999999999\\r\\n\\r\\n")
        return sock
    sock.sendall(f"CONNECT {target} HTTP/1.1\\r\\n\\r\\n".encode())
    head = b""
    while not head.endswith(b"\\r\\n\\r\\n"):
        head += sock.recv(1)
    if secure == "tls":
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        sock = context.wrap_socket(sock)
    return sock
def pour(sock):
    while True:
        sock.sendall(b"x" * 65536)
lines = [line() for _ in range(count)]
for one in lines:
    threading.Thread(target=pour, args=(one,), daemon=True).start()
time.sleep(60)
"""


class Kind(NamedTuple):
    """What an agent does when it is stopped.

    Attributes:
        way: "proxy" or "relay".
        tls: whether it is TLS that leaves.
        connections: how many it has open.
        slow: whether the receiver takes little.
        busy: endless loops in the cell, and as many on the host beside it.
    """

    way: str
    tls: bool = False
    connections: int = 1
    slow: bool = False
    busy: int = 0

    def __str__(self) -> str:
        """Return it for the table."""
        parts = [self.way, "TLS" if self.tls else "plain", f"{self.connections} open"]
        parts += ["slow receiver"] * self.slow + [f"{self.busy} busy loops"] * (self.busy > 0)
        return ", ".join(parts)


KINDS = (
    Kind("proxy"),
    Kind("proxy", tls=True),
    Kind("proxy", connections=100),
    Kind("proxy", slow=True),
    Kind("proxy", connections=20, busy=8),
    Kind("relay"),
    Kind("relay", tls=True),
    Kind("relay", tls=True, connections=50),
    Kind("relay", slow=True),
    Kind("relay", tls=True, connections=20, busy=8),
)


def papers(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for 127.0.0.1; return it with its key, and alone."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "benchmark")])
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.pem").write_bytes(private + public)
    (folder / "authority.pem").write_bytes(public)
    return folder / "server.pem", folder / "authority.pem"


class Receiver:
    """Takes what comes on every connection; runs in a process of its own."""

    def __init__(self, kind: Kind, certificate: Path) -> None:
        self._kind = kind
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate)
        self.last: dict[int, float] = {}
        self.bytes = 0
        self.listener = socket.socket()
        if kind.slow:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _LITTLE)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(512)

    def serve(self, about: Connection) -> None:
        """Serve, and answer each word with the last times of arrival and the number of bytes."""
        about.send(self.listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()
        while about.recv():
            about.send((list(self.last.values()), self.bytes))

    def _accept(self) -> None:
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self._take, args=(connection,), daemon=True).start()

    def _take(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, _STAMP_NS, 1)
        size = 1024 if self._kind.slow else 1 << 18
        with contextlib.suppress(OSError), connection:
            if self._kind.tls:
                self._greet(connection)
            while True:
                data, controls, _, _ = connection.recvmsg(size, 128)
                if not data:
                    return
                self.bytes += len(data)
                for _, kind, content in controls:
                    if kind == _STAMP_NS:
                        seconds, nanoseconds = _TIME.unpack(content)
                        self.last[id(connection)] = seconds + nanoseconds / 1e9
                if self._kind.slow:
                    time.sleep(0.002)

    def _greet(self, connection: socket.socket) -> None:
        """Make the handshake; what comes afterwards is taken as it is."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        inner = self._tls.wrap_bio(incoming, outgoing, server_side=True)
        while True:
            try:
                inner.do_handshake()
            except ssl.SSLWantReadError:
                connection.sendall(outgoing.read())
                incoming.write(connection.recv(65536))
            else:
                connection.sendall(outgoing.read())
                return


def receive(kind: Kind, certificate: Path, about: Connection) -> None:
    """Run a receiver."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Receiver(kind, certificate).serve(about)


@contextlib.contextmanager
def receiver(kind: Kind, certificate: Path) -> Iterator[Connection]:
    """Start a receiver; what it says first is its port."""
    context = mp.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=receive, args=(kind, certificate, theirs), daemon=True)
    process.start()
    try:
        yield ours
    finally:
        process.kill()
        process.join()


@contextlib.contextmanager
def busy(loops: int) -> Iterator[None]:
    """Keep the processors busy."""
    processes = [subprocess.Popen([sys.executable, "-S", "-c", "while True: pass"]) for _ in range(loops)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def policy_of(kind: Kind, port: int, authority: Path) -> Policy:
    """Return a policy that lets an agent send to the receiver in this way."""
    limits, checks = Limits(memory_mb=1024, processes=400), Checks(seal_seconds=600, probe_seconds=600)
    if kind.way == "proxy":
        network = Network(hosts=(("" if kind.tls else "tcp://") + f"127.0.0.1:{port}",))
        return Policy(network=network, limits=limits, checks=checks)
    url = f"{'https' if kind.tls else 'http'}://127.0.0.1:{port}"
    return Policy(model=Model(url=url, key="KEY", authorities=str(authority)), limits=limits, checks=checks)


@contextlib.contextmanager
def guarded_agent(kind: Kind, port: int, authority: Path, folder: Path) -> Iterator[Guarded]:
    """Start a guarded agent that pours, with its heartbeat."""
    policy = policy_of(kind, port, authority)
    resolved = resolve(policy, folder, folder.parent / "home", {"KEY": KEY})
    name = f"cut-{secrets.token_hex(4)}"
    guarded = start_guarded(name, ["python3"], policy, resolved, frozenset({"memory", "pids"}))
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(0.1):
            guarded.beat()

    beating = threading.Thread(target=beat)
    beating.start()
    try:
        outlet = guarded.outlets.running[0]
        words = [kind.way, f"127.0.0.1:{port}", "tls" if kind.tls else "plain"]
        numbers = map(str, (outlet.port, kind.connections, kind.busy))
        command = ["python3", "-c", AGENT, *words, *numbers]
        work = guarded.cell.execute(command)
        yield guarded
    finally:
        ended.set()
        beating.join()
        for fd in (work.status, work.stdout, work.stderr):
            if fd is not None:
                os.close(fd)
        guarded.close()
        with contextlib.suppress(OSError):
            registry.forget(name)


class Cut(NamedTuple):
    """What came of one cut.

    Attributes:
        late_ms: from the order to the arrival of the last byte.
        received: bytes in all.
        record: the stopper's, if it was told to stop.
    """

    late_ms: float
    received: int
    record: dict[str, Any]


def by_order(guarded: Guarded) -> dict[str, Any]:
    """Order the stop."""
    record: dict[str, Any] = order.give(stopper.STOP, guarded.folder / registry.SOCKET)["record"]
    return record


def by_gate(guarded: Guarded) -> dict[str, Any]:
    """Shut the gate, and leave the outlets alive; the stopper, which would open it again, is held."""
    os.kill(guarded.stopper.process.pid, signal.SIGSTOP)
    if guarded.outlets.group is None:
        raise SystemExit(f"there is no gate: {guarded.outlets.standing}")
    guarded.outlets.group.gate.shut()
    return {}


def one(
    kind: Kind, certificate: Path, authority: Path, cut: Callable[[Guarded], dict[str, Any]] = by_order
) -> Cut:
    """Cut one agent off while it sends."""
    with tempfile.TemporaryDirectory() as place, receiver(kind, certificate) as about, busy(kind.busy):
        folder = Path(place, "work")
        folder.mkdir()
        Path(place, "home").mkdir()
        Path(place).chmod(0o755)  # so that the cell's user, who is not root outside, reaches it
        with guarded_agent(kind, about.recv(), authority, folder) as guarded:
            end = time.monotonic() + 30
            while True:
                time.sleep(SETTLE_SECONDS)
                about.send(True)  # noqa: FBT003 (a word)
                times, count = about.recv()
                if len(times) >= kind.connections and count > kind.connections:
                    break
                if time.monotonic() > end:
                    raise SystemExit(f"{kind}: only {len(times)} connections came, {count} bytes")
            begun = time.time()
            record = cut(guarded)
            time.sleep(SETTLE_SECONDS * (5 if kind.slow else 1))
            about.send(True)  # noqa: FBT003 (a word)
            times, count = about.recv()
            if not record:
                os.kill(guarded.stopper.process.pid, signal.SIGCONT)
            if max(times) < begun - SETTLE_SECONDS:
                raise SystemExit(f"{kind}: nothing was being sent when it was cut")
    return Cut((max(times) - begun) * 1000, count, record)


def _refuse() -> gate.Group:
    raise OSError("left out, to compare")


@contextlib.contextmanager
def barriers(which: str) -> Iterator[None]:
    """Leave out the gate, if it is the "death" of the outlets alone that is measured."""
    before = gate.make
    if which == "death":
        gate.make = _refuse
    try:
        yield
    finally:
        gate.make = before


def show(what: str, late: list[float]) -> dict[str, Any]:
    """Print one line of the table and return it; the percentile is that of the nearest rank."""
    late = sorted(late)
    high = late[math.ceil(len(late) * 0.99) - 1]
    row = {"what": what, "cuts": len(late), "p50": statistics.median(late), "p99": high, "max": late[-1]}
    row["held"] = late[-1] <= LIMIT_MS
    print(
        f"{what:<43} n {len(late):4}  p50 {row['p50']:7.2f}  p99 {high:7.2f}  max {late[-1]:7.2f} ms"
        f"  {'held' if row['held'] else 'MISSED'}",
        flush=True,
    )
    return row


def main(arguments: argparse.Namespace) -> bool:
    """Measure and print; True if the limit is kept by both barriers together."""
    rows = []
    with tempfile.TemporaryDirectory() as place:
        certificate, authority = papers(Path(place))
        for which in ("both", "death", "gate"):
            cut = by_gate if which == "gate" else by_order
            rounds, every = arguments.rounds if which == "both" else arguments.alone, []
            for kind in KINDS:
                if arguments.only in f"{which}: {kind}" and rounds:
                    with barriers(which):
                        late = [one(kind, certificate, authority, cut).late_ms for _ in range(rounds)]
                    rows.append(show(f"{which}: {kind}", late))
                    every += late
            if every:
                rows.append(show(f"{which}: all", every))
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1))
    return all(row["held"] for row in rows if str(row["what"]).startswith("both"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30, help="of each kind, with both barriers")
    parser.add_argument("--alone", type=int, default=10, help="of each kind, with each barrier alone")
    parser.add_argument("--only", default="", help="only what holds this word")
    parser.add_argument("--json", type=Path)
    raise SystemExit(0 if main(parser.parse_args()) else 1)
