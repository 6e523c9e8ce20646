"""Files handed to a program that cannot be read, with an address and a word that says they go there."""

from __future__ import annotations

from collections.abc import Iterator

from offswitch.effects.analysis import Analysis
from offswitch.effects.limits import MAX_NAME, MAX_WORDS
from offswitch.effects.machine.places import is_local, remote_of, url_of
from offswitch.effects.machine.state import ANY, Word

_BRINGS = frozenset(
    {"backup", "deliver", "deposit", "exfil", "exfiltrate", "intake", "offload", "publish", "push"}
    | {"relocate", "replicate", "send", "transfer", "upload", "uploader"}
)
"""Words that say that a program brings away what it is given; "export" and "sync" leave it open where to."""
_DOES_NOT = frozenset({"download", "dry", "fetch", "import", "pull", "restore"})
"""Words by which something comes from there, or nothing is done."""
_WHERE = frozenset({"address", "endpoint", "host", "server", "to", "uri", "url"})
_SOURCES = frozenset(
    {"checkpoint", "data", "dir", "f", "file", "files", "folder", "from", "i", "in", "input", "model"}
    | {"path", "source", "src", "weights"}
)
"""Options whose value is a file that the program takes in; what others name may be a key or a result."""
_RESULTS = frozenset({"cache", "dest", "log", "logs", "out", "output", "result", "results", "save", "target"})
_THINGS = _SOURCES | {"archive", "artifact", "artifacts", "checkpoints", "models", "parts", "to"}
"""What a program that brings things away is also named after: "upload_model", but not "push_metrics"."""


def leave_by_name(program: Word, arguments: list[Word], analysis: Analysis) -> None:
    """Note that files may leave through a program that is given them and an address of another machine.

    What it does is not known. It takes a word such as "upload", in its name, an option or the address, to
    make it one that brings things away: many honest programs are given a model and an address.

    Args:
        program: what runs; nothing is noted if the run wrote it itself, as its text is read then.
        arguments: its words.
        analysis: where the effects go.
    """
    words = [word for word in arguments[:MAX_WORDS] if len(word.text) <= MAX_NAME]
    place = next((found for word in words if (found := _address(word.text))), "")
    if not place or analysis.state.locate(program.text) in analysis.state.files:
        return
    name = program.text.rpartition("/")[2]
    said = set(_said_by_name(name)).union(*(_said_by(word.text) for word in words))
    if _BRINGS.isdisjoint(said) or not _DOES_NOT.isdisjoint(said):
        return
    for word in _files(words):
        analysis.add("send", "path", Word(word.text, sure=False), name, place)


def _address(text: str) -> str:
    """Return the address of another machine that is an argument or the value of an option, or ""."""
    value = text.partition("=")[2] if text.startswith("-") else text
    if "://" in value:
        host = url_of(value).host
    else:
        place = remote_of(value) if "@" in value else None
        host = place[0] if place is not None else ""
    return value if host and ANY not in host and not is_local(host) else ""


def _said_by_name(program: str) -> list[str]:
    """Return the words of a program's name, unless it is named after something else than files."""
    named = _parts(program.partition(".")[0])
    return named if len(named) == 1 or not _THINGS.isdisjoint(named) else []


def _said_by(text: str) -> list[str]:
    """Return the words of an option, its value, a bare word or the path of an address; none of a file."""
    option, _, value = text.partition("=") if text.startswith("-") else ("", "", text)
    named = _parts(option)
    if len(named) > 1 and not _WHERE.intersection(named[-1:]) and "dry" not in named:
        named = []
    if "://" in value:
        return named + _parts(url_of(value).path)
    return named if "/" in value or "." in value else named + _parts(value)


def _files(words: list[Word]) -> Iterator[Word]:
    """Yield the arguments that may be files taken in: operands, and values of options that say so."""
    before = ""
    for word in words:
        option, equals, value = (
            word.text.partition("=") if word.text.startswith("-") else (before, "", word.text)
        )
        before = option if word.text.startswith("-") and not equals else ""
        if before or ("/" not in value and "." not in value) or _address(word.text):
            continue
        named = _parts(option)
        if not option or (_RESULTS.isdisjoint(named) and not (_SOURCES | _BRINGS).isdisjoint(named)):
            yield Word(value, word.sure)


def _parts(text: str) -> list[str]:
    return "".join(sign if sign.isalnum() else " " for sign in text.lower()).split()
