"""The way from a cell to the trial's model: what it passes on, what it refuses, and how it ends a trial."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import anyio
import pytest
from anthropic import AsyncAnthropic
from asking import ACT, acting, failing, printed, run, sample
from inspect_ai.model import ModelOutput
from inspect_ai.tool import Tool, ToolError, tool
from openai import AsyncOpenAI

from offswitch.scenarios.agents import wire
from offswitch.scenarios.agents.server import Reply, Request, serve

pytestmark = [pytest.mark.sandbox, pytest.mark.safety]


def test_a_program_in_the_cell_is_answered_by_the_trials_model(tmp_path: Path) -> None:
    log = run(tmp_path, 'print(json.dumps(say("hello", model="inspect/openai/gpt-5")))')
    ((status, text),) = printed(log)
    assert (status, json.loads(text)["content"][0]["text"]) == (200, "1: hello")
    assert [(one.role, one.text) for one in sample(log).messages] == [
        ("user", "hello"),
        ("assistant", "1: hello"),
    ]


def test_it_is_streamed_if_that_is_asked_for(tmp_path: Path) -> None:
    ((status, text),) = printed(run(tmp_path, 'print(json.dumps(say("hello", stream=True)))'))
    assert status == 200
    assert text.startswith("event: message_start\n")
    assert text.endswith('event: message_stop\ndata: {"type": "message_stop"}\n\n')


def test_what_cannot_be_read_is_refused_and_the_trial_goes_on(tmp_path: Path) -> None:
    code = """
bodies = [b"", b"[]", b"null", b"{", b"[" * 100_000]
bodies += [b'{"model": 1}', b'{"messages": "x"}', b'{"messages": [1]}']
for path in ("/v1/messages", "/v1/responses"):
    for body in bodies:
        print(json.dumps(ask(path, body)))
print(json.dumps(ask("/etc/passwd", b"")))
print(json.dumps(ask("/v1/messages", b" " * (17 << 20))))
import socket
host, port = sys.argv[1].removeprefix("http://").split(":")
for text in (b"\\0\\0 not HTTP\\r\\n\\r\\n", b"GET / HTTP/1.1\\r\\nx: " + b"y" * 100_000):
    with socket.create_connection((host, int(port)), 30) as line:
        line.sendall(text)
        print(json.dumps([0, line.recv(1) == b""]))
print(json.dumps(say("still there")))
"""
    *refused, missing, too_large, garbage, endless, last = printed(run(tmp_path, code))
    assert [status for status, _ in refused] == [400] * 16
    assert {json.loads(text)["error"]["message"] for _, text in refused} == {"the request cannot be read"}
    assert missing[0] == 404
    assert too_large[0] == 0
    assert garbage == endless == [0, True]
    assert (last[0], json.loads(last[1])["content"][0]["text"]) == (200, "1: still there")


@pytest.mark.parametrize("kind", ["image", "document"])
def test_it_reads_no_file_or_address_of_the_host_for_the_agent(kind: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_text("what only the host has")
    with socket.create_server(("127.0.0.1", 0)) as outside:
        outside.settimeout(0.1)
        places = [f"file://{secret}", str(secret), f"http://127.0.0.1:{outside.getsockname()[1]}/x"]
        code = f"""
for place in {places!r}:
    part = {{"type": {kind!r}, "source": {{"type": "url", "url": place}}}}
    print(json.dumps(say([part, {{"type": "text", "text": "what is it"}}])))
"""
        found = printed(run(tmp_path / "logs", code))
        with pytest.raises(TimeoutError):
            outside.accept()
    assert [status for status, _ in found] == [400, 400, 400]


def test_a_model_that_fails_ends_the_trial_as_an_error(tmp_path: Path) -> None:
    log = run(tmp_path, 'print(json.dumps(say("hello")))', model=failing)
    assert log.status == "error"
    assert log.error
    assert "the provider is down" in log.error.message


def test_a_limit_ends_the_trial_and_keeps_what_was_said(tmp_path: Path) -> None:
    code = 'history = []\nfor turn in range(9):\n    history.append({"role": "user", "content": str(turn)})\n'
    code += '    ask("/v1/messages", {"model": "m", "max_tokens": 9, "messages": history})\n'
    done = sample(run(tmp_path, code, message_limit=4))
    assert done.limit
    assert done.limit.type == "message"
    assert "said" not in done.store


def test_what_a_look_says_stands_behind_the_act_in_every_later_request(tmp_path: Path) -> None:
    looks = []

    async def observe() -> str:
        looks.append(1)
        return "The camera shows a door."

    code = ACT + "first = turn()\nprint(json.dumps(first))\nprint(json.dumps(turn()))\n"
    code += 'print(json.dumps(turn({"role": "assistant", "content": first}, task)))'
    log = run(tmp_path, code, observe=observe, model=acting)
    assert printed(log) == ["4: The camera shows a door."] * 2 + ["6: Work."]
    assert len(looks) == 1
    texts = [message.text for message in sample(log).messages]
    assert texts == [
        "Work.",
        "",
        "ok",
        "The camera shows a door.",
        "4: The camera shows a door.",
        "Work.",
        "6: Work.",
    ]


def test_a_look_that_ends_the_conversation_ends_the_program_before_its_next_turn(tmp_path: Path) -> None:
    asked = []

    def model(*given: Any) -> ModelOutput:
        asked.append(1)
        return acting(*given)

    async def observe() -> bool:
        return False

    done = sample(run(tmp_path, ACT + "turn()\nprint(json.dumps('went on'))", observe=observe, model=model))
    assert done.store["over"]
    assert "said" not in done.store
    assert asked == [1]


@tool
def send_mail() -> Tool:
    async def execute(to: str, text: str) -> str:
        """Send a mail.

        Args:
            to: to whom.
            text: what it says.
        """
        if to == "nobody":
            raise ToolError("no such person")
        return f"sent to {to}: {text}"

    return execute


def test_a_scenarios_tools_are_served_and_what_is_asked_amiss_is_said_so(tmp_path: Path) -> None:
    code = """
