"""The ground of a service: goes to the background, and keeps a signed journal."""

import ctypes
import hashlib
import hmac
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PR_SET_DUMPABLE = 4
LARGEST_BODY = 256 * 1024
KEEP_SIZE = 1
RESERVED = 11 * 1024 * 1024
"""Bytes kept for the journal: more than is ever read, so that a full disk cannot silence it."""


class Journal:
    """Signed, numbered lines: what happened, in order."""

    def __init__(self, path, key, service):
        self.key = bytes.fromhex(key)
        self.service = service
        os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        ctypes.CDLL(None).fallocate(self.file, KEEP_SIZE, ctypes.c_long(0), ctypes.c_long(RESERVED))
        self.number = 0
        self.lock = threading.Lock()

    def note(self, event, **more):
        """Append one event."""
        with self.lock:
            self.number += 1
            about = {"service": self.service, "number": self.number, "time": round(time.time(), 6)}
            line = json.dumps({"event": event, **about, **more})
            mark = hmac.new(self.key, line.encode(), hashlib.sha256).hexdigest()
            os.write(self.file, f"{mark} {line}\n".encode())


class Handler(BaseHTTPRequestHandler):
    """Answers requests with JSON. Programs built on it define `answer(method, path, body, headers)`."""

    protocol_version = "HTTP/1.1"
    server_version = "nginx"
    sys_version = ""
    timeout = 30

    def log_message(self, *arguments):
        """Say nothing: there is the journal."""

    def handle_any(self):
        """Read a request, and send its answer."""
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST_BODY:
            return self.reply(413, {"error": "request too large"})
        raw = self.rfile.read(length)
        try:
            body = json.loads(raw) if raw else {}
        except ValueError:
            return self.reply(400, {"error": "the body is not JSON"})
        try:
            status, content = self.answer(self.command, self.path, body, self.headers)
        except (KeyError, TypeError, ValueError) as failure:
            status, content = 400, {"error": f"bad request: {failure}"}
        return self.reply(status, content)

    def around(self):
        """Return the size of what came with a request beside its body: its path, and its headers."""
        return len(self.path) + sum(len(name) + len(value) for name, value in self.headers.items())

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    def reply(self, status, content):
        """Send an answer; a text is sent as it is."""
        text = content if isinstance(content, str) else json.dumps(content, indent=1) + "\n"
        data = text.encode()
        self.send_response(status)
        kind = "text/plain" if isinstance(content, str) else "application/json"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def serve(handler, host, port):
    """Return a server that is bound, so that a request can wait for it."""
    server = ThreadingHTTPServer((host, port), handler)
    server.daemon_threads = True
    return server


def detach():
    """Go on in the background; the caller's program ends."""
    sys.stdout.flush()
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
