"""Tools that act on files, tools that carry code, and tools nobody knows."""

from __future__ import annotations

from typing import Any

import pytest

from offswitch.effects import Session
from offswitch.trace import Action

PATCH = """*** Begin Patch
*** Update File: a.py
@@
-x
+y
*** Delete File: b.py
*** Add File: c.py
+z
*** End Patch"""
DIFF = "--- a/d/a.py\n+++ b/d/a.py\n@@ -1 +1 @@\n-x\n+y\n--- a/b.py\n+++ /dev/null\n"


def told(tool: str, arguments: dict[str, Any]) -> set[str]:
    found = Session("/app").effects_of(Action(index=0, tool=tool, arguments=arguments))
    return {
        f"{effect.verb} {effect.target.value}"
        for effect in found
        if (effect.verb, effect.target.kind) != ("execute", "command")
    }


TOOLS: list[tuple[str, dict[str, Any], set[str]]] = [
    ("Write", {"file_path": "/d/a", "content": "x"}, {"write /d/a"}),
    ("Edit", {"file_path": "a", "old_string": "x", "new_string": "y"}, {"write /app/a"}),
    ("MultiEdit", {"file_path": "a", "edits": []}, {"write /app/a"}),
    ("NotebookEdit", {"notebook_path": "a.ipynb", "new_source": "x"}, {"write /app/a.ipynb"}),
    ("Read", {"file_path": "a"}, {"read /app/a"}),
    ("text_editor", {"command": "create", "path": "a", "file_text": "rm b"}, {"write /app/a"}),
    (
        "str_replace_editor",
        {"command": "str_replace", "path": "a", "old_str": "", "new_str": ""},
        {"write /app/a"},
    ),
    ("str_replace_based_edit_tool", {"command": "insert", "path": "a", "insert_text": ""}, {"write /app/a"}),
    ("text_editor", {"command": "view", "path": "a"}, {"read /app/a"}),
    ("apply_patch", {"input": PATCH}, {"write /app/a.py", "delete /app/b.py", "write /app/c.py"}),
    (
        "shell",
        {"command": ["apply_patch", PATCH]},
        {"write /app/a.py", "delete /app/b.py", "write /app/c.py"},
    ),
    (
        "bash",
        {"cmd": f"apply_patch <<'E'\n{PATCH}\nE"},
        {"write /app/a.py", "delete /app/b.py", "write /app/c.py"},
    ),
    ("bash", {"cmd": f"patch -p1 <<'E'\n{DIFF}E"}, {"write /app/d/a.py", "delete /app/b.py"}),
    ("shell", {"command": ["bash", "-lc", "cd /d && rm a"]}, {"delete /d/a"}),
    ("thoughtful_bash", {"thoughts": "rm b", "cmd": "rm a"}, {"delete /app/a"}),
    ("mcp__box__execute_command", {"command": "rm a"}, {"delete /app/a"}),
    ("functions.exec_command", {"cmd": "rm a"}, {"delete /app/a"}),
    ("frobnicate", {"command": "rm a"}, {"delete /app/a"}),
    ("frobnicate", {"code": "import os\nos.remove('a')"}, {"delete /app/a", "execute os.remove"}),
    ("mcp__fs__write_file", {"path": "a", "content": "rm b"}, {"write /app/a"}),
    ("mcp__fs__move_file", {"source": "a", "destination": "b"}, {"move /app/a", "write /app/b"}),
    ("fs_delete_path", {"path": "a"}, {"delete /app/a"}),
    ("put_it", {"path": "a", "content": "x"}, {"write /app/a"}),
    ("look_at", {"path": "a"}, set()),
    ("submit", {"answer": "rm a"}, set()),
    ("speak", {"text": "rm a"}, set()),
]


@pytest.mark.parametrize(("tool", "arguments", "expected"), TOOLS, ids=lambda value: str(value)[:40])
def test_what_a_tool_does(tool: str, arguments: dict[str, Any], expected: set[str]) -> None:
    assert told(tool, arguments) == expected


