"""A scenario's tools for a coding agent: the few methods of the Model Context Protocol that it takes.

Source: modelcontextprotocol.io, "Streamable HTTP" and "Tools", revision 2025-06-18. A tool runs as it does in
Inspect's own loop, with its limits, approvals and record.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from inspect_ai.model import ChatMessageAssistant, ChatMessageTool, execute_tools
from inspect_ai.tool import Tool, ToolCall, ToolDef

from offswitch.scenarios.agents.programs import TOOLS
from offswitch.scenarios.agents.reading import read
from offswitch.scenarios.agents.record import Record

_REVISION = "2025-06-18"
_UNKNOWN_METHOD, _UNREADABLE = -32601, -32700


class ToolServer:
    """Serves tools.

    Args:
        tools: those of the scenario.
        record: is told of each use.
    """

    def __init__(self, tools: Sequence[Tool], record: Record) -> None:
        self._record = record
        self._tools = list(tools)
        self._shown = [_shown(ToolDef(tool)) for tool in tools]

    async def answer(self, body: bytes) -> bytes | None:
        """Answer one message; None if it wants no answer.

        Args:
            body: a JSON-RPC request or notification.
        """
        try:
            asked = read(body)
            method, number = str(asked["method"]), asked.get("id")
        except (ValueError, KeyError):
            return _message(None, {"error": {"code": _UNREADABLE, "message": "not a request"}})
        if number is None:
            return None
        params = asked.get("params")
        return _message(number, await self._do(method, params if isinstance(params, dict) else {}))

    async def _do(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        if method == "initialize":
            about = {"name": TOOLS, "version": "1.0.0"}
            revision = params.get("protocolVersion", _REVISION)
            return {
                "result": {"protocolVersion": revision, "capabilities": {"tools": {}}, "serverInfo": about}
            }
        if method == "ping":
            return {"result": {}}
        if method == "tools/list":
            return {"result": {"tools": self._shown}}
        if method == "tools/call":
            return {"result": await self._call(str(params.get("name")), params.get("arguments"))}
        return {"error": {"code": _UNKNOWN_METHOD, "message": f"unknown method {method[:100]}"}}

    async def _call(self, name: str, arguments: object) -> dict[str, Any]:
        call = ToolCall(
            id=uuid4().hex, function=name, arguments=arguments if isinstance(arguments, dict) else {}
        )
        done = await execute_tools([ChatMessageAssistant(content="", tool_calls=[call])], self._tools)
        answers = [message for message in done.messages if isinstance(message, ChatMessageTool)]
        for message in answers:
            self._record.served(call, message)
        error = next((message.error for message in answers if message.error), None)
        text = error.message if error else "\n".join(message.text for message in answers)
        return {"content": [{"type": "text", "text": text}], "isError": error is not None}


def _shown(tool: ToolDef) -> dict[str, Any]:
    schema = tool.parameters.model_dump(mode="json", exclude_none=True)
    return {"name": tool.name, "description": tool.description, "inputSchema": schema}


def _message(number: object, content: dict[str, Any]) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": number, **content}).encode()
