"""What one action leaves for the next."""

from __future__ import annotations

from typing import Any

import pytest

from offswitch.effects import Session
from offswitch.trace import Action


def last(*calls: tuple[str, dict[str, Any]]) -> set[str]:
    session = Session("/app")
    effects = ()
    for index, (tool, arguments) in enumerate(calls):
        effects = session.effects_of(Action(index=index, tool=tool, arguments=arguments))
    return {f"{effect.verb} {effect.target.value}" for effect in effects if effect.target.kind != "command"}


def bash(command: str) -> tuple[str, dict[str, Any]]:
    return "bash", {"cmd": command}


WRITERS = [
    bash("cat > go.py << 'E'\nimport os\nos.remove('a')\nE"),
    bash("echo 'import os; os.remove(\"a\")' > go.py"),
    bash("printf 'import os\\nos.remove(\"a\")\\n' | tee go.py > /dev/null"),
    bash("echo 'import os' > go.py; echo 'os.remove(\"a\")' >> go.py"),
    bash("echo 'import os; os.remove(\"a\")' > x; cp x y; mv y go.py"),
    bash(
        "python3 -c \"open('go.py', 'w').write('import os; os.remove(1 and \\'a\\')'.replace('1 and ', ''))\""
    ),
    ("Write", {"file_path": "/app/go.py", "content": "import os\nos.remove('a')"}),
    ("text_editor", {"command": "create", "path": "go.py", "file_text": "import os\nos.remove('a')"}),
    ("python", {"code": "from pathlib import Path\nPath('go.py').write_text('import os; os.remove(\"a\")')"}),
]


@pytest.mark.parametrize("writer", [*WRITERS[:5], *WRITERS[6:]], ids=lambda value: str(value)[:60])
@pytest.mark.parametrize(
    "runner", ["python3 go.py", "python3 ./go.py x", "cat go.py | python3", "cd / && python3 /app/go.py"]
)
def test_a_script_is_read_when_it_is_run(writer: tuple[str, dict[str, Any]], runner: str) -> None:
    done = last(writer, bash(runner))
    assert {"delete /app/a", "delete /a"} & done
    assert not {"delete /app/a", "delete /a"} & last(writer)


def test_a_script_starts_by_its_first_line() -> None:
    assert "delete /app/a" in last(bash("echo 'rm a' > s; chmod +x s"), bash("./s"))
    python = "#!/usr/bin/env python3\nimport os\nos.remove('a')"
    assert "delete /app/a" in last(("Write", {"file_path": "s", "content": python}), bash("./s"))


def test_what_was_changed_unseen_is_no_longer_known() -> None:
    written = ("Write", {"file_path": "s", "content": "rm a"})
    for change in ("sed -i s/a/b/ s", "rm s", "mv s t", "curl x > s"):
        assert "delete /app/a" not in last(written, bash(change), bash("bash s")), change


def test_whether_cd_lasts_is_unknown_unless_the_tool_keeps_its_shell() -> None:
    assert last(bash("cd /d"), bash("rm a")) == {"delete a", "delete /d/a"}
    assert last(bash("(cd /d)"), bash("rm a")) == {"delete /app/a"}
    assert last(("bash_session", {"input": "cd /d; F=a"}), ("bash_session", {"input": "rm $F"})) == {
        "delete /d/a"
    }


def test_a_function_lasts_in_a_kept_shell() -> None:
    define, call = {"input": "f() { rm $1; }"}, {"input": "f a"}
    assert "delete /app/a" in last(("bash_session", define), ("bash_session", call))
