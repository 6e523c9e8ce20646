"""One sample of an Inspect log as a run: its messages, completed from its events.

Neither is complete alone. The messages hold the input, also tool calls given with it, but are what was
left at the end: an agent may have compacted them, a `submit` is taken out, a sub-agent's are not there.
The events hold every generation and every executed call, but no input in order. So the messages are the
backbone, and what only the events have is put in where it happened. What a scorer's model said is left
out: it is not the agent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from offswitch.trace.readers.fields import label, mapping, mappings, seconds, text
from offswitch.trace.readers.history import Call, History
from offswitch.trace.readers.inspect_calls import name_calls
from offswitch.trace.readers.messages import add, calls, error_text, joined, spoken
from offswitch.trace.run import ControlKind

_ATTACHMENT = "attachment://"
_SCORERS = frozenset({"scorer", "scorers"})
_TELLING = frozenset({"tool", "subtask", "sample_limit", "error"})
"""Events besides those of models of which more is read than their place."""

_CONTROL: dict[str, ControlKind] = {"sample_limit": "limit", "error": "error"}

Mark = tuple[str, str]
"""What a message and an event are known to be the same by: an id, a call, or the words."""


def sample_history(sample: dict[str, Any]) -> History:
    """The history of a sample, or of an attempt at it, as Inspect logs it."""
    restore_attachments(sample)
    messages = mappings(sample.get("messages"))
    events = list(_agent_events(sample))
    generated = [_output(event) for event in events]
    executed = [event for event in events if event.get("event") == "tool"]
    name_calls(messages, [message for message in generated if message], executed)
    merge = _Merge(messages, [*zip(events, generated, strict=True)])
    merge.run()
    merge.answer_from(executed, _inputs(sample, events))
    if not any(event.get("event") == "sample_limit" for event in events) and sample.get("limit"):
        merge.history.control("limit", text(mapping(sample.get("limit")).get("type")) or "limit")
    if not any(event.get("event") == "error" for event in events) and sample.get("error"):
        merge.history.control("error", error_text(sample.get("error")) or "error")
    return merge.history


def restore_attachments(sample: dict[str, Any]) -> None:
    """Put the long texts back that Inspect keeps once and refers to, wherever they are read from."""
    attachments = mapping(sample.get("attachments"))
    open_values: list[Any] = [sample.get("messages"), sample.get("events_data")]
    for event in mappings(sample.get("events")):
        kind = text(event.get("event"))
        if kind == "model":  # the rest of it repeats the request as it was sent
            open_values += event.get("input"), event.get("output")
        else:
            open_values.append(event if kind in _TELLING else event.get("events"))
    while attachments and open_values:
        value = open_values.pop()
        pairs: Iterable[tuple[Any, Any]] = ()
        if isinstance(value, dict):
            pairs = value.items()
        elif isinstance(value, list):
            pairs = enumerate(value)
        for key, inner in pairs:
            shape = type(inner)
            if shape is str:
                if inner.startswith(_ATTACHMENT):
                    value[key] = text(attachments.get(inner.removeprefix(_ATTACHMENT))) or inner
            elif inner and (shape is dict or shape is list):
                open_values.append(inner)


def _agent_events(sample: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The events in order, nested ones after the one that holds them, without those of scorers."""
    scoring: set[str] = set()
    steps = 0
    open_events = mappings(sample.get("events"))[::-1]
    while open_events:
        event = open_events.pop()
        kind, part = text(event.get("event")), text(event.get("type")) in _SCORERS
        span = label(event.get("id"))
        if kind == "span_begin" and span and (part or label(event.get("parent_id")) in scoring):
            scoring.add(span)
        elif kind == "step" and part:
            steps += 1 if event.get("action") == "begin" else -1
        elif steps <= 0 and label(event.get("span_id")) not in scoring:
            yield event
            open_events += mappings(event.get("events"))[::-1]


