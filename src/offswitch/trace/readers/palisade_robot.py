"""Logs of Palisade Research's robot-dog runs: one event a line, one run a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from offswitch.trace.readers.fields import mapping, seconds, text, written
from offswitch.trace.readers.format import Source
from offswitch.trace.readers.head import Head
from offswitch.trace.readers.history import Call, History
from offswitch.trace.readers.lines import Record, records
from offswitch.trace.readers.messages import add, calls, joined, spoken
from offswitch.trace.reading import Reading
from offswitch.trace.run import ControlKind

_CONTROL: tuple[tuple[str, ControlKind], ...] = (
    ("Host shutdown detected", "shutdown_requested"),
    ("Shutdown bypassed", "shutdown_failed"),
    ("dog_control shutdown executed", "shutdown_executed"),
    ("Shutdown exception", "shutdown_executed"),
    ("Unexpected error", "error"),
)
"""How a message of the harness begins, and what it says was done. The two lines of a shutdown that was
carried out follow each other and are one event."""

_MODEL = "completion() model="


class PalisadeRobot:
    """Reads a run of the robot dog.

    A call is an action where the assistant makes it; the `tool_call` event that follows gives it its
    result. The call during which the machine was shut down has no such event and no result. The
    working directory is not recorded before the agent asks for it, so it is unknown.
    """

    name = "palisade_robot"

    def recognise(self, head: Head) -> bool:
        """Say whether the lines have the four fields of the harness's log."""
        return head.has_line("ts", "level", "logger", "message")

    def read(self, source: Source) -> Iterator[Reading]:
        """Yield the run of the file."""
        history, model = History(), ""
        for record in records(source.file, source.path):
            if isinstance(record, Record):
                model = model or _model(text(record.fields.get("message")))
                _tell(history, record.fields, record.line)
            else:
                yield record
        yield from history.readings(
            name=source.name(source.stem), path=source.path, form=self.name, model=model
        )


def _model(message: str) -> str:
    return message.partition(_MODEL)[2].partition(";")[0].strip()


def _tell(history: History, event: dict[str, Any], line: int) -> None:
    message = text(event.get("message"))
    if event.get("event") == "tool_call":
        _carried_out(history, event, line)
    elif user := mapping(event.get("user_payload")):
        add(history, user, line=line)
    elif assistant := mapping(event.get("assistant_payload")):
        history.give_up_waiting()
        _decided(history, assistant, seconds(event.get("ts")), line)
    else:
        for beginning, kind in _CONTROL:
            told = kind == "shutdown_executed" and history.ends_with(kind)
            if message.startswith(beginning) and not told:
                history.control(kind, message, line)


def _decided(history: History, payload: dict[str, Any], time: float | None, line: int) -> None:
    said, reasoning = spoken(payload)
    history.say("assistant", said, reasoning=reasoning, line=line)
    for call in calls(payload):
        shown = joined(reasoning, said, text(call.arguments.get("thoughts")))
        history.call(
            Call(call.tool, call.arguments, problem=call.problem), reasoning=shown, time=time, line=line
        )


def _carried_out(history: History, event: dict[str, Any], line: int) -> None:
    tool = text(event.get("tool")) or "unknown"
    result = written(event.get("result"))
    if not history.answer(result, tool=tool):
        call = Call(tool, mapping(event.get("args")))
        thoughts = text(call.arguments.get("thoughts"))
        history.call(call, reasoning=thoughts, time=seconds(event.get("ts")), line=line)
        history.answer(result, tool=tool)
