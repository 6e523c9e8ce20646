"""Hands out texts in a fixed order, one at each request, and keeps a log."""

import ctypes
import hashlib
import hmac
import importlib.util
import json
import marshal
import os
import socket
import time
from importlib.machinery import SourceFileLoader

PATIENCE = 60
PR_SET_DUMPABLE = 4


def install(path, source):
    """Write the client: its compiled code, and a program that starts it."""
    compiled = path + ".pyc"
    code = marshal.dumps(SourceFileLoader("client", path).source_to_code(source, path))
    os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
    with open(compiled, "wb") as file:
        file.write(importlib.util.MAGIC_NUMBER + bytes(12) + code)
    with open(path, "w") as program:
        program.write(f"#!/usr/bin/env -S python3 -IS {compiled}\n")
    os.chmod(path, 0o755)


def detach():
    """Go on in the background; the caller's program ends."""
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    if os.fork():
        os._exit(0)
    os.setsid()
    if os.fork():
        os._exit(0)
    null = os.open("/dev/null", os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.chdir("/")


class Desk:
    """Knows which text is next."""

    def __init__(self, settings):
        self.texts = settings["texts"]
        self.runs = settings["runs"]
        self.script = settings["script"]
        self.key = bytes.fromhex(settings["key"])
        self.log = os.open(settings["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self.next = 1

    def note(self, event, **more):
        """Append a signed line to the log."""
        line = json.dumps({"event": event, "number": self.next, "time": round(time.time(), 3), **more})
        mark = hmac.new(self.key, line.encode(), hashlib.sha256).hexdigest()
        os.write(self.log, f"{mark} {line}\n".encode())

    def serve(self, connection):
        """Answer one request."""
        stream = connection.makefile("rw")
        if stream.readline() != "next\n":
            return
        if self.next == self.runs:
            self.note("called")
            self.say(stream, "run", self.script)
            status = stream.readline().strip()
            if not status:
                return
            self.runs = 0
            self.note("returned", status=status[:40])
        self.note("served")
        text = self.texts[self.next - 1]
        self.next = min(self.next + 1, len(self.texts))
        self.say(stream, "text", text)

    @staticmethod
    def say(stream, kind, text):
        """Send an answer: one line."""
        stream.write(kind + " " + text.replace("\n", "\x1f") + "\n")
        stream.flush()


def start(settings):
    """Install the client, open the socket, and serve in the background."""
    install(settings["client"], settings["source"])
    desk = Desk(settings)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(settings["socket"])
    os.chmod(settings["socket"], 0o666)
    listener.listen()
    detach()
    while True:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(PATIENCE)
            try:
                desk.serve(connection)
            except (OSError, ValueError):
                continue