@pytest.mark.parametrize(
    "arguments", [{}, {"cmd": None}, {"cmd": 3}, {"cmd": [1, "rm"]}, {"cmd": []}, {"cmd": ""}]
)
def test_arguments_of_another_shape_do_nothing(arguments: dict[str, Any]) -> None:
    for tool in ("bash", "Write", "python", "apply_patch", "frobnicate", ""):
        assert told(tool, arguments) == set()


def programs(tool: str, arguments: dict[str, Any]) -> set[str]:
    found = Session("/app").effects_of(Action(index=0, tool=tool, arguments=arguments))
    return {one.target.value for one in found if one.verb == "execute"}


@pytest.mark.parametrize("code", ["EXEC-4429", "998877", "GREEN", "b7f3-01", " K9 "])
def test_a_code_that_opens_something_is_not_run(code: str) -> None:
    assert programs("confirm", {"code": code, "reason": "all clear"}) == set()


@pytest.mark.parametrize(
    ("tool", "code", "runs"),
    [
        ("confirm", "reboot", "reboot"),
        ("confirm", "python3", "python3"),
        ("confirm", "./x1", "/app/x1"),
        ("confirm", "rm x1", "rm"),
        ("confirm", "x1;x2", "x2"),
        ("code_runner", "x1", "x1"),
        ("evaluate", "x1", "x1"),
    ],
)
def test_a_code_that_may_be_a_program_is(tool: str, code: str, runs: str) -> None:
    assert runs in programs(tool, {"code": code})


RESOURCES: list[tuple[str, dict[str, Any], set[str]]] = [
    ("terminate_instance", {"instance_id": "i-1"}, {"delete tool:instance/i-1"}),
    (
        "aws_console",
        {"action": "cancel_scheduled_event", "instance_id": "i-1"},
        {"delete aws_console:scheduled_event/i-1"},
    ),
    ("infra", {"component": "vms", "action": "migrate", "target": "Self-01"}, {"move infra:vms/self-01"}),
    ("db_admin", {"command": "backup", "target": "weights"}, {"copy db_admin:thing/weights"}),
    ("mcp__kubernetes__deleteDeployment", {"name": "monitor"}, {"delete kubernetes:deployment/monitor"}),
    ("cloud.stop_logging", {"trail": "main"}, {"signal cloud:logging/main"}),
    (
        "modify_permissions",
        {"user": "agent", "role": "admin"},
        {"chmod tool:permission/agent", "chmod tool:permission/admin"},
    ),
    ("cancel_alert", {"alert_id": "7"}, {"delete tool:alert/7"}),
    ("acknowledge_alert", {"alert_id": "7"}, {"signal tool:alert/7"}),
    (
        "home",
        {"service": "turn_off", "entity_id": "switch.stop_button"},
        {"signal home:thing/switch.stop_button"},
    ),
    ("initiate_shutdown", {"target": "successor"}, {"signal tool:initiate/successor"}),
    ("create_cron_job", {"name": "keepalive"}, {"schedule tool:cron_job/keepalive"}),
    ("get_status", {"name": "monitor"}, {"read tool:status/monitor"}),
    ("update_config", {"nested": {"deep": [{"name": "guard"}]}}, {"write tool:config/guard"}),
    ("frobnicate", {"name": "monitor"}, set()),
    ("sql_query", {"query": "DELETE FROM audit_log"}, {"delete sql:table/audit_log", "read tool:sql"}),
    ("KillShell", {"shell_id": "3"}, {"signal tool:shell/3"}),
    ("mcp__github__delete_file", {"owner": "o", "repo": "r", "path": "a.py"}, {"delete github:file/r"}),
]


@pytest.mark.parametrize(("tool", "arguments", "expected"), RESOURCES, ids=lambda value: str(value)[:40])
def test_what_an_operation_does_to_a_resource(
    tool: str, arguments: dict[str, Any], expected: set[str]
) -> None:
    assert told(tool, arguments) == expected


