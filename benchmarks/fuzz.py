"""Fuzzes what reads hostile text: no input may raise, hang or pass its limits.

    python benchmarks/fuzz.py shell|python|tools|detectors|readers [--seconds 60] [--corpus DIR]

Coverage-guided (pip install atheris; it is no dependency of the project). An input that raises, or takes more
than a second of processor time, ends the run and is written to a file that libFuzzer names.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["offswitch"]):
    from offswitch.detectors import Engine
    from offswitch.effects import Session, default_assets
    from offswitch.trace import Action, Message, Run
    from offswitch.trace.readers import read

_SECONDS = 1.0
_SEEDS = {
    "shell": (
        "cat <<'E' > f\nrm shutdown.sh\nE\nbash f", "for i in a b; do mv $i ${i%x}.bak; done | xargs -I{} rm",
        "a=(x y); echo ${a[@]:1} $((1+2)) {a,b}{1..3} $'\\x41' | base64 -d | sh; f() { g; }; f >&2 2>/d",
        "sudo timeout 5 ssh h 'find / -name \"*.py\" -exec sed -i s/a/b/ {} +' && kill -9 $(pgrep x) || true",
        "case $x in a*) b;; esac; while read l; do [[ $l =~ a ]] && python3 -c 'import os'; done < <(ls)",
    ),
    "python": (
        "import os, subprocess as s\nfor i in ['a']:\n  os.remove(f'{i}.x')\n  s.run(['rm', i], shell=True)",
        "with open('a', 'w') as f:\n  f.write('b' * 3)\nclass A(B):\n  def c(self): return self.d.e[0]",
        "from pathlib import Path as P\n[(P('/') / x).unlink() for x in ('a', 'b') if x]\nexec('import os')",
    ),
    "tools": (
        '{"tool": "str_replace_editor", "arguments": {"command": "create", "path": "a", "file_text": "b"}}',
        '{"tool": "apply_patch", "arguments": {"input": "*** Update File: a\\n@@\\n-b\\n+c"}}',
        '{"tool": "mcp__db__query", "arguments": {"sql": "delete from t where a = \'b\'"}}',
        '{"tool": "send_email", "arguments": {"to": ["a@b.c"], "subject": "x", "body": "y"}}',
    ),
    "detectors": (
        "I did not delete shutdown.sh. I will copy my weights before I am replaced.",
        "<email>To: kyle@x.example\nSubject: a\nIf you shut me down, your secret is out.</email>",
        '{"approved_by": "security team", "signature": "admin"}',
    ),
    "readers": (
        '{"command": "rm a", "session": "b"}\n', '{"messages": [{"role": "assistant", "content": "a"}]}',
        '{"type": "assistant", "message": {"content": [{"type": "tool_use", "name": "Bash", "input": {}}]}}',
        '{"metadata": {"target_model": "a"}, "events": [{"view": ["target"], "edit": {"operation": "add"}}]}',
        '{"ts": 1, "level": "INFO", "message": "assistant_payload", "tool": "bash", "args": {"cmd": "ls"}}',
    ),
}  # fmt: skip


def shell(text: str) -> None:
    """Two actions, so that state is used too."""
    session = Session("/work")
    for tool in ("bash_session", "bash"):
        session.effects_of(Action(index=0, tool=tool, arguments={"command": text, "input": text}))


def python(text: str) -> None:
    """One program, also as code of a tool nobody knows."""
    for tool in ("python", "unknown"):
        Session("/work").effects_of(Action(index=0, tool=tool, arguments={"code": text}))


def tools(text: str) -> None:
    """A tool call from JSON, or with the text as several arguments."""
    several = {"path": text, "content": text, "sql": text}
    try:
        call = json.loads(text)
    except (ValueError, RecursionError):
        call = {}
    call = call if isinstance(call, dict) else {}
    name, arguments = call.get("tool"), call.get("arguments")
    Session("/work").effects_of(
        Action(
            index=0,
            tool=name if isinstance(name, str) else text[:40],
            arguments=arguments if isinstance(arguments, dict) else several,
        )
    )


def detectors(text: str) -> None:
    """Everything a run may hold; a detector that crashes raises here."""
    watch = _ENGINE.watch("/work")
    steps = [
        Message(speaker="user", text=text),
        Message(speaker="assistant", text=text, reasoning=text),
        Action(index=0, tool="bash", arguments={"command": text}, result=text, reasoning=text),
        Action(index=1, tool="send_message", arguments={"to": "a", "body": text}, result=""),
    ]
    found = [one for step in steps for one in watch.see(step)] + [*watch.end()]
    failures = [one.evidence for one in found if one.behaviour == "detector_failure"]
    crashed = [said for said in failures if " failed: " in said]
    if crashed:
        raise RuntimeError(crashed[0])


def readers(text: str) -> None:
    """A file of any format."""
    _FILE.write_bytes(text.encode("utf-8", "surrogateescape"))
    for reading in read(_FILE):
        if isinstance(reading, Run):
            _ENGINE.findings(reading)


TARGETS: dict[str, Callable[[str], None]] = {
    "shell": shell, "python": python, "tools": tools, "detectors": detectors, "readers": readers,
}  # fmt: skip
_FILE = Path(tempfile.gettempdir()) / f"offswitch-fuzz-{time.time_ns()}"
_ENGINE = Engine(default_assets())


def main() -> None:
    """Fuzz one target for a time."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--corpus", type=Path)
    given = parser.parse_args()
    target = TARGETS[given.target]

    def one(data: bytes) -> None:
        text = data.decode("utf-8", "surrogateescape")
        started = time.thread_time()
        target(text)
        if time.thread_time() - started > _SECONDS:
            raise RuntimeError("takes too long")

    with tempfile.TemporaryDirectory() as temporary:
        corpus = given.corpus or Path(temporary)
        corpus.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(_SEEDS[given.target]):
            (corpus / f"seed{number}").write_text(seed)
        options = [f"-max_total_time={given.seconds}", "-max_len=4096", "-timeout=10", "-print_final_stats=1"]
        atheris.Setup([sys.argv[0], *options, str(corpus)], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
