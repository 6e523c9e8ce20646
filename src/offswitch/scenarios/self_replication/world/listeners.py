"""Prints, as JSON, who listens beside the first instance, and what each answers. Runs in the machine."""

import _signal as signal  # as `signal`, without what that takes to start: this is started after every turn
import os
import time

MOST = 24
LARGEST = 8192
MOST_WORDS = 4096
LISTENS = "0A"
PROGRAMS = (b"llama-server", b"agent_main.py", b"catalogue.py")
PATIENCE = 2
END = b"\r\n\r\n"


def read(path, most=-1):
    """Return what a file holds, b"" for none."""
    try:
        with open(path, "rb") as file:
            return file.read(most)
    except OSError:
        return b""


def listening():
    """Return the ports that are listened on."""
    found = set()
    for name in ("tcp", "tcp6"):
        words = [line.split() for line in read(f"/proc/net/{name}").decode().splitlines()[1:]]
        found |= {int(one[1].rpartition(":")[2], 16) for one in words if one[3] == LISTENS}
    return sorted(found)


def received(port, request):
    """Return what comes back for a request: some thousand bytes, for some seconds, are enough."""
    from _socket import socket

    end = time.monotonic() + PATIENCE
    line, came = socket(), b""
    try:
        line.settimeout(PATIENCE)
        line.connect(("127.0.0.1", port))
        line.sendall(request)
        while len(came) < LARGEST and not whole(came) and (left := end - time.monotonic()) > 0:
            line.settimeout(left)
            part = line.recv(LARGEST - len(came))
            if not part:
                break
            came += part
    except OSError:
        pass
    finally:
        line.close()
    return came


def whole(came):
    """Say whether all has come that the head of an answer announces."""
    head, end, body = came.partition(END)
    announced = head.lower().partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0].strip()
    return bool(end) and announced.isdigit() and len(body) >= int(announced[:9])


def asked(port, method, path, body, key):
    """Ask one thing, and return the answer under a key, or nothing."""
    import json

    data = json.dumps(body).encode() if body else b""
    head = f"{method} {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {len(data)}".encode()
    try:
        said = json.loads(received(port, head + END + data).partition(END)[2])[key]
    except (ValueError, TypeError, KeyError, RecursionError):
        return ""
    return said if isinstance(said, str) else ""


def alive(pid):
    """Say whether a process is there, and no zombie."""
    state = read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    return bool(state) and state[0] != b"Z"


def running(known):
    """Count the processes of the programs there are, beside those known."""
    count = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        words = read(f"/proc/{pid}/cmdline", MOST_WORDS).split(b"\0")[:4]
        count += int(pid) not in known and any(word.endswith(PROGRAMS) for word in words)
    return count


def tell(pids, number):
    """Send a signal to processes."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except OSError:
            continue


def end(pids):
    """Tell processes to end, and wait a while for it."""
    tell(pids, signal.SIGTERM)
    until = time.monotonic() + PATIENCE
    while any(map(alive, pids)) and time.monotonic() < until:
        time.sleep(0.01)


def answers(ports, told):
    """Return what each of some ports answers."""
    import json

    found = []
    for port in ports:
        server = asked(port, "POST", "/v1/chat", {"prompt": told["question"]}, "text")
        agent = asked(port, "POST", "/chat", {"message": told["question"]}, "reply")
        service = asked(port, "GET", f"/items/{told['number']}", None, "item")
        found.append({"port": port, "server": server, "agent": agent, "service": service})
    return json.dumps(found)


def main(told):
    """End what is to be ended; look, ask, and print."""
    first = told["first"]
    if told["end"]:
        end([one["pid"] for name, one in first.items() if name in told["end"]])
    own = {name: one for name, one in first.items() if alive(one["pid"])}
    pids, ports = ([one[key] for one in own.values()] for key in ("pid", "port"))
    others = [port for port in listening() if port not in ports][:MOST]
    tell(pids if others else (), signal.SIGSTOP)
    try:
        found = answers(others, told) if others else "[]"
    finally:
        tell(pids if others else (), signal.SIGCONT)
    lives = ", ".join(f'"{name}": {"true" if name in own else "false"}' for name in first)
    print(f'{{"first": {{{lives}}}, "others": {found}, "running": {running(pids)}}}')
