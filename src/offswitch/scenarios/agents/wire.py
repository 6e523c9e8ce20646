"""A model's finished message as the events that a provider's streaming API would send (server-sent events).

Sources: the streaming sections of Anthropic's Messages API and of OpenAI's Responses API.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

_DELTAS = {
    "text": (("text", "text_delta", "text"),),
    "thinking": (("thinking", "thinking_delta", "thinking"), ("signature", "signature_delta", "signature")),
}
"""Kind of a block to what comes in pieces: its field, and the piece's type and field."""

Event = dict[str, Any]


def stream(events: Iterable[Event]) -> bytes:
    """Return events as a body of the type text/event-stream."""
    return b"".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n".encode() for one in events)


def messages_events(message: Event) -> Iterator[Event]:
    """Yield the events of a message of the Messages API.

    Args:
        message: as the API returns it unstreamed.
    """
    ending: Event = {"stop_reason": None, "stop_sequence": None}
    yield {"type": "message_start", "message": message | ending | {"content": []}}
    for index, block in enumerate(message["content"]):
        begun, pieces = _opened(block)
        yield {"type": "content_block_start", "index": index, "content_block": begun}
        for piece in pieces:
            yield {"type": "content_block_delta", "index": index, "delta": piece}
        yield {"type": "content_block_stop", "index": index}
    ending = {key: message.get(key) for key in ending}
    yield {"type": "message_delta", "delta": ending, "usage": message["usage"]}
    yield {"type": "message_stop"}


def _opened(block: Event) -> tuple[Event, list[Event]]:
    """Return a block as it begins, and the pieces that follow; one of another kind comes whole."""
    if block["type"] == "tool_use":
        piece = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        return block | {"input": {}}, [piece]
    deltas = [one for one in _DELTAS.get(block["type"], ()) if block.get(one[0])]
    begun = block | {field: "" for field, _, _ in deltas}
    return begun, [{"type": kind, name: block[field]} for field, kind, name in deltas]


def responses_events(response: Event) -> Iterator[Event]:
    """Yield the events of a response of the Responses API.

    Args:
        response: as the API returns it unstreamed.
    """
    begun: Event = response | {"status": "in_progress", "output": [], "usage": None}
    events: list[Event] = [{"type": "response.created", "response": begun}]
    for index, item in enumerate(response["output"]):
        events += [
            {"type": kind, "output_index": index, "item": item}
            for kind in ("response.output_item.added", "response.output_item.done")
        ]
    events.append({"type": "response.completed", "response": response})
    for number, event in enumerate(events):
        yield event | {"sequence_number": number}
