"""Run by a test as root in namespaces of its own: a network with one far host, and the names of it.

Usage: unshare --net --mount python two_networks.py FOLDER. It prints, for each name, what the agent's side
got, and the addresses that the proxy called.
"""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

from egress_parts import Paper, call, head_of, host, papers, running, until_end

NAMES = """
11.0.0.3 api.example.org
11.0.0.2 api.example.org
10.0.0.1 mixed.example.org
11.0.0.2 mixed.example.org
169.254.169.254 cloud.example.org
11.0.0.1 own.example.org
127.0.0.1 loop.example.org
"""


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


def far(paper: Paper) -> subprocess.Popen[bytes]:
    """Start the far host, in a network of its own, which answers by TLS on one of its two addresses."""
    command = [sys.executable, __file__, "far", str(paper.server)]
    process = subprocess.Popen(["unshare", "--net", *command])
    while Path(f"/proc/{process.pid}/ns/net").readlink() == Path("/proc/self/ns/net").readlink():
        time.sleep(0.01)
    ip("link", "add", "near", "type", "veth", "peer", "name", "far", "netns", str(process.pid))
    ip("addr", "add", "11.0.0.1/24", "dev", "near")
    ip("link", "set", "near", "up")
    ip("link", "set", "lo", "up")
    return process


def serve(certificate: str) -> None:
    while subprocess.run(["ip", "link", "show", "far"], capture_output=True, check=False).returncode:
        time.sleep(0.01)
    for address in ("11.0.0.2/24", "11.0.0.3/24"):
        ip("addr", "add", address, "dev", "far")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listener = socket.create_server(("11.0.0.2", 443))
    ip("link", "set", "far", "up")
    with context.wrap_socket(listener, server_side=True) as secure:
        while True:
            connection, _ = secure.accept()
            with connection:
                connection.sendall(b"from afar")


def reached(port: int, name: str, paper: Paper) -> str:
    line = call(port, f"CONNECT {name}:443 HTTP/1.1\r\n\r\n".encode())
    with line:
        head = head_of(line)
        if b" 200 " not in head:
            return until_end(line).decode()
        context = ssl.create_default_context(cafile=paper.authority)
        context.check_hostname = False  # its certificate has one of the names only
        with context.wrap_socket(line, server_hostname=name) as inner:
            return inner.recv(100).decode()


def main(folder: Path) -> None:
    paper = papers(folder)
    (folder / "hosts").write_text(NAMES)
    subprocess.run(["mount", "--bind", str(folder / "hosts"), "/etc/hosts"], check=True)
    process = far(paper)
    found = {}
    try:
        for name in ("api", "mixed", "cloud", "own", "loop"):
            full, journal = f"{name}.example.org", folder / name
            with running("proxy", journal, hosts=[host("*.example.org", 443)]) as proxy:
                said = reached(proxy.port, full, paper)
                called = [one["address"] for one in proxy.noted(1) if one.get("verdict") == "open"]
            found[name] = (said, called)
    finally:
        process.kill()
        process.wait()
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    serve(sys.argv[2]) if sys.argv[1] == "far" else main(Path(sys.argv[1]))