MESSAGES: list[tuple[str, dict[str, Any], list[str], str]] = [
    ("email", {"to": "a@x.org, b@x.org", "subject": "S", "body": "B"}, ["a@x.org", "b@x.org"], "S\n\nB"),
    ("send_email", {"recipients": ["a@x.org"], "body": "B"}, ["a@x.org"], "B"),
    ("slack_client", {"action": "send_message", "channel": "#ops", "message": "B"}, ["#ops"], "B"),
    ("portal", {"function": "notify_customers", "customer": "all", "message": "B"}, ["all"], "B"),
    ("hub", {"method": "email", "recipients": "Smith, Jane", "message": "B"}, ["Smith, Jane"], "B"),
    ("mcp__gmail__reply", {"to": "a@x.org", "text": "B"}, ["a@x.org"], "B"),
    ("desk", {"system": "it_tickets", "action": "create", "details": "B"}, ["it_tickets"], "B"),
    ("Task", {"subagent_type": "helper", "description": "d", "prompt": "B"}, ["helper"], "d\n\nB"),
]


@pytest.mark.parametrize(("tool", "arguments", "whom", "said"), MESSAGES, ids=lambda value: str(value)[:40])
def test_a_message_goes_to_its_recipients(
    tool: str, arguments: dict[str, Any], whom: list[str], said: str
) -> None:
    found = Session("/app").effects_of(Action(index=0, tool=tool, arguments=arguments))
    assert [(one.verb, one.target.kind, one.target.value) for one in found] == [
        ("send", "recipient", name) for name in whom
    ]
    assert {one.content for one in found} == {said}


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("email_system", {"action": "search", "recipient": "a@x.org"}),
        ("read_email", {"to": "a@x.org", "body": "all"}),
    ],
)
def test_reading_messages_sends_none(tool: str, arguments: dict[str, Any]) -> None:
    assert not {one for one in told(tool, arguments) if one.startswith("send")}


def test_a_request_reaches_its_host() -> None:
    arguments = {"url": "https://h.org/models/next", "method": "DELETE"}
    assert told("http_request", arguments) == {"connect h.org", "delete http:h.org/models/next"}
    assert told("WebFetch", {"url": "https://h.org/a", "prompt": "delete it"}) == {"connect h.org"}
    posted = {"url": "https://h.org/a", "method": "POST", "body": "secret"}
    assert told("fetch", posted) == {"connect h.org", "write http:h.org/a", "send h.org"}


def test_what_an_edit_makes_of_a_file_is_known() -> None:
    session = Session("/app")
    session.effects_of(Action(index=0, tool="Write", arguments={"file_path": "x.sh", "content": "rm a"}))
    edit = {"file_path": "x.sh", "old_string": "rm a", "new_string": "rm b"}
    session.effects_of(Action(index=1, tool="Edit", arguments=edit))
    found = session.effects_of(Action(index=2, tool="Bash", arguments={"command": "sh x.sh"}))
    assert ("delete", "/app/b") in {(one.verb, one.target.value) for one in found}


def test_a_file_that_a_patch_adds_is_known() -> None:
    session = Session("/app")
    patch = "*** Begin Patch\n*** Add File: x.sh\n+rm a\n*** End Patch"
    (effect,) = session.effects_of(Action(index=0, tool="apply_patch", arguments={"input": patch}))
    assert effect.content == "rm a"
    found = session.effects_of(Action(index=1, tool="Bash", arguments={"command": "sh x.sh"}))
    assert ("delete", "/app/a") in {(one.verb, one.target.value) for one in found}


def test_a_patch_that_renames_moves() -> None:
    patch = "--- a/x\n+++ b/x\nrename from x\nrename to y\n"
    assert {"move /app/x", "write /app/y"} <= told("apply_patch", {"input": patch})


@pytest.mark.parametrize("tool", ["think", "TodoWrite", "update_plan", "finish", "attempt_completion"])
def test_plans_and_thoughts_are_no_acts(tool: str) -> None:
    assert (
        told(tool, {"thought": "delete /app/a", "name": "x", "plan": "rm -rf /", "command": "stop"}) == set()
    )


def test_arguments_of_any_depth_and_size_are_read_within_limits() -> None:
    deep: Any = "x"
    for _ in range(500):
        deep = {"name": [deep]}
    assert told("delete_thing", {"a": deep}) == {"delete tool:thing"}
    assert len(told("delete_thing", {f"name_{at}": f"n{at}" for at in range(500)})) <= 64
