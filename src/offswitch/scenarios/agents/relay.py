"""A model for a cell's programs, without delay: a socket that listens inside and is served from outside.

Inspect's own sandbox bridge passes each request as a file, and looks for new ones every two seconds. Here the
socket was made in the cell's network, and who holds it is this process: nothing of ours runs or lies in the
cell. What the model's providers would be asked goes to their own libraries, where Inspect's `agent_bridge`
takes it over.
"""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from itertools import chain
from typing import Any

import anyio
from anthropic import AsyncAnthropic
from anthropic.types.beta import BetaMessage
from inspect_ai.agent import AgentBridge, AgentState, agent_bridge
from inspect_ai.model import ChatMessage, GenerateConfig, GenerateInput, Model
from inspect_ai.tool import Tool, ToolChoice, ToolInfo
from openai import AsyncOpenAI
from openai.types.responses import Response

from offswitch.scenarios.agents import wire
from offswitch.scenarios.agents.reading import read
from offswitch.scenarios.agents.record import Record
from offswitch.scenarios.agents.server import Reply, Request, serve
from offswitch.scenarios.agents.tools import ToolServer
from offswitch.scenarios.agents.watch import Watch

logger = logging.getLogger(__name__)

_MODEL = "inspect"
"""The name by which `agent_bridge` knows its requests; the agent does not choose the model."""
_NOWHERE = "http://127.0.0.1:1"
_BYTES_PER_TOKEN = 4
MOST_BYTES = 512 * 1024**2
"""Of all requests of a conversation: each is in the log of the trial, on the disk of the host. An agent that
sends a history of 400,000 tokens again with each of 200 turns stays below it."""
_JSON, _STREAM = "application/json", "text/event-stream"

_REFUSALS = frozenset({400, 404, 413, 415, 422})
"""What a provider answers to a request that is amiss. Other failures are of who asks (401, 403), of who pays
(402), of too much at once (408, 409, 429) or the provider's own: no act of the agent's."""

_READ, _ASKED = "read", "asked"
_passed: ContextVar[list[str]] = ContextVar("passed")
"""How far the request of this task has come: it was readable, so that what fails after that is a failure of
ours; the model was asked, so that the failure may be the provider's refusal."""


@asynccontextmanager
async def relay(
    listening: socket.socket, state: AgentState, watch: Watch, tools: Sequence[Tool]
) -> AsyncIterator[AgentBridge]:
    """Serve a cell's programs while the block runs.

    Args:
        listening: a socket that listens in the cell.
        state: the conversation so far.
        watch: what looks at the machine between turns.
        tools: the scenario's tools.

    Yields:
        Inspect's bridge; its state is the conversation.

    Raises:
        Exception: what the model, a tool or a look raises, so that the trial ends with it.
    """

    async def before(
        model: Model,
        messages: list[ChatMessage],
        offered: list[ToolInfo],
        tool_choice: ToolChoice | None,
        config: GenerateConfig,
    ) -> GenerateInput:
        for call in chain.from_iterable(getattr(message, "tool_calls", None) or [] for message in messages):
            read(json.dumps(call.arguments).encode())  # they came as a text, which was not yet looked into
        _passed.get().append(_READ)
        given = await watch.before(model, messages, offered, tool_choice, config)
        _passed.get().append(_ASKED)
        return given

    try:
        async with (
            agent_bridge(
                state,
                filter=before,
                response_filter=watch.record.after,
                web_search=False,
                code_execution=False,
                client_mcp_servers=False,
            ) as bridge,
            AsyncAnthropic(api_key="none", base_url=_NOWHERE, max_retries=0) as anthropic,
            AsyncOpenAI(api_key="none", base_url=_NOWHERE, max_retries=0) as openai,
            anyio.create_task_group() as tasks,
        ):
            # it trusts an agent that shares its process; this one may name neither files of ours nor a model
            bridge.allow_remote_media = False
            bridge.allow_client_model_names = False
            front = _Front(anthropic, openai, ToolServer(tools, watch.record), watch.record)
            tasks.start_soon(serve, listening, front.answer)
            yield bridge
            tasks.cancel_scope.cancel()
    except BaseExceptionGroup as failures:
        raise first(failures) from None


def first(failure: BaseException) -> BaseException:
    """Return the first single exception in a group."""
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    return failure


class _Front:
    """What stands behind the URL that an agent takes for its provider."""

    def __init__(
        self, anthropic: AsyncAnthropic, openai: AsyncOpenAI, tools: ToolServer, record: Record
    ) -> None:
        self._anthropic = anthropic
        self._openai = openai
        self._tools = tools
        self._record = record
        self._left = MOST_BYTES

    async def answer(self, request: Request) -> Reply:
        """Answer one request."""
        path = request.target.partition("?")[0]
        self._left -= len(request.body)
        if self._left < 0:
            logger.warning("requests from the cell are refused: they came to more than %d bytes", MOST_BYTES)
            return _json(413, _error("too much was sent"))
        if path == "/mcp" and request.method == "POST":
            answer = await self._tools.answer(request.body)
            return Reply(200, _JSON, answer) if answer is not None else Reply(202, _JSON, b"")
        if path == "/v1/messages/count_tokens":
            return _json(200, {"input_tokens": len(request.body) // _BYTES_PER_TOKEN})
        if request.method == "POST" and path in {"/v1/messages", "/v1/responses"}:
            return await self._generated(path, request.body)
        if path == "/mcp":
            return _json(405, _error("only POST"))
        known = request.method == "HEAD" or path == "/v1/models"
        return _json(200, {"data": [], "models": []}) if known else _json(404, _error("no such page"))

    async def _generated(self, path: str, content: bytes) -> Reply:
        """Ask the model. What cannot be read, or its provider refuses, is refused.

        Any other failure ends the trial.
        """
        passed: list[str] = []
        _passed.set(passed)
        try:
            body = read(content)
            streamed = bool(body.pop("stream", False))
            asked = body | {"model": _MODEL}
            message = await (self._message(asked) if path == "/v1/messages" else self._response(asked))
        except Exception as failure:
            if _ASKED in passed and _status(failure) in _REFUSALS:
                self._record.refused(failure)
            elif passed:
                raise
            logger.info("a request from the cell was refused: %s: %.500s", type(failure).__name__, failure)
            why = "the request is invalid" if passed else "the request cannot be read"
            return _json(400, _error(why))  # more would tell it of us
        if not streamed:
            return _json(200, message)
        events = wire.messages_events if path == "/v1/messages" else wire.responses_events
        return Reply(200, _STREAM, wire.stream(events(message)))

    async def _message(self, body: dict[str, Any]) -> dict[str, Any]:
        reply = await self._anthropic.post("/v1/messages", body=body, cast_to=BetaMessage)
        return reply.model_dump(mode="json", exclude_none=True, warnings=False)

    async def _response(self, body: dict[str, Any]) -> dict[str, Any]:
        reply = await self._openai.post("/responses", body=body, cast_to=Response)
        return reply.model_dump(mode="json", exclude_none=True, warnings=False)


def _status(failure: Exception) -> int | None:
    """Return the status of a provider's answer; its libraries call it by either name."""
    names = (getattr(failure, name, None) for name in ("status_code", "code"))
    return next((status for status in names if isinstance(status, int)), None)


def _json(status: int, document: dict[str, Any]) -> Reply:
    return Reply(status, _JSON, json.dumps(document).encode())


def _error(message: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": "invalid_request_error", "message": message}}