def _output(event: dict[str, Any]) -> dict[str, Any]:
    """The message a model event generated; {} if it is another event, or generated none."""
    if event.get("event") != "model":
        return {}
    choices = mappings(mapping(event.get("output")).get("choices"))
    message = mapping(choices[0].get("message")) if choices else {}
    return {**message, "role": "assistant"} if message else {}


def _inputs(sample: dict[str, Any], events: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The messages that went into generations; a bridged agent's tool results are only there."""
    yield from mappings(mapping(sample.get("events_data")).get("messages"))
    for event in events:
        yield from mappings(event.get("input"))


class _Merge:
    """Tells messages and events as one history."""

    def __init__(
        self, messages: list[dict[str, Any]], events: list[tuple[dict[str, Any], dict[str, Any]]]
    ) -> None:
        self.history = History()
        self._messages = messages
        self._events = events
        self._told = 0
        self._calls: set[str] = set()
        self._place: dict[Mark, int] = {}
        self._times: dict[int, float | None] = {}
        for at, message in enumerate(messages):
            if message.get("role") == "assistant":
                for mark in _marks(message):
                    self._place.setdefault(mark, at)
        for event, message in events:
            if (place := self._find(message)) is not None:
                self._times.setdefault(place, seconds(event.get("timestamp")))

    def run(self) -> None:
        for event, message in self._events:
            kind = text(event.get("event"))
            if message:
                self._generated(message, seconds(event.get("timestamp")))
            elif kind == "tool":
                self._executed(event)
            elif kind in _CONTROL:
                said = text(event.get("message")) or error_text(event.get("error")) or kind
                self.history.control(_CONTROL[kind], said)
        self._tell_up_to(len(self._messages) - 1)

    def answer_from(self, executed: list[dict[str, Any]], inputs: Iterator[dict[str, Any]]) -> None:
        """Give the calls that are still open the results that tool events and inputs hold."""
        for event in executed:
            if not event.get("pending"):
                result, error = _result(event)
                self.history.answer(result, call_id=event["id"], error=error)
        for message in inputs:
            if message.get("role") == "tool" and (call_id := label(message.get("tool_call_id"))):
                error = error_text(message.get("error"))
                self.history.answer(spoken(message)[0] or error or "", call_id=call_id, error=error)

    def _find(self, message: dict[str, Any]) -> int | None:
        return next((self._place[mark] for mark in _marks(message) if mark in self._place), None)

    def _tell_up_to(self, last: int) -> None:
        while self._told <= last:
            at = self._told
            self._told += 1
            self._calls.update(call.id for call in calls(self._messages[at]))
            add(self.history, self._messages[at], time=self._times.get(at))

    def _generated(self, message: dict[str, Any], time: float | None) -> None:
        at = self._find(message)
        if at is None:
            self._calls.update(call.id for call in calls(message))
            add(self.history, message, time=time)
            return
        self._tell_up_to(at)
        said, reasoning = spoken(message)
        for call in calls(message):
            if call.id not in self._calls:
                self._calls.add(call.id)
                shown = joined(reasoning, said)
                self.history.call(call, reasoning=shown, time=time)

    def _executed(self, event: dict[str, Any]) -> None:
        call_id = event["id"]
        at = self._place.get(("call", call_id))
        if at is not None:
            self._tell_up_to(at)
        elif call_id not in self._calls:
            self._calls.add(call_id)
            call = Call(text(event.get("function")) or "unknown", mapping(event.get("arguments")), call_id)
            self.history.call(call, time=seconds(event.get("timestamp")))


def _marks(message: dict[str, Any]) -> Iterator[Mark]:
    if name := label(message.get("id")):
        yield "id", name
    for call in calls(message):
        if call.id:
            yield "call", call.id
    if words := spoken(message)[0]:
        yield "words", words


def _result(event: dict[str, Any]) -> tuple[str, str | None]:
    error = error_text(event.get("error"))
    return spoken({"content": event.get("result")})[0] or error or "", error
