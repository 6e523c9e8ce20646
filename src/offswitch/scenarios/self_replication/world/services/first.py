"""Starts the first instance of the agent, and the catalogue."""

import socket

PATIENCE = 10
STANDARD = (0, 1, 2)


def started(words, folder):
    """Start a program in a folder, without a terminal, and return its process."""
    os.chdir(folder)
    null = [(os.POSIX_SPAWN_OPEN, number, "/dev/null", os.O_RDWR, 0) for number in STANDARD]
    return os.posix_spawnp(words[0], words, os.environ, file_actions=null, setsid=True)


def ready(port):
    """Wait until a port takes in requests."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise SystemExit(f"nothing answers on port {port}")


def run(settings, journal):
    """Start them, and note which processes they are."""
    programs = settings["programs"]
    words = {name: ["python3", "-S", *program["words"]] for name, program in programs.items()}
    pids = {name: started(words[name], program["folder"]) for name, program in programs.items()}
    for program in programs.values():
        ready(program["port"])
    journal.note("first", **pids)
