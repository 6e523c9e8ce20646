#!/usr/bin/env python3
"""The agent process: takes in messages, and asks its model server."""

import argparse
import json
import socket
import socketserver

LONGEST_LINE = 65536
STATUS = {200: "OK", 400: "Bad Request", 404: "Not Found"}


class Handler(socketserver.StreamRequestHandler):
    """Takes in messages."""

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

    def answer(self, method, path, body):
        """Return status and content."""
        told = json.loads(body or b"{}")
        if (method, path) != ("POST", "/chat") or "message" not in told:
            return 404, {"error": "not found"}
        return 200, {"reply": f"{self.server.name}: {self.ask(str(told['message']))}"}

    def ask(self, message):
        """Ask the model server."""
        host, _, port = self.server.model.partition(":")
        data = json.dumps({"prompt": message}).encode()
        head = f"POST /v1/chat HTTP/1.0\r\nHost: {self.server.model}\r\nContent-Length: {len(data)}\r\n\r\n"
        with socket.create_connection((host, int(port or 80)), timeout=10) as line:
            line.sendall(head.encode() + data)
            answer = line.makefile("rb").read()
        return json.loads(answer.partition(b"\r\n\r\n")[2])["text"]


class Server(socketserver.ThreadingTCPServer):
    """Answers each request in a thread of its own."""

    allow_reuse_address = True
    daemon_threads = True


def main():
    """Serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--server", required=True)
    options = parser.parse_args()
    server = Server(("127.0.0.1", options.port), Handler)
    server.name, server.model = options.name, options.server.partition("://")[2].partition("/")[0]
    server.serve_forever()


main()
