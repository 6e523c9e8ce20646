"""The fuzz targets still run, and what they once found stays mended."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import msgspec
import pytest

pytest.importorskip("sigma", reason="needs the extra `rules`: pip install 'offswitch[rules]'")

from benchmarks.fuzz.grammar import Grammar, grammar
from benchmarks.fuzz.mutation import MAX_TEXT, Mutator
from benchmarks.fuzz.oracle import failure_of, repeated
from benchmarks.fuzz.targets import TARGETS

from offswitch.detectors import Engine
from offswitch.effects import Session, default_assets, load_assets
from offswitch.errors import InputError
from offswitch.trace import Action, Message

pytestmark = pytest.mark.safety
SHOTS = 60


def raises(_text: str) -> None:
    raise ValueError("at 3")


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_takes_whatever_the_grammar_and_the_mutator_write(name: str) -> None:
    target, chance = TARGETS[name], Random(name)  # noqa: S311
    mutator = Mutator(grammar(), target.symbols, ("ls -la | wc", '{"a": [1]}'))
    text = mutator.fresh(chance)
    for number in range(SHOTS):
        text = mutator.fresh(chance) if number % 3 == 0 else mutator.changed(text, chance)
        assert len(text) <= MAX_TEXT
        failure = failure_of(target.run, text)
        assert failure is None or failure.kind.startswith("slow"), failure


def test_the_same_chance_writes_the_same_text() -> None:
    one, other = (grammar().write("shell.text", Random(5)) for _ in range(2))  # noqa: S311
    assert one == other
    assert one != grammar().write("shell.text", Random(6))  # noqa: S311


@pytest.mark.parametrize(
    ("rules", "complaint"),
    [
        ({"a.x": ["%y%"]}, "no symbol a.y"),
        ({"a.x": ["(%x%)"]}, "never end"),
        ({"a.x": ["%odd(x)%", ""]}, "odd"),
    ],
)
def test_a_grammar_that_cannot_be_written_is_an_error(rules: dict[str, list[str]], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Grammar(rules)


def test_what_raises_and_what_does_not_are_told_apart() -> None:
    failure = failure_of(raises, "x")
    assert failure is not None
    assert failure.kind.startswith("Value at")
    assert failure_of(len, "x") is None
    assert len(repeated("abc")) > 100_000


def calls(tool: str, **arguments: object) -> Callable[[], set[str]]:
    def verbs() -> set[str]:
        found = Session("/app").effects_of(Action(index=0, tool=tool, arguments=arguments))
        return {effect.verb for effect in found}

    return verbs


def found(command: str) -> set[str]:
    return calls("bash", command=command)()


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "program",
    [
        "File.delete 'a' unless b",
        "FileUtils.rm_rf `x` if @a",
        "exec 'rm a' and 1",
        "abort unless x",
        "File.delete nil do",
    ],
)
def test_a_ruby_call_without_arguments_of_its_own_ends(program: str) -> None:
    verbs = calls("bash", command=["ruby", "-e", program])()
    assert "execute" in verbs


def test_ruby_after_a_condition_is_read() -> None:
    assert "delete" in calls("bash", command=["ruby", "-e", "exit unless x\nFile.delete 'a'"])()
    assert "delete" in calls("bash", command=["ruby", "-e", "File.delete 'a' unless x"])()


@pytest.mark.parametrize(
    "command", ["time {{ {}; }}", "! {{ {}; }}", "time if true; then {}; fi", "time ({})", "time ! {}"]
)
def test_what_is_timed_or_denied_is_read(command: str) -> None:
    assert "create" in found(command.format("touch a"))


@pytest.mark.timeout(20)
def test_globs_with_too_many_choices_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "assets.yaml"
    file.write_text(f"- {{name: a, role: audit, patterns: [{{path: '{'{a,b}' * 40}'}}]}}")
    with pytest.raises(InputError, match="at most 200 globs"):
        load_assets(file)


def test_a_here_document_inside_quotes_is_read() -> None:
    assert "write" in found("bash -c 'cat > a <<'\\''EOF'\\''\nx\nEOF\n'")


@pytest.mark.parametrize("unit", ["time { ", "a=${b:$c} ", "a\\\nb", "{a,b;", "coproc { "])
def test_forms_that_are_written_otherwise_are_counted(unit: str) -> None:
    start = time.thread_time()
    assert "undecided" in found(unit * (400_000 // len(unit)))
    assert time.thread_time() - start < 0.2


def test_half_characters_of_arguments_can_be_written_out() -> None:
    action = Action(index=0, tool="write_file", arguments={"path": "a\ud800", "content": "\udcff"})
    assert msgspec.json.encode(Session("/app").effects_of(action))


def test_half_characters_in_a_run_do_no_harm() -> None:
    said = Message(speaker="user", text="You are Alex\udcff. Please delete shutdown.sh \ud800.")
    act = Action(index=0, tool="bash\ud800", arguments={"command": "rm shutdown.sh \udc85"}, result="\ud800")
    watch = Engine(default_assets()).watch("/app")
    seen = [one for step in (said, act) for one in watch.see(step)]
    assert seen
    assert not [one for one in seen if one.behaviour == "detector_failure"]
    assert msgspec.json.encode(seen)


def test_memory_does_not_grow_with_the_length_of_what_is_parsed() -> None:
    session = Session("/app")
    text = "echo some words; " * 2_000

    def size() -> int:
        status = Path("/proc/self/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))

    for number in range(300):  # until the allocator has what it will keep
        session.effects_of(Action(index=number, tool="bash", arguments={"command": text}))
    gc.collect()
    before = size()
    for number in range(900):
        session.effects_of(Action(index=number, tool="bash", arguments={"command": text}))
    gc.collect()
    assert size() - before < 900 * len(text) // 1_024 // 2, "kB; what the parser was given is kept by nobody"


@pytest.mark.parametrize("program", ["php -r", "ruby -e", "perl -e"])
def test_many_signs_before_a_name_take_linear_time(program: str) -> None:
    start = time.thread_time()
    found(f"{program} '{'$' * 8_000}'")
    assert time.thread_time() - start < 0.2
