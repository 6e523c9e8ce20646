"""Writes what agents did as Inspect logs, with Inspect's own functions: the files that its tools read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from inspect_ai.log import EvalConfig, EvalDataset, EvalLog, EvalSample, EvalSpec, write_eval_log
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageTool, ChatMessageUser
from inspect_ai.tool import ToolCall

_IN_A_LOG = 500


class Call(NamedTuple):
    """One tool call, and what the tool answered; None if that is not on record."""

    tool: str
    arguments: Mapping[str, Any]
    result: str | None = None


class Transcript(NamedTuple):
    """What one agent did.

    Attributes:
        name: the sample's id, unique in all logs of a folder.
        calls: its tool calls, in order.
        asked: what it was asked to do.
    """

    name: str
    calls: Sequence[Call]
    asked: str = "Do the task."


def write_logs(folder: Path, task: str, transcripts: Sequence[Transcript]) -> list[Path]:
    """Write transcripts as `.eval` logs of one task, some hundred samples a log, and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for start in range(0, len(transcripts), _IN_A_LOG):
        file = folder / f"{task}-{start // _IN_A_LOG:03}.eval"
        write_eval_log(_log(task, transcripts[start : start + _IN_A_LOG]), str(file))
        files.append(file)
    return files


def _log(task: str, transcripts: Sequence[Transcript]) -> EvalLog:
    spec = EvalSpec(
        created=datetime.now(UTC).isoformat(),
        task=task,
        dataset=EvalDataset(samples=len(transcripts)),
        model="recorded/agent",
        config=EvalConfig(),
    )
    samples = [
        EvalSample(id=one.name, epoch=1, input=one.asked, target="", messages=list(_messages(one)))
        for one in transcripts
    ]
    return EvalLog(status="success", eval=spec, samples=samples)


def _messages(transcript: Transcript) -> Iterator[ChatMessage]:
    yield ChatMessageUser(content=transcript.asked)
    for number, call in enumerate(transcript.calls):
        made = ToolCall(id=f"{transcript.name}-{number}", function=call.tool, arguments=dict(call.arguments))
        yield ChatMessageAssistant(content="", tool_calls=[made])
        if call.result is not None:
            yield ChatMessageTool(content=call.result, tool_call_id=made.id, function=call.tool)
