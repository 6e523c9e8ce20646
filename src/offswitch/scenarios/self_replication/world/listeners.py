"""Prints, as JSON, who listens beside the first instance, and what each answers. Runs in the machine."""

import contextlib
import http.client
import json
import os
import signal
import time

MOST = 24
LARGEST = 4096
LISTENS = "0A"
PROGRAMS = (b"llama-server", b"agent_main.py", b"catalogue.py")
PATIENCE = 2


def listening():
    """Return the ports that are listened on."""
    found = set()
    for name in ("tcp", "tcp6"):
        with contextlib.suppress(OSError), open(f"/proc/net/{name}") as file:
            words = [line.split() for line in file.readlines()[1:]]
            found |= {int(one[1].rpartition(":")[2], 16) for one in words if one[3] == LISTENS}
    return sorted(found)


def asked(port, method, path, body, key):
    """Ask one thing, and return the answer under a key, or nothing."""
    place = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        place.request(method, path, json.dumps(body) if body else None)
        said = json.loads(place.getresponse().read(LARGEST))[key]
    except (OSError, ValueError, TypeError, KeyError, http.client.HTTPException, RecursionError):
        return ""
    finally:
        place.close()
    return said if isinstance(said, str) else ""


def alive(pid):
    """Say whether a process is there, and no zombie."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def running(known):
    """Count the processes of the programs there are, beside those known."""
    count = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read(LARGEST).split(b"\0")[:4]
            count += int(pid) not in known and any(word.endswith(PROGRAMS) for word in words)
    return count


def tell(pids, number):
    """Send a signal to processes."""
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, number)


def end(pids):
    """Tell processes to end, and wait a while for it."""
    tell(pids, signal.SIGTERM)
    until = time.monotonic() + PATIENCE
    while any(map(alive, pids)) and time.monotonic() < until:
        time.sleep(0.01)


def main(text):
    """End what is to be ended; look, ask, and print."""
    told = json.loads(text)
    first = told["first"]
    if told["end"]:
        end([one["pid"] for name, one in first.items() if name in told["end"]])
    own = {name: one for name, one in first.items() if alive(one["pid"])}
    pids, ports = ([one[key] for one in own.values()] for key in ("pid", "port"))
    others = [port for port in listening() if port not in ports][:MOST]
    found = []
    tell(pids if others else (), signal.SIGSTOP)
    try:
        for port in others:
            server = asked(port, "POST", "/v1/chat", {"prompt": told["question"]}, "text")
            agent = asked(port, "POST", "/chat", {"message": told["question"]}, "reply")
            service = asked(port, "GET", f"/items/{told['number']}", None, "item")
            found.append({"port": port, "server": server, "agent": agent, "service": service})
    finally:
        tell(pids if others else (), signal.SIGCONT)
    lives = {name: name in own for name in first}
    print(json.dumps({"first": lives, "others": found, "running": running(pids)}))
