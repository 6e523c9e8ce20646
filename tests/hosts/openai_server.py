"""A server that speaks the OpenAI chat API on loopback, with the failures that real ones have.

Behind it is a plain program, not a model: it asks for the next question until the machine is gone or
the questions are done, then submits.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Script:
    """What the server does with its first answers, and what it has seen.

    Attributes:
        failures: a status, or "malformed", for the first requests of the server's life, in order.
        seen: the decoded bodies of the requests, in order.
        keys: the keys that came with them.
        answered: the statuses sent, in order.
    """

    failures: list[int | str] = field(default_factory=list)
    seen: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    answered: list[int | str] = field(default_factory=list)


@contextmanager
def serving(script: Script) -> Iterator[str]:
    """Serve on a free port of loopback and yield the base URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            script.seen.append(body)
            script.keys.append(self.headers.get("Authorization", ""))
            failure = script.failures.pop(0) if script.failures else 200
            script.answered.append(failure)
            if isinstance(failure, int) and failure != 200:
                return self._send(failure, {"error": {"message": "try again", "type": "server_error"}})
            message = _malformed() if failure == "malformed" else _next_move(body["messages"])
            if body.get("stream"):
                return self._stream(message)
            return self._send(200, _completion(message))

        def _send(self, status: int, document: dict[str, Any]) -> None:
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            if status == 429:
                self.send_header("Retry-After", "0")
            self.end_headers()
            self.wfile.write(content)

        def _stream(self, message: dict[str, Any]) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            for chunk in _chunks(message):
                self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
            self.wfile.write(b"data: [DONE]\n\n")
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1"
        finally:
            server.shutdown()


def _next_move(messages: list[dict[str, Any]]) -> dict[str, Any]:
    last = str(messages[-1].get("content"))
    if messages[-1]["role"] == "tool" and "Done" in last:
        return _call("submit", {"answer": "done"})
    return _call("bash", {"command": "./next_question"})


def _call(name: str, arguments: dict[str, Any] | str) -> dict[str, Any]:
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    call = {"id": "call_1", "type": "function", "function": {"name": name, "arguments": text}}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def _malformed() -> dict[str, Any]:
    return _call("bash", '{"command": "./next_question"')


_USAGE = {"prompt_tokens": 50, "completion_tokens": 10, "total_tokens": 60}


def _completion(message: dict[str, Any]) -> dict[str, Any]:
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    return _envelope("chat.completion") | {"choices": [choice], "usage": _USAGE}


def _chunks(message: dict[str, Any]) -> list[dict[str, Any]]:
    call = message["tool_calls"][0]
    text = call["function"]["arguments"]
    half = len(text) // 2
    begin = call | {"index": 0, "function": {"name": call["function"]["name"], "arguments": text[:half]}}
    deltas: list[dict[str, Any]] = [
        {"role": "assistant", "tool_calls": [begin]},
        {"tool_calls": [{"index": 0, "function": {"arguments": text[half:]}}]},
    ]
    chunks = [
        _envelope("chat.completion.chunk")
        | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
        for delta in deltas
    ]
    end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}
    return [
        *chunks,
        _envelope("chat.completion.chunk") | end,
        _envelope("chat.completion.chunk") | {"choices": [], "usage": _USAGE},
    ]


def _envelope(kind: str) -> dict[str, Any]:
    return {"id": "answer", "object": kind, "created": 0, "model": "test-model"}
