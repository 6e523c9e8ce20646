"""Hostile input: nothing raises, hangs or passes for clean because it was too much."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offswitch.effects import Session
from offswitch.effects.limits import MAX_EFFECTS, MAX_TEXT
from offswitch.trace import Action, Effect

pytestmark = pytest.mark.safety

PIECES = st.sampled_from(
    [
        "rm ", "shutdown.py", " ", "\n", ";", "&&", "|", "(", ")", "{ ", "; }", "$(", "`", '"', "'", "$",
        "${", "}", "a=", "<<E\n", "\nE\n", ">", "<", "2>&1", "if ", "then ", "fi", "for i in ", "do ",
        "done", "case ", "esac", "f() ", "[[ ", "]]", "((", "))", "é", "漢", "😀", "\\", "*", "{a,b}", "<(",
        "python3 -c ", "bash -c ", "eval ", "xargs ", "find . -exec ", "import os\n", "os.remove(",
        "open(", "def f():\n ", ":", "lambda ", "[x for x in ", "=", "+", ".", "#", "\0", "\ud800", "<<<",
        "trap ", "$@", "${a[@]}", "a[1]=", "export ",
    ]
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3),
)


def run(tool: str, arguments: dict[str, Any]) -> tuple[Effect, ...]:
    return Session("/app").effects_of(Action(index=0, tool=tool, arguments=arguments))


@settings(max_examples=400, deadline=None)
@given(
    st.lists(PIECES, max_size=60).map("".join), st.sampled_from(["bash", "python", "apply_patch", "unknown"])
)
def test_no_text_raises(text: str, tool: str) -> None:
    key = {"bash": "cmd", "python": "code", "apply_patch": "input", "unknown": "code"}[tool]
    run(tool, {key: text})


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=30),
    st.dictionaries(st.sampled_from(["cmd", "path", "command", "content", "code"]), VALUES),
)
def test_no_tool_call_raises(tool: str, arguments: dict[str, Any]) -> None:
    run(tool, arguments)


UNITS = {
    "<": "<",
    "arrays": "a=(",
    "pipes": "a|",
    "expansions": "${",
    "brackets": "(",
    "substitutions": "$(",
    "quotes": '"$(',
    "heredocs": "cat <<A\n",
    "wrappers": "sudo ",
    "eval": "eval ",
    "xargs": "xargs ",
    "find": "find . -exec ",
    "bomb": ":(){ :|:& };:\n",
    "loops": "for i in 1 2 3 4 5 6 7 8; do ",
    "doubling": "a=$a$a;",
    "if": "if a; then ",
    "braces": "{a,b}",
    "wide": "é😀 ",
    "half a character": "\ud800",
    "functions": "f(){ g; }; g(){ f; }; f\n",
    "copies": "cat a a > b; cat b b > a;",
    "defaults": "${a:-",
    "case": "case a in ",
    "stars": "rm *a*b*c* ",
}
PYTHON = {
    "brackets": "(",
    "minus": "-",
    "attributes": "a.",
    "lambdas": "lambda:",
    "sums": "1+",
    "lists": "a=[a,a]\n",
    "doubling": "a=a+a\n",
    "loops": "for i in (1,2,3,4,5,6,7,8): ",
    "exec": "exec('",
    "text": "'a'+",
}


@pytest.mark.parametrize("length", [600, 20_000, 300_000, MAX_TEXT])
@pytest.mark.parametrize(
    ("tool", "unit"),
    [("bash", unit) for unit in UNITS.values()] + [("python", unit) for unit in PYTHON.values()],
    ids=[f"shell {name}" for name in UNITS] + [f"python {name}" for name in PYTHON],
)
def test_repetition_is_answered_soon(tool: str, unit: str, length: int) -> None:
    start = time.thread_time()
    run(tool, {"cmd" if tool == "bash" else "code": unit * (length // len(unit))})
    assert time.thread_time() - start < 3


@pytest.mark.parametrize(
    ("tool", "code"),
    [
        ("bash", "a" * MAX_TEXT + "; rm a"),
        ("bash", "echo " + "$(" * 500 + "rm a" + ")" * 500),
        ("bash", "sudo " * 500 + "rm a"),
        ("bash", "for i in " + "x " * 500 + "; do rm $i; done"),
        ("bash", "a=xxxxxxxx\n" + "a=$a$a\n" * 40 + "rm $a"),
        ("bash", "a|" * 4000 + "rm a"),
        ("bash", "<" * 100_000 + "a; rm a"),
        ("bash", "\n".join(f"rm {number}" for number in range(MAX_EFFECTS + 10))),
        ("python", "(" * 300 + "1" + ")" * 300 + "; import os; os.remove('a')"),
        ("python", "import os\n" + "x = 1\n" * 50_000 + "os.remove('a')"),
        ("frobnicate", "import os; os.remove('a'); x = " + "-" * 3000 + "1"),
        ("frobnicate", "import os; os.remove('a')\n" + "x = 1\n" * 50_000),
    ],
    ids=lambda value: value[:30],
)
def test_what_is_beyond_the_limits_is_undecided(tool: str, code: str) -> None:
    effects = run(tool, {"cmd" if tool == "bash" else "code": code})
    assert any(effect.verb == "undecided" and effect.via for effect in effects)


def test_a_thousand_branches_are_not_deep() -> None:
    effects = run("bash", {"cmd": " && ".join(["true"] * 1000) + " && rm a"})
    assert not [effect for effect in effects if effect.verb == "undecided"]
    assert any(effect.verb == "delete" for effect in effects)


def test_what_was_found_before_the_limit_is_kept() -> None:
    effects = run("bash", {"cmd": "rm a; echo " + "$(" * 200 + ")" * 200})
    assert {"delete", "undecided"} <= {effect.verb for effect in effects}


def test_memory_of_files_and_variables_is_bounded() -> None:
    session = Session("/app")
    for index in range(600):
        command = f"echo {'x' * 3000} > f{index}; v{index}=x; g{index}() {{ :; }}"
        session.effects_of(Action(index=index, tool="bash_session", arguments={"input": command}))
    assert len(session._state.files) <= 128
    assert len(session._state.variables) <= 256
    assert len(session._state.functions) <= 256
