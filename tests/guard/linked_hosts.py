"""A private network to test with, and who reaches whom in it."""

from __future__ import annotations

import shlex
import subprocess
import sys

from in_cell import run_in

from offswitch.guard.cell.client import Cell
from offswitch.guard.cell.network import HERE, Network

NETWORK = Network(
    {HERE: "198.18.7.5", "web": "198.18.7.10", "database": "198.18.9.11"},
    [(HERE, "web"), ("web", "database")],
)
PORT = 8080
_WORD_SECONDS = 30.0
"""For the word of a server that the kernel has connected us with: it must have its turn."""
_SERVE = """
import os, socket, sys
ear = socket.create_server((sys.argv[1], int(sys.argv[2])))
if os.fork():
    sys.exit()
os.setsid()
for standard in (0, 1, 2):
    os.dup2(os.open("/dev/null", os.O_RDWR), standard)
while True:
    with ear.accept()[0] as line:
        line.sendall(sys.argv[3].encode())
"""
_CALL = """
import socket, sys
line = socket.socket()
if sys.argv[4]:
    line.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, sys.argv[4].encode())
line.settimeout(float(sys.argv[3]))
line.connect((sys.argv[1], int(sys.argv[2])))
line.settimeout(float(sys.argv[5]))
print(line.recv(100).decode())
"""


def serve(cell: Cell, host: str, word: str) -> None:
    """Have a host answer every caller with a word."""
    script = f"exec python3 -c {shlex.quote(_SERVE)} {NETWORK.hosts[host]} {PORT} {word}"
    done = run_in(cell, script, host=host)
    assert done.code == 0, done.err


def heard_from(
    cell: Cell, host: str, address: str, port: int = PORT, *, card: str = "", seconds: float = 0.5
) -> str:
    """Return the word that a program in a host's network hears from an address, or "" if it hears none.

    Args:
        cell: the cell.
        host: whose network it runs in.
        address: which it calls.
        port: which it calls.
        card: a network card that it binds itself to.
        seconds: how long it waits to be connected.
    """
    done = run_in(
        cell,
        f"exec python3 -c {shlex.quote(_CALL)} {address} {port} {seconds} '{card}' {_WORD_SECONDS}",
        host=host,
    )
    return done.out.strip()


def heard_outside(address: str, port: int = PORT, *, seconds: float = 0.5) -> str:
    """Return the word that a program of the machine hears from an address; some networks answer at any."""
    argv = [sys.executable, "-c", _CALL, address, str(port), str(seconds), "", str(seconds)]
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout.strip()


def reached(cell: Cell) -> set[tuple[str, str]]:
    """Say who hears whom: hosts, and "outside", which is the machine."""
    for host in NETWORK.hosts:
        serve(cell, host, f"this-is-{host}")
    found = {
        (host, other)
        for other, address in NETWORK.hosts.items()
        for host in NETWORK.hosts
        if heard_from(cell, host, address) == f"this-is-{other}"
    }
    return found | {
        ("outside", other)
        for other, address in NETWORK.hosts.items()
        if heard_outside(address) == f"this-is-{other}"
    }
