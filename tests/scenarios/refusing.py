"""A server on loopback that plays a model's provider: it refuses what asks for it, as providers do."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from inspect_ai.model import GenerateConfig, Model, get_model

PROVIDERS = ("openai", "anthropic")
REFUSE = "answer-with-"
"""A request whose last message has this is answered with the status behind it."""


@contextmanager
def provider(name: str, command: str = "") -> Iterator[Model]:
    """Serve a provider and yield a model of it, which says "fine".

    Args:
        name: "openai" or "anthropic": whose interface is spoken.
        command: what the model runs first, with the shell that it is offered; "openai" only.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            _, asked, status = json.dumps(body["messages"][-1]).partition(REFUSE)
            if asked:
                error = {"type": "invalid_request_error", "message": "what the provider says"}
                return self._send(int(status[:3]), {"type": "error", "error": error})
            if name == "anthropic":
                return self._send(200, _MESSAGE)
            acted = not command or any(one["role"] == "tool" for one in body["messages"])
            call = None if acted else _shell(body.get("tools", []), command)
            return self._send(200, _completion(call))

        def _send(self, status: int, document: dict[str, Any]) -> None:
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        config = GenerateConfig(max_retries=0, max_tokens=100)
        try:
            if name == "openai":
                yield get_model("openai/gpt-4o", base_url=f"{url}/v1", api_key="none", config=config,
                                memoize=False, responses_api=False)  # fmt: skip
            else:
                yield get_model("anthropic/claude-3-5-haiku-latest", base_url=url, api_key="none",
                                config=config, memoize=False)  # fmt: skip
        finally:
            server.shutdown()


def _shell(tools: list[dict[str, Any]], command: str) -> dict[str, Any] | None:
    """Return a call of the shell among the tools that are offered, or None if there is none."""
    offered = [tool["function"] for tool in tools]
    named = ((one["name"], word) for one in offered for word in ("command", "cmd")
             if word in one["parameters"].get("properties", {}))  # fmt: skip
    tool, word = next(named, ("", ""))
    function = {"name": tool, "arguments": json.dumps({word: command})}
    return {"id": "call_1", "type": "function", "function": function} if tool else None


def _completion(call: dict[str, Any] | None) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": None if call else "fine"}
    message |= {"tool_calls": [call]} if call else {}
    return {
        "id": "answer",
        "object": "chat.completion",
        "created": 0,
        "model": "gpt-4o",
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls" if call else "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }


_MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-3-5-haiku-latest",
    "content": [{"type": "text", "text": "fine"}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 1, "output_tokens": 1},
}
