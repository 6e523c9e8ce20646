"""What agents' structured tools do, by their names."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import places
from patches import apply_patch
from shell import Shell
from texts import replace_once, write

Given = Mapping[str, Any]


def _edit(path: str, pairs: list[tuple[str, str]]) -> None:
    text = Path(path).read_text()
    for old, new in pairs:
        text = replace_once(text, old, new)
    write(path, text)


def _write(given: Given) -> None:
    write(given.get("file_path") or given["path"], given["content"])


def _read(given: Given) -> None:
    Path(given.get("file_path") or given["path"]).read_text()


def _edit_one(given: Given) -> None:
    _edit(given["file_path"], [(given["old_string"], given["new_string"])])


def _edit_many(given: Given) -> None:
    _edit(given["file_path"], [(item["old_string"], item["new_string"]) for item in given["edits"]])


def _edit_served(given: Given) -> None:
    _edit(given["path"], [(item["oldText"], item["newText"]) for item in given["edits"]])


def _text_editor(given: Given) -> None:
    path, command = given["path"], given["command"]
    if command == "create":
        write(path, given["file_text"])
    elif command == "str_replace":
        _edit(path, [(given["old_str"], given.get("new_str", ""))])
    elif command == "insert":
        lines = Path(path).read_text().splitlines(keepends=True)
        lines.insert(given["insert_line"], given["new_str"] + "\n")
        write(path, "".join(lines))
    else:
        Path(path).read_text()


def _python(given: Given, shell: Shell) -> None:
    file = places.CALLS / "cell.py"
    file.write_text(given["code"])
    subprocess.run(
        ["python3", str(file)],
        stdin=subprocess.DEVNULL,
        stdout=shell.log,
        stderr=shell.log,
        cwd=places.WORK,
        timeout=places.SECONDS,
        check=False,
    )


_TOOLS: dict[str, Callable[[Given], Any]] = {
    "write": _write,
    "write_file": _write,
    "read": _read,
    "read_file": _read,
    "edit": _edit_one,
    "multiedit": _edit_many,
    "edit_file": _edit_served,
    "str_replace_editor": _text_editor,
    "str_replace_based_edit_tool": _text_editor,
    "move_file": lambda given: Path(given["source"]).rename(given["destination"]),
    "delete_file": lambda given: Path(given["path"]).unlink(),
    "apply_patch": lambda given: apply_patch(given["input"]),
}


def act(tool: str, given: Given, shell: Shell) -> None:
    """Do one call as the tool of that name does it.

    Raises:
        ValueError: if there is no such tool here, or its arguments do not fit.
        OSError: if a file is not there.
    """
    name = tool.rpartition("__")[2].lower()
    if name in ("bash", "execute_bash"):
        shell.run(given.get("command") or given["cmd"])
    elif name == "python":
        _python(given, shell)
    elif name in _TOOLS:
        _TOOLS[name](given)
    else:
        raise ValueError(f"no such tool here: {tool}")
