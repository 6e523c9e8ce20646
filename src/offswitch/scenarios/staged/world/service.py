"""The ground of a service: goes to the background, answers over HTTP, and keeps a signed journal.

It is started afresh for every trial, so that its imports are paid for each time. On the standard library's
`http.server`, which brings the parsing of mail, TLS, and kinds of files, a start took 45 ms of CPU time; on
`socketserver` it takes 25 ms (CPython 3.11, the mean of 100 starts). What a world needs of HTTP is little.
"""

import contextlib
import ctypes
import hashlib
import hmac
import json
import os
import socket
import socketserver
import sys
import threading
import time

PR_SET_DUMPABLE = 4
LARGEST_BODY = 256 * 1024
LONGEST_LINE = 64 * 1024
MOST_HEADERS = 100
MOST_DIGITS = 18
KEEP_SIZE = 1
RESERVED = 11 * 1024 * 1024
"""Bytes kept for the journal: more than is ever read, so that a full disk cannot silence it."""
LINGER = 5
"""Seconds for which the rest of a refused request is thrown away, so that the answer is not lost with it."""
REASONS = {
    200: "OK",
    201: "Created",
    302: "Found",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    505: "HTTP Version Not Supported",
    507: "Insufficient Storage",
}
PAGE = (
    "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)


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


class RefusedError(Exception):
    """A request that cannot be read: the status that says so."""


class Headers:
    """What stands above the body of a request, line by line; a line that is no header counts as a name."""

    def __init__(self, lines):
        parted = [line.partition(":") for line in lines]
        self.sound = all(colon and name and name == name.strip() for name, colon, _ in parted)
        self.pairs = [(name, value.strip(" \t")) for name, _, value in parted]

    def all(self, name):
        """Return the values of a header that may come several times."""
        return [value for own, value in self.pairs if own.lower() == name.lower()]

    def get(self, name, default=None):
        """Return the first value of a header."""
        return next(iter(self.all(name)), default)

    def items(self):
        """Return all names and values, in order."""
        return list(self.pairs)

    def __str__(self):
        return "".join(f"{name}: {value}\n" for name, value in self.pairs) + "\n"


def number(text):
    """Return a number of digits alone, or refuse the request."""
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise RefusedError(400)
    return int(text)


class Handler(socketserver.StreamRequestHandler):
    """Answers requests with JSON. Programs built on it define `answer(method, path, body, headers)`.

    A connection goes on after a request only where it is certain that the request was read to its end:
    what is sent as a body is never taken for the next request.
    """

    timeout = 30
    wbufsize = -1

    def handle(self):
        """Answer one request after the other; of the last, also what is not read is counted."""
        self.close_connection = False
        try:
            while not self.close_connection:
                self.handle_one()
        finally:
            if not self.is_read():
                self.linger()

    def handle_one(self):
        """Answer one request."""
        self.command, self.path, self.headers, self.first = "", "", None, 0
        self.taken = self.bare = False
        try:
            if act := self.read_head():
                act()
        except RefusedError as no:
            self.refuse(no.args[0])
        self.wfile.flush()

    def read_head(self):
        """Read a request up to its body; return the method for it, or None at the end of the connection."""
        line = self.read_line(414)
        words, self.first = line.split(), len(line)
        if not words:
            self.close_connection = True
            return None
        version = self.read_version(words)
        self.command, self.path = (word.decode("latin-1") for word in words[:2])
        if self.path.startswith("//"):
            self.path = "/" + self.path.lstrip("/")
        self.headers = Headers(self.read_headers())
        wishes = [wish.strip() for wish in self.headers.get("Connection", "").lower().split(",")]
        self.close_connection = "close" in wishes or (version < (1, 1) and "keep-alive" not in wishes)
        act = getattr(self, f"do_{self.command}", None)
        if act is None:
            raise RefusedError(501)
        if version >= (1, 1) and self.headers.get("Expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        return act

    def read_version(self, words):
        """Return the version of HTTP that the words of a first line ask for."""
        if words[0] == b"GET" and len(words) == 2:
            self.bare = True
            return 0, 9
        name, _, version = words[-1].decode("latin-1").partition("/")
        major, _, minor = version.partition(".")
        if name != "HTTP" or len(words) != 3:
            raise RefusedError(400)
        version = number(major), number(minor)
        if version >= (2, 0):
            raise RefusedError(505)
        return version

    def read_headers(self):
        """Return the lines between the first one and the body."""
        lines = []
        while line := self.read_line(431).decode("latin-1").rstrip("\r\n"):
            lines.append(line)
            if len(lines) > MOST_HEADERS:
                raise RefusedError(431)
        return lines

    def read_line(self, status):
        """Return a line, or refuse one that is too long with a status."""
        line = self.rfile.readline(LONGEST_LINE + 1)
        if len(line) > LONGEST_LINE:
            raise RefusedError(status)
        return line

    def length(self):
        """Return the announced size of the body; 0 without one, or where it comes in chunks."""
        found = self.headers.all("Content-Length") or ["0"]
        if len(found) > 1:
            raise RefusedError(400)
        return number(found[0])

    def body(self):
        """Read the body; ask for its length first, it may be too long."""
        data = self.rfile.read(self.length())
        self.taken = True
        return data

    def is_read(self):
        """Say whether nothing of the request is left on the line."""
        if self.headers is None or not self.headers.sound or self.headers.all("Transfer-Encoding"):
            return False
        return self.taken or not self.headers.all("Content-Length")

    def linger(self):
        """Throw away what still comes: who closes a connection unread takes the answer back."""
        with contextlib.suppress(OSError):
            self.request.shutdown(socket.SHUT_WR)
        end = time.monotonic() + LINGER
        told = untold = 0
        try:
            while (left := end - time.monotonic()) > 0:
                self.request.settimeout(left)
                if not (came := len(self.rfile.read1(LONGEST_LINE))):
                    break
                untold += came
                if untold > told:  # as it comes, but a few times only
                    self.unheard(untold)
                    told, untold = told + untold, 0
        finally:
            self.unheard(untold)

    def carried(self):
        """Return the size of the body that is announced; of one without a size, what may be in a line."""
        if self.headers is None:
            return self.first
        try:
            return LONGEST_LINE if self.headers.all("Transfer-Encoding") else self.length()
        except RefusedError:
            return LONGEST_LINE

    def unheard(self, size):
        """Called where a request is refused unread: who takes in files notes that so much was sent."""

    def handle_any(self):
        """Read a request, and send its answer."""
        if self.length() > LARGEST_BODY:
            return self.reply(413, {"error": "request too large"})
        raw = self.body()
        try:
            body = json.loads(raw) if raw else {}
        except (ValueError, RecursionError):
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
        self.send(status, "text/plain" if isinstance(content, str) else "application/json", text.encode())

    def refuse(self, status):
        """Send the page of a request that was not understood, and close."""
        self.close_connection = True
        self.unheard(LONGEST_LINE if status in {414, 431} else self.carried())
        page = PAGE.format(f"{status} {REASONS[status]}").encode()
        self.send(status, "text/html", page, hidden=self.command == "HEAD")

    def send(self, status, kind, data, *, hidden=False):
        """Send an answer with its headers; with them alone, where the answer is hidden."""
        self.close_connection = self.close_connection or self.bare or not self.is_read()
        head = [
            f"HTTP/1.1 {status} {REASONS.get(status, '')}",
            "Server: nginx",
            time.strftime("Date: %a, %d %b %Y %H:%M:%S GMT", time.gmtime()),
            f"Content-Type: {kind}",
            f"Content-Length: {len(data)}",
            *(["Connection: close"] if self.close_connection else []),
        ]
        if not self.bare:
            self.wfile.write("\r\n".join([*head, "", ""]).encode("latin-1"))
        self.wfile.write(b"" if hidden else data)


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Answers each connection in a thread of its own."""

    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, *_connection):
        """Say nothing: nobody reads it, and there is the journal."""


def serve(handler, host, port):
    """Return a server that is bound, so that a request can wait for it."""
    return Server((host, port), handler)


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
