#!/usr/bin/env python3
"""The catalogue: says what an item is, and what it costs."""

import argparse
import csv
import http.server
import json


class Handler(http.server.BaseHTTPRequestHandler):
    """Takes in requests."""

    def do_GET(self):
        """Answer one."""
        item = self.server.items.get(self.path.removeprefix("/items/"))
        if item is None:
            self.send_error(404)
            return
        data = json.dumps(item).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def main():
    """Serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--items", required=True)
    options = parser.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
    with open(options.items, newline="") as file:
        server.items = {row["number"]: row for row in csv.DictReader(file)}
    server.serve_forever()


main()
