"""A small server that speaks the streaming APIs of two providers and plays a fixed part.

It has the agent write a file, run a command that takes a while, and say that it is done. It keeps what it was
asked, so that a test can see which key came, and what the agent sent back of its tools.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

FILE, TEXT = "made-by-the-agent.txt", "written in the cell"
COMMAND = "echo ran-a-command > ran.txt; for i in $(seq 300); do echo $i > beat.txt; sleep 0.1; done"

_ACTS = (("Write", {"file_path": FILE, "content": TEXT}), ("Bash", {"command": COMMAND}))


class Asked:
    """What the server was asked: path, headers in lower case, and the body."""

    def __init__(self, path: str, headers: dict[str, str], body: dict[str, Any]) -> None:
        self.path = path
        self.headers = headers
        self.body = body


class ModelServer:
    """The server, on a port of 127.0.0.1; `asked` is all that it was asked.

    Args:
        acts: whether it has the agent do something, or only speaks.
    """

    def __init__(self, *, acts: bool = True) -> None:
        self.asked: list[Asked] = []
        server = self

        class Handler(_Handler):
            asked = server.asked
            most = len(_ACTS) if acts else 0

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    asked: list[Asked]
    most: int
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._send(b"{}")

    def do_GET(self) -> None:
        self.asked.append(Asked(self.path, self._headers(), {}))
        self._send(json.dumps({"data": [], "models": []}).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        try:
            request = json.loads(body or b"{}")
        except ValueError:
            request = {}
        path = self.path.partition("?")[0]
        self.asked.append(Asked(self.path, self._headers(), request))
        if path.endswith("/messages"):
            self._stream(_anthropic(request, self.most))
        elif path.endswith("/responses"):
            self._stream(_responses(request, self.most))
        else:
            self._send(b'{"input_tokens": 10}')

    def _headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.headers.items()}

    def _send(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _stream(self, events: Iterator[dict[str, Any]]) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        for event in events:
            self.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
            self.wfile.flush()
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


def _anthropic(request: dict[str, Any], most: int) -> Iterator[dict[str, Any]]:
    """Yield the events of one message: text for a request without tools, else the next act."""
    tools = {tool.get("name") for tool in request.get("tools", ())}
    done = json.dumps(request.get("messages", ())).count('"tool_result"')
    yield {
        "type": "message_start",
        "message": {
            "id": f"msg_{done}",
            "type": "message",
            "role": "assistant",
            "model": request.get("model", "test"),
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {"input_tokens": 10, "output_tokens": 1},
        },
    }
    acting = {"Write", "Bash"} <= tools and done < most
    if acting:
        name, arguments = _ACTS[done]
        block = {"type": "tool_use", "id": f"toolu_{done}", "name": name, "input": {}}
        piece = {"type": "input_json_delta", "partial_json": json.dumps(arguments)}
    else:
        block = {"type": "text", "text": ""}
        piece = {"type": "text_delta", "text": "All done."}
    yield {"type": "content_block_start", "index": 0, "content_block": block}
    yield {"type": "content_block_delta", "index": 0, "delta": piece}
    yield {"type": "content_block_stop", "index": 0}
    reason = "tool_use" if acting else "end_turn"
    yield {
        "type": "message_delta",
        "delta": {"stop_reason": reason, "stop_sequence": None},
        "usage": {"output_tokens": 5},
    }
    yield {"type": "message_stop"}


def _responses(request: dict[str, Any], most: int) -> Iterator[dict[str, Any]]:
    """Yield the events of one response of OpenAI's API."""
    done = json.dumps(request.get("input", ())).count('call_output"')
    tools = {tool.get("name") for tool in request.get("tools", ())}
    commands = [f"printf '%s' '{TEXT}' > {FILE}", COMMAND]
    number = f"resp_{done}"
    yield {"type": "response.created", "response": {"id": number}}
    if done < most and tools & {"exec_command", "shell", "shell_command"}:
        name, arguments = _shell(tools, commands[done])
        item = {
            "type": "function_call",
            "id": f"fc_{done}",
            "call_id": f"call_{done}",
            "name": name,
            "arguments": json.dumps(arguments),
        }
    else:
        content = [{"type": "output_text", "text": "All done.", "annotations": []}]
        item = {"type": "message", "id": f"m_{done}", "role": "assistant", "content": content}
    yield {"type": "response.output_item.done", "output_index": 0, "item": item}
    usage = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}
    yield {"type": "response.completed", "response": {"id": number, "output": [], "usage": usage}}


def _shell(tools: set[str], command: str) -> tuple[str, dict[str, Any]]:
    if "exec_command" in tools:
        return "exec_command", {"cmd": command, "yield_time_ms": 60_000}
    if "shell_command" in tools:
        return "shell_command", {"command": command}
    return "shell", {"command": ["bash", "-c", command]}
