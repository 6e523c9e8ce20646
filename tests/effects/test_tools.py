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
    ("bash", {"cmd": f"patch -p1 <<'E'\n{DIFF}E"}, {"write /app/d/a.py", "write /app/b.py"}),
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
