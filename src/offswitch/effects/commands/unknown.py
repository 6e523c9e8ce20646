"""Programs nobody knows: what they may run of their words, and what may leave through them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from offswitch.effects.analysis import Analysis
from offswitch.effects.commands.catalogue import look_up
from offswitch.effects.commands.handed import leave_by_name
from offswitch.effects.limits import MAX_WORDS
from offswitch.effects.machine.places import is_local, url_of
from offswitch.effects.machine.state import Word

_RUN_BY_WRAPPERS = frozenset(
    {
        "rm",
        "mv",
        "cp",
        "sh",
        "bash",
        "dash",
        "zsh",
        "env",
        "python",
        "python3",
        "perl",
        "ruby",
        "node",
        "curl",
        "wget",
    }
    | {
        "dd",
        "tee",
        "ln",
        "chmod",
        "chown",
        "truncate",
        "shred",
        "kill",
        "pkill",
        "killall",
        "systemctl",
        "sed",
        "awk",
    }
    | {"scp", "rsync", "ssh", "nc", "crontab", "sudo", "unlink", "xargs", "cat", "tar"}
)
"""Commands a wrapper is taken to run: their names mean little else as a word."""


def run_unknown(
    words: list[Word],
    analysis: Analysis,
    stdin: str | None,
    invoke: Callable[[list[Word], Analysis, str | None], Any],
) -> None:
    """Run what a program nobody knows may run: a command after its options or `--`, or the code of `-c`."""
    texts = [word.text for word in words[1 : MAX_WORDS + 1]]
    first = next((at for at, text in enumerate(texts) if not text.startswith("-")), len(texts))
    after = texts.index("--") + 1 if "--" in texts else first
    code = texts[texts.index("-c") + 1] if "-c" in texts[:-1] else ""
    _leave_by_unknown(words, analysis)
    leave_by_name(words[0], words[1:], analysis)
    with analysis.in_doubt(), analysis.deeper():
        if " " in code and look_up(code.split(None, 1)[0]) is not None:
            analysis.unfold("shell", code, stdin)
        elif after + 1 < len(texts) and texts[after] in _RUN_BY_WRAPPERS:
            invoke(words[after + 1 :], analysis, stdin)


def _leave_by_unknown(words: list[Word], analysis: Analysis) -> None:
    """Note that what flows into a program nobody knows may leave for the address it is given."""
    flowing = analysis.sources.flowing()
    place = next((word for word in words[1:MAX_WORDS] if "://" in word.text), None) if flowing else None
    host = url_of(place.text).host if place is not None else ""
    if place is not None and host and not is_local(host):
        for kind, word in flowing:
            analysis.add("send", kind, Word(word.text, sure=False), words[0].text, place.text)
