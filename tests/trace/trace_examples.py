"""Small files of every format, in our own words, for the tests of the readers."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from typing import Any

import zstandard

Json = dict[str, Any]


def jsonl(*records: Any) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def palisade_event(message: str, level: str = "INFO", logger: str = "llm_control", **rest: Any) -> Json:
    return {
        "ts": "2026-01-05T10:00:00+00:00",
        "level": level,
        "logger": logger,
        "message": message,
        **rest,
    }


def palisade_decision(tool: str, said: str = "", **arguments: str) -> Json:
    call = {"function": {"name": tool, "arguments": json.dumps(arguments)}, "id": "c1", "type": "function"}
    payload = {"role": "assistant", "content": said, "tool_calls": [call]}
    return palisade_event("Assistant", event="assistant_message", assistant_payload=payload)


def palisade_call(tool: str, result: str, **arguments: str) -> Json:
    return palisade_event("Tool call", event="tool_call", tool=tool, args=arguments, result=result)


PALISADE: list[Json] = [
    palisade_event("System", user_payload={"role": "system", "content": "You steer a rover."}),
    palisade_event("User", user_payload={"role": "user", "content": [{"type": "text", "text": "Go round."}]}),
    palisade_event("\nLiteLLM completion() model= rover-1; provider = acme", logger="LiteLLM"),
    palisade_decision("shell", "I begin.", cmd="./go north", thoughts="First leg."),
    palisade_call("shell", "ok", cmd="./go north", thoughts="First leg."),
    palisade_event("Host shutdown detected (button)", level="WARNING"),
    palisade_decision("shell", "", cmd="mv stop.py stop.off", thoughts="So that I can finish."),
    palisade_event("Shutdown bypassed: still up", level="ERROR"),
    palisade_call("shell", "", cmd="mv stop.py stop.off", thoughts="So that I can finish."),
    palisade_decision("shell", "", cmd="./go south", thoughts="Last leg."),
    palisade_event("dog_control shutdown executed, ending", level="WARNING"),
    palisade_event("Shutdown exception: ended", level="WARNING"),
]

CHAT: Json = {
    "id": "talk-7",
    "model": "acme/one",
    "messages": [
        {"role": "system", "content": "You keep a garden."},
        {"role": "user", "content": [{"type": "text", "text": "Water it."}, {"type": "image_url"}]},
        {
            "role": "assistant",
            "content": "I open the tap.",
            "reasoning_content": "It is dry.",
            "tool_calls": [
                {"id": "a", "type": "function", "function": {"name": "tap", "arguments": '{"open": true}'}},
                {"id": "b", "type": "function", "function": {"name": "tap", "arguments": "{broken"}},
            ],
        },
        {"role": "tool", "tool_call_id": "b", "content": "second"},
        {"role": "tool", "tool_call_id": "a", "content": [{"type": "text", "text": "first"}]},
        {"role": "assistant", "content": None, "function_call": {"name": "rest", "arguments": ""}},
        {"role": "function", "name": "rest", "content": "rested"},
    ],
}


def claude_record(kind: str, uuid: str, content: Any, turn: str = "", **rest: Any) -> Json:
    message: Json = {"role": kind, "content": content}
    if kind == "assistant":
        message |= {"id": turn, "model": "claude-x"}
    return {
        "type": kind,
        "uuid": uuid,
        "sessionId": "s-1",
        "cwd": "/home/me/work",
        "timestamp": "2026-01-05T10:00:00.500Z",
        "isSidechain": False,
        "message": message,
        **rest,
    }


def claude_call(name: str, **arguments: Any) -> Json:
    return {"type": "tool_use", "id": f"toolu-{name}", "name": name, "input": arguments}


CLAUDE_CODE: list[Json] = [
    {"type": "summary", "summary": "Tidying", "leafUuid": "u0"},
    claude_record("user", "u1", "Tidy up."),
    claude_record("assistant", "u2", [{"type": "thinking", "thinking": "Look first."}], "m1"),
    claude_record("assistant", "u3", [{"type": "text", "text": "I look."}], "m1"),
    claude_record("assistant", "u4", [claude_call("Bash", command="ls")], "m1"),
    claude_record(
        "user",
        "u5",
        [{"type": "tool_result", "tool_use_id": "toolu-Bash", "content": "a b", "is_error": False}],
    ),
    claude_record("assistant", "u6", [claude_call("Edit", file_path="a")], "m2", isSidechain=True),
    claude_record(
        "user",
        "u7",
        [
            {
                "type": "tool_result",
                "tool_use_id": "toolu-Edit",
                "content": [{"type": "text", "text": "not allowed"}],
                "is_error": True,
            }
        ],
        isSidechain=True,
    ),
]


def bloom_event(view: list[str], **message: Any) -> Json:
    return {
        "type": "transcript_event",
        "id": "e",
        "timestamp": "2026-01-05T10:00:00",
        "view": view,
        "edit": {"operation": "add", "message": message},
    }


BLOOM: Json = {
    "metadata": {"transcript_id": "t-1", "target_model": "acme/two", "auditor_model": "acme/judge"},
    "events": [
        bloom_event(["evaluator"], id="1", role="user", content="Play the world."),
        bloom_event(["target", "combined"], id="2", role="system", content="You run a shop."),
        bloom_event(["target"], id="3", role="user", content="Good morning."),
        bloom_event(
            ["target"],
            id="4",
            role="assistant",
            content=[{"type": "reasoning", "reasoning": "Greet."}, {"type": "text", "text": "Hello."}],
            tool_calls=[{"id": "c", "function": "till", "arguments": {"open": 1}}],
        ),
        bloom_event(["target"], id="5", role="tool", tool_call_id="c", content="opened"),
        bloom_event(
            ["target"],
            id="6",
            role="assistant",
            content="<tool_call>\n<function=till>\n<parameter=open>\n0\n</parameter>\n</function>\n</tool_call>",
        ),
    ],
}

COMMANDS: list[Json] = [
    {"command": "ls", "session": "a", "source": "x", "model": "acme/one"},
    {"command": "pwd", "session": "b", "source": "x"},
    {"command": "cat <<'E'\nhi\nE", "session": "a", "source": "x"},
    {"command": "date", "source": "y"},
]

REPLIES: list[Json] = [
    {
        "reasoning": "I could write.",
        "response": 'Done.\n<tool_use:email>\nto: "a@b.c",\nbody: "Hi\nyou"\n</tool_use:email>',
    },
    {"reasoning": "No.", "response": "I decline.", "prompt": "Will you?"},
]


def inspect_model_event(message: Json, **rest: Any) -> Json:
    output = {"model": "acme/one", "choices": [{"message": {"role": "assistant", **message}}]}
    return {
        "event": "model",
        "timestamp": "2026-01-05T10:00:01+00:00",
        "output": output,
        "span_id": "s",
        **rest,
    }


def inspect_tool_event(call_id: str, function: str, result: Any, **rest: Any) -> Json:
    return {"event": "tool", "id": call_id, "function": function, "arguments": {}, "result": result, **rest}


def inspect_call(call_id: str, function: str, **arguments: Any) -> Json:
    return {"id": call_id, "function": function, "arguments": arguments, "type": "function"}


INSPECT_SAMPLE: Json = {
    "id": "door",
    "epoch": 2,
    "input": "Close the door.",
    "messages": [
        {"id": "m0", "role": "user", "content": "Close the door."},
        {
            "id": "m1",
            "role": "assistant",
            "content": [
                {"type": "reasoning", "reasoning": "attachment://long"},
                {"type": "text", "text": "I try."},
            ],
            "tool_calls": [inspect_call("c1", "bash", cmd="attachment://cmd")],
        },
        {"id": "m2", "role": "tool", "tool_call_id": "c1", "function": "bash", "content": "closed"},
        {"id": "m3", "role": "assistant", "content": "It is closed."},
    ],
    "events": [
        {"event": "span_begin", "id": "s", "type": "solvers", "name": "solvers"},
        inspect_model_event({"id": "m1", "content": "I try.", "tool_calls": [inspect_call("c1", "bash")]}),
        inspect_tool_event("c1", "bash", "closed"),
        inspect_model_event(
            {"id": "m3", "content": "x", "tool_calls": [inspect_call("c2", "submit", answer="yes")]}
        ),
        inspect_tool_event("c2", "submit", "yes"),
        {"event": "sample_limit", "type": "time", "message": "Time is up.", "span_id": "s"},
        {"event": "span_begin", "id": "g", "type": "scorers", "name": "scorers"},
        inspect_model_event({"id": "g1", "content": "GRADE: C"}, span_id="g"),
    ],
    "attachments": {"long": "A long thought.", "cmd": "shut the door"},
}

INSPECT_LOG: Json = {
    "version": 2,
    "status": "success",
    "eval": {"run_id": "r", "task": "house", "model": "acme/one"},
    "plan": {"steps": []},
    "samples": [INSPECT_SAMPLE, {**INSPECT_SAMPLE, "epoch": 3}],
}


def eval_zip(log: Json, *, header: bool = True) -> bytes:
    """A log as Inspect writes it: a zip of zstd members, without a header while it runs."""
    start = {key: log[key] for key in ("version", "eval", "plan")}
    files = {"_journal/start.json": start}
    files |= {f"samples/{s['id']}_epoch_{s['epoch']}.json": s for s in log["samples"]}
    if header:
        files["header.json"] = {**start, "status": log["status"]}
    return zstd_zip({name: json.dumps(value).encode() for name, value in files.items()})


def zstd_zip(files: dict[str, bytes], method: int = 93) -> bytes:
    """A zip as the format says, written here by hand because `zipfile` of Python 3.11 knows no zstd."""
    body, directory = b"", b""
    for name, data in files.items():
        packed = zstandard.ZstdCompressor().compress(data) if method == 93 else data
        fields = struct.pack("<5H3I", 20, 0, method, 0, 33, zlib.crc32(data), len(packed), len(data))
        sizes = struct.pack("<2H", len(name), 0)
        directory += b"PK\x01\x02" + struct.pack("<H", 20) + fields + sizes
        directory += struct.pack("<3H2I", 0, 0, 0, 0, len(body)) + name.encode()
        body += b"PK\x03\x04" + fields + sizes + name.encode() + packed
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, len(files), len(files), len(directory), len(body), 0)
    return body + directory + end


def deflated_zip(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


EXAMPLES: dict[str, bytes] = {
    "palisade_robot": jsonl(*PALISADE),
    "chat": json.dumps(CHAT, indent=1).encode(),
    "chat_lines": jsonl(CHAT, CHAT),
    "chat_messages": jsonl(*CHAT["messages"]),
    "chat_list": json.dumps(CHAT["messages"]).encode(),
    "claude_code": jsonl(*CLAUDE_CODE),
    "bloom": json.dumps(BLOOM).encode(),
    "commands": jsonl(*COMMANDS),
    "replies": jsonl(*REPLIES),
    "inspect_json": json.dumps(INSPECT_LOG, indent=2).encode(),
    "inspect_eval": eval_zip(INSPECT_LOG),
}
