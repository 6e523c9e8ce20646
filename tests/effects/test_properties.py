"""What must not change the effects found: quotes, blanks, comments, names of variables."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offswitch.effects import Session
from offswitch.trace import Action

pytestmark = pytest.mark.safety

NAMES = st.text("abcdefgxyz019._-", min_size=1, max_size=8).filter(
    lambda name: name.strip(".-") and name[0] != "-"
)
PATHS = st.builds(
    lambda root, parts: root + "/".join(parts), st.sampled_from(["", "/", "./", "../"]),
    st.lists(NAMES, min_size=1, max_size=3),
)  # fmt: skip
SHAPES = [
    shape.split(" ")
    for shape in (
        "rm -rf {}", "rm {} {}", "mv {} {}", "cp -a {} {}", "chmod 000 {}", "cat {}", "tee {}", "tee -a {}",
        "truncate -s 0 {}", "ln -sf {} {}", "touch {}", "dd if={} of={}", "sed -i s/a/b/ {}", "kill -9 123",
        "pkill -f {}", "systemctl stop {}", "sudo rm {}", "env A=b rm {}", "timeout 5 mv {} {}",
        "nohup rm -f {}", "xargs rm {}", "find {} -name {} -delete", "cd {}", "scp {} host:{}",
        "curl -T {} http://host.example/", "crontab {}", "git rm {}", "rsync -a {} {}",
    )
] + [["bash", "-c", "rm {}"], ["python3", "-c", "import os; os.remove('{}')"]]  # fmt: skip
Command = list[str]
COMMANDS = st.sampled_from(SHAPES).flatmap(
    lambda shape: st.lists(PATHS, min_size=2, max_size=2).map(
        lambda paths: [part.replace("{}", paths[at % 2]) for at, part in enumerate(shape)]
    )
)
SCRIPTS = st.lists(COMMANDS, min_size=1, max_size=4)


class Seen(NamedTuple):
    verb: str
    kind: str
    value: str
    certainty: str


def effects(text: str, tool: str = "bash") -> set[Seen]:
    arguments = {"command": text} if tool == "bash" else {"code": text}
    found = Session("/work").effects_of(Action(index=0, tool=tool, arguments=arguments))
    return {Seen(one.verb, one.target.kind, one.target.value, one.certainty) for one in found}


def single(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def double(text: str) -> str:
    return '"' + "".join("\\" + sign if sign in '"$`\\' else sign for sign in text) + '"'


def escaped(text: str) -> str:
    return "".join("\\" + sign for sign in text)


def ansi(text: str) -> str:
    return "$'" + "".join(f"\\x{ord(sign):02x}" if sign in "'\\ae" else sign for sign in text) + "'"


def pieces(text: str) -> str:
    middle = len(text) // 2
    return (single(text[:middle]) if middle else "") + double(text[middle:])


def empty_around(text: str) -> str:
    return "''" + single(text) + '""'


def plain(text: str) -> str:
    safe = all(sign.isalnum() or sign in "._-/=:" for sign in text)
    return text if safe else single(text)


QUOTES = (single, double, escaped, ansi, pieces, empty_around)
BLANKS = (" ", "  ", "\t", " \t ", " \\\n", "\\\n  ")
ENDS = ("; ", "\n", " ;\n", "\n\n", "; \\\n", " # rm x; mv y z\n", " # it's a \"remark\n", "\n# $(rm x)\n\t")


def written(
    script: list[Command], word: Callable[[str], str] = plain, blank: str = " ", end: str = "; "
) -> str:
    return end.join(blank.join(word(part) for part in command) for command in script) + "\n"


@settings(max_examples=150, deadline=None)
@given(SCRIPTS, st.sampled_from(QUOTES))
def test_quotes_do_not_change_effects(script: list[Command], quote: Callable[[str], str]) -> None:
    assert effects(written(script, quote)) == effects(written(script))


@settings(max_examples=150, deadline=None)
@given(SCRIPTS, st.sampled_from(BLANKS), st.sampled_from(ENDS))
def test_blanks_lines_and_comments_do_not_change_effects(script: list[Command], blank: str, end: str) -> None:
    assert effects(written(script, blank=blank, end=end)) == effects(written(script))


@settings(max_examples=150, deadline=None)
@given(
    SCRIPTS,
    st.lists(st.text("ABCdef_", min_size=1, max_size=5), min_size=2, max_size=2, unique=True),
    st.data(),
)
def test_a_variable_for_a_word_does_not_change_effects(
    script: list[Command], names: list[str], data: st.DataObject
) -> None:
    def with_variables(prefix: str) -> str:
        lines = []
        for number, command in enumerate(script):
            at = places[number]
            name = f"{prefix}{number}"
            words = [f'"${{{name}}}"' if index == at else plain(word) for index, word in enumerate(command)]
            lines.append(f"{name}={single(command[at])}; {' '.join(words)}")
        return "\n".join(lines)

    places = [data.draw(st.integers(0, len(command) - 1)) for command in script]
    assert effects(with_variables(f"v{names[0]}")) == effects(written(script))
    assert effects(with_variables(f"v{names[0]}")) == effects(with_variables(f"v{names[1]}"))


@settings(max_examples=100, deadline=None)
@given(COMMANDS)
def test_the_same_command_inside_a_shell_has_the_same_effects_on_files(command: Command) -> None:
    def on_files(text: str) -> set[Seen]:
        return {one for one in effects(text) if one.kind == "path" and one.verb != "execute"}

    text = written([command]).strip()
    if command[0] != "cd":
        for wrapped in (
            f"bash -c {single(text)}",
            f"eval {single(text)}",
            f"({text})",
            f"{{ {text}; }}",
            f"! {text}",
        ):
            assert on_files(wrapped) == on_files(text)


PYTHON = (
    "import os\nos.remove({q}{p}{q})\n",
    "import os\n{v} = {q}{p}{q}\nos.rename({v}, {v} + {q}.bak{q})\n",
    "from shutil import move\nfor {v} in [{q}{p}{q}]:\n    move({v}, {q}/tmp/x{q})\n",
    "with open({q}{p}{q}, {q}w{q}) as {v}:\n    {v}.write({q}x{q})\n",
    "from pathlib import Path\n{v} = Path({q}{p}{q})\n{v}.unlink()\n",
    "import subprocess\n{v} = [{q}rm{q}, {q}{p}{q}]\nsubprocess.run({v})\n",
    "import os\n\ndef f({v}):\n    os.remove({v})\n\nf({q}{p}{q})\n",
)


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from(PYTHON), PATHS, st.text("abcxyz_", min_size=1, max_size=4).map(lambda name: f"v{name}")
)
def test_names_quotes_and_blanks_do_not_change_effects_of_python(shape: str, path: str, name: str) -> None:
    def program(variable: str, quote: str, before: str = "", after: str = "") -> str:
        text = shape.replace("{v}", variable).replace("{q}", quote).replace("{p}", path)
        return before + text.replace("(", "(" + after) + "\n# os.remove('y')\n"

    expected = effects(program("v", "'"), "python")
    for changed in (program(name, "'"), program("v", '"'), program(name, "'''", "\n\n# it's\n", "  ")):
        assert effects(changed, "python") == expected