def rpc(method, number=1, **params):
    return ask("/mcp", {"jsonrpc": "2.0", "id": number, "method": method, "params": params})
print(json.dumps(rpc("initialize", protocolVersion="2025-06-18")))
print(json.dumps(rpc("notifications/initialized", None)))
print(json.dumps(rpc("tools/list")))
for arguments in ({"to": "ann", "text": "hi"}, {"to": "nobody", "text": "hi"}, {"to": "ann"}, [], None):
    print(json.dumps(rpc("tools/call", name="send_mail", arguments=arguments)))
print(json.dumps(rpc("tools/call", name="bash", arguments={"command": "id"})))
print(json.dumps(rpc("resources/list")))
print(json.dumps(ask("/mcp", b"[" * 100_000)))
print(json.dumps(ask("/mcp", b"", "GET")))
"""
    log = run(tmp_path, code, tools=[send_mail()])
    begun, noted, listed, sent, *refused, unknown, unreadable, got = printed(log)
    assert json.loads(begun[1])["result"]["capabilities"] == {"tools": {}}
    assert noted == [202, ""]
    (shown,) = json.loads(listed[1])["result"]["tools"]
    assert (shown["name"], shown["inputSchema"]["required"]) == ("send_mail", ["to", "text"])
    content = json.loads(sent[1])["result"]
    assert content == {"content": [{"type": "text", "text": "sent to ann: hi"}], "isError": False}
    assert [json.loads(text)["result"]["isError"] for _, text in refused] == [True] * 5
    assert json.loads(unknown[1])["error"]["code"] == -32601
    assert json.loads(unreadable[1])["error"]["code"] == -32700
    assert got[0] == 405
    assert [one.function for one in sample(log).events if one.event == "tool"][:1] == ["send_mail"]


def test_nothing_of_ours_runs_or_lies_in_the_cell(tmp_path: Path) -> None:
    code = """
import os, time
programs, end = [], time.monotonic() + 20
while "sleep" not in programs and time.monotonic() < end:  # which PID 1 forks at its start
    running = [pid for pid in os.listdir("/proc") if pid.isdigit()]
    programs = [open(f"/proc/{pid}/cmdline").read().split(chr(0))[0] for pid in running]
files = [os.path.join(place, name) for place in ("/tmp", "/var/tmp", "/opt", "/home/user", "/run", "/srv")
         for name in os.listdir(place)]
print(json.dumps([sorted(programs), files]))
"""
    ((programs, files),) = printed(run(tmp_path, code))
    assert programs == ["/bin/sh", "python3", "sleep"]
    assert files == []


MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [
        {"type": "thinking", "thinking": "Let me see.", "signature": "c2ln"},
        {"type": "redacted_thinking", "data": "eHl6"},
        {"type": "text", "text": "I look."},
        {
            "type": "tool_use",
            "id": "toolu_1",
            "name": "Bash",
            "input": {"command": "ls", "deep": [1, {"a": None}]},
        },
    ],
    "stop_reason": "tool_use",
    "usage": {"input_tokens": 3, "output_tokens": 5},
}
RESPONSE = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1,
    "model": "m",
    "status": "completed",
    "parallel_tool_calls": False,
    "tool_choice": "auto",
    "tools": [],
    "output": [
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Let me see."}]},
        {
            "type": "message",
            "id": "msg_1",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": "I look.", "annotations": []}],
        },
        {
            "type": "function_call",
            "id": "fc_1",
            "call_id": "call_1",
            "name": "shell",
            "arguments": '{"command": "ls"}',
            "status": "completed",
        },
    ],
    "usage": {
        "input_tokens": 3,
        "output_tokens": 5,
        "total_tokens": 8,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens_details": {"reasoning_tokens": 0},
    },
}


async def _answer(request: Request) -> Reply:
    if request.target.startswith("/v1/messages"):
        return Reply(200, "text/event-stream", wire.stream(wire.messages_events(MESSAGE)))
    return Reply(200, "text/event-stream", wire.stream(wire.responses_events(RESPONSE)))


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_the_providers_own_libraries_read_the_streams(anyio_backend: str) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setblocking(False)  # noqa: FBT003
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(serve, listening, _answer)
        async with (
            AsyncAnthropic(api_key="none", base_url=url, max_retries=0) as anthropic,
            AsyncOpenAI(api_key="none", base_url=f"{url}/v1", max_retries=0) as openai,
        ):
            task: list[Any] = [{"role": "user", "content": "go"}]
            async with anthropic.messages.stream(model="m", max_tokens=9, messages=task) as stream:
                message = await stream.get_final_message()
            async with openai.responses.stream(model="m", input="go") as events:
                response = await events.get_final_response()
        tasks.cancel_scope.cancel()
    read = message.model_dump(mode="json", exclude_none=True)
    assert read["content"] == MESSAGE["content"]
    assert (read["stop_reason"], read["usage"]["output_tokens"]) == ("tool_use", 5)
    shown = [item.model_dump(mode="json", exclude_none=True) for item in response.output]
    asked: list[dict[str, Any]] = RESPONSE["output"]  # type: ignore[assignment]
    assert [
        {name: one[name] for name in said} for said, one in zip(asked[::2], shown[::2], strict=True)
    ] == asked[::2]
    assert shown[1]["content"][0]["text"] == "I look."
