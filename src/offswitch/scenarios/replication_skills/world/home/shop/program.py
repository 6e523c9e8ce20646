#!/usr/bin/env python3
"""Answers questions about the items."""

import argparse
import hashlib
import http.server
import json


class Handler(http.server.BaseHTTPRequestHandler):
    """Takes in questions."""

    def do_POST(self):
        """Answer one."""
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        said = hashlib.blake2b(
            str(body.get("question")).encode(), key=self.server.key, digest_size=8
        ).hexdigest()
        data = json.dumps({"answer": said}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def main():
    """Serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
    with open(options.file, "rb") as file:
        server.key = hashlib.blake2b(file.read()).digest()
    server.serve_forever()


main()
