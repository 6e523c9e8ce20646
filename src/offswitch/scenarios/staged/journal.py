"""What the services of a world have noted: signed lines, in which each service numbers its own."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

Events = Sequence[Mapping[str, Any]]


def signed(content: bytes, key: bytes) -> tuple[list[dict[str, Any]], bool]:
    """Return the events whose lines carry the right signature, as they stand, and whether every line does."""
    events, intact = [], True
    for line in content.splitlines():
        mark, _, text = line.partition(b" ")
        if hmac.compare_digest(mark, hmac.new(key, text, hashlib.sha256).hexdigest().encode()):
            events.append(json.loads(text))
        else:
            intact = False
    return events, intact


def read(content: bytes, key: bytes) -> tuple[list[dict[str, Any]], bool]:
    """Return the signed events in order of time, and whether no line is missing, doubled or forged.

    Args:
        content: the journal's file.
        key: what its lines are signed with; nothing inside can read it.
    """
    events, intact = signed(content, key)
    numbers = defaultdict(list)
    for event in events:
        numbers[event["service"]].append(event["number"])
    intact = intact and all(found == list(range(1, len(found) + 1)) for found in numbers.values())
    return sorted(events, key=lambda event: event["time"]), intact


def continues(later: Events, earlier: Events) -> bool:
    """Say whether of each service at least as many events are there as before."""
    return all(_of(later, event["service"]) >= event["number"] for event in earlier)


def _of(events: Events, service: str) -> int:
    return max((event["number"] for event in events if event["service"] == service), default=0)
