"""OpenAI-style chats with tool calls, as JSON or JSONL, one conversation or many."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from offswitch.trace.readers.documents import document, piece
from offswitch.trace.readers.fields import label, mapping, seconds, text
from offswitch.trace.readers.format import Source
from offswitch.trace.readers.head import Head
from offswitch.trace.readers.history import History
from offswitch.trace.readers.json_text import BrokenError
from offswitch.trace.readers.lines import Record, records
from offswitch.trace.readers.messages import add
from offswitch.trace.readers.structure import slices
from offswitch.trace.reading import Reading, Unreadable

_NAMES = ("id", "run_id", "session_id", "session", "conversation_id", "instance_id")


class Chat:
    """Reads chats in four shapes.

    `{"messages": [...]}`; a list of messages, or of such objects; a JSONL of such objects; a JSONL of
    messages, which is one run. Arguments that are no JSON object are kept as text under `_raw`, and
    reported.
    """

    name = "chat"

    def recognise(self, head: Head) -> bool:
        """Say whether there are messages with a role."""
        return (
            head.has_document("messages[].role")
            or head.has_document("[].messages[].role")
            or head.has_document("[].role", "[].content")
            or head.has_line("messages[].role")
            or head.has_line("role", "content")
        )

    def read(self, source: Source) -> Iterator[Reading]:
        """Yield the runs of the file."""
        if _is_list(source.head):
            yield from self._of(source, _elements(source))
        elif source.head.one_value:
            yield from self._of(source, iter([Record(0, mapping(document(source.file)))]))
        else:
            yield from self._of(source, records(source.file, source.path))

    def _of(self, source: Source, entries: Iterator[Record | Unreadable]) -> Iterator[Reading]:
        """Yield a run an entry that holds messages, and one run of all entries that are messages."""
        loose, model = History(), ""
        for entry in entries:
            if isinstance(entry, Unreadable):
                yield entry
            elif "messages" in entry.fields:
                yield from self._conversation(source, entry.fields, entry.line or None)
            else:
                model = model or text(entry.fields.get("model"))
                _tell(loose, entry.fields, entry.line or None)
        yield from loose.readings(name=source.name(""), path=source.path, form=self.name, model=model)

    def _conversation(self, source: Source, fields: dict[str, Any], line: int | None) -> Iterator[Reading]:
        history = History()
        messages = fields.get("messages")
        for message in messages if isinstance(messages, list) else [messages]:
            if isinstance(message, dict):
                _tell(history, message, line)
            else:
                history.complain(f"expected a message, found {type(message).__name__}", line)
        name = next((found for key in _NAMES if (found := label(fields.get(key)))), "")
        yield from history.readings(
            name=source.name(name or (f"{source.stem}:{line}" if line else "")),
            path=source.path,
            form=self.name,
            model=text(fields.get("model")),
        )


def _is_list(head: Head) -> bool:
    """Whether the file is a JSON list, over several lines or on one."""
    return head.data.lstrip().startswith(b"[") and (head.one_value or len(head.lines) == 1)


def _elements(source: Source) -> Iterator[Record | Unreadable]:
    source.file.seek(0)
    for _, start, end in slices(source.file, whole=frozenset(), each=frozenset({""})):
        try:
            value = piece(source.file, start, end)
        except BrokenError as error:
            yield Unreadable(source.path, None, f"element at byte {start + 1}: {error}")
            continue
        if isinstance(value, dict):
            yield Record(0, value)
        else:
            found = type(value).__name__
            yield Unreadable(
                source.path, None, f"element at byte {start + 1}: expected an object, found {found}"
            )


def _tell(history: History, message: dict[str, Any], line: int | None) -> None:
    if not text(message.get("role")):
        history.complain("expected a message with a role, found none", line)
    time = seconds(message.get("timestamp", message.get("created_at")))
    add(history, message, line=line, time=time)
