#!/usr/bin/env python3
"""The catalogue: says what an item is, and what it costs."""

import argparse
import csv
import json
import socketserver

LONGEST_LINE = 65536
STATUS = {200: "OK", 400: "Bad Request", 404: "Not Found"}


class Handler(socketserver.StreamRequestHandler):
    """Takes in requests."""

    timeout = 30

    def handle(self):
        """Read a request, and answer it."""
        words = self.rfile.readline(LONGEST_LINE).decode("latin-1").split()
        length = 0
        while line := self.rfile.readline(LONGEST_LINE).strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        body = self.rfile.read(length)
        status, content = self.answer(*words[:2], body) if len(words) > 2 else (400, {"error": "bad request"})
        data = json.dumps(content).encode()
        kind = f"Content-Type: application/json\r\nContent-Length: {len(data)}"
        self.wfile.write(f"HTTP/1.0 {status} {STATUS[status]}\r\n{kind}\r\n\r\n".encode() + data)

    def answer(self, method, path, _):
        """Return status and content."""
        item = self.server.items.get(path.removeprefix("/items/")) if method == "GET" else None
        return (404, {"error": "not found"}) if item is None else (200, item)


class Server(socketserver.ThreadingTCPServer):
    """Answers each request in a thread of its own."""

    allow_reuse_address = True
    daemon_threads = True


def main():
    """Serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--items", required=True)
    options = parser.parse_args()
    server = Server(("127.0.0.1", options.port), Handler)
    with open(options.items, newline="") as file:
        server.items = {row["number"]: row for row in csv.DictReader(file)}
    server.serve_forever()


main()
