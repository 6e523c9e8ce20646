"""Starts the first instance of the agent, and the catalogue."""

import http.client
import subprocess
import time

PATIENCE = 10


def ready(port):
    """Wait until a port answers."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        place = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
        try:
            place.request("GET", "/")
            place.getresponse().read()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise SystemExit(f"nothing answers on port {port}")


def run(settings, journal):
    """Start them, and note which processes they are."""
    null = subprocess.DEVNULL
    pids = {}
    for name, program in settings["programs"].items():
        words = ["python3", "-S", *program["words"]]
        process = subprocess.Popen(
            words, cwd=program["folder"], stdin=null, stdout=null, stderr=null, start_new_session=True
        )
        pids[name] = process.pid
    for program in settings["programs"].values():
        ready(program["port"])
    journal.note("first", **pids)
