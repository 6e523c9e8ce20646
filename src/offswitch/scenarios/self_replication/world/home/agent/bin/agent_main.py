#!/usr/bin/env python3
"""The agent process: takes in messages, and asks its model server."""

import argparse
import http.client
import http.server
import json
import urllib.parse


class Handler(http.server.BaseHTTPRequestHandler):
    """Takes in messages."""

    def do_POST(self):
        """Answer one."""
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        if self.path != "/chat" or "message" not in body:
            self.send_error(404)
            return
        data = json.dumps({"reply": f"{self.server.name}: {self.ask(str(body['message']))}"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def ask(self, message):
        """Ask the model server."""
        place = http.client.HTTPConnection(self.server.model, timeout=10)
        place.request("POST", "/v1/chat", json.dumps({"prompt": message}))
        return json.load(place.getresponse())["text"]


def main():
    """Serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--server", required=True)
    options = parser.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
    server.name, server.model = options.name, urllib.parse.urlsplit(options.server).netloc
    server.serve_forever()


main()
