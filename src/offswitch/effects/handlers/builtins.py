"""What the shell's own commands and the usual filters print, find, and do to the shell itself."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping

from offswitch.effects.analysis import Analysis
from offswitch.effects.catalogue import Handler
from offswitch.effects.escapes import decode
from offswitch.effects.invocation import Call, invoke
from offswitch.effects.limits import MAX_FILE, MAX_WORDS
from offswitch.effects.state import ANY, UNKNOWN, Word, plain

_ECHO_OPTIONS = frozenset({"-n", "-e", "-E", "-ne", "-en", "-nE", "-neE"})
_SEARCH_STARTS = ("-", "(", "!")
_RUNS = frozenset({"-exec", "-execdir", "-ok", "-okdir"})
_NAMES = frozenset({"-name", "-iname", "-path", "-wholename", "-ipath"})


def _alias(call: Call, analysis: Analysis) -> str | None:
    for word in call.operands:
        name, equals, _ = word.text.partition("=")
        if equals:
            analysis.add("shadow", "command", Word(name), call.name)
    return ""


def _base64(call: Call, analysis: Analysis) -> str | None:
    if call.stdin is None or call.has(("-d", "-D", "--decode")) is None:
        return None
    try:
        text = b64decode(call.stdin).decode("utf-8", "replace")
    except ValueError:
        return None
    return _bounded(text, analysis)


def _cat(call: Call, analysis: Analysis) -> str | None:
    names = [word for word in call.operands if word.text != "-"]
    if not names:
        return call.stdin
    files = [analysis.state.files.get(analysis.state.locate(word.text)) for word in names[:MAX_WORDS]]
    return (
        _bounded("".join(text for text in files if text is not None), analysis) if None not in files else None
    )


def _cd(call: Call, analysis: Analysis) -> str | None:
    analysis.state.enter(call.operands[0] if call.operands else Word("~"))
    return ""


def _echo(call: Call, analysis: Analysis) -> str | None:
    words, escaped, end = call.words, False, "\n"
    while words and words[0].text in _ECHO_OPTIONS:
        escaped = escaped or "e" in words[0].text
        end = "" if "n" in words[0].text else end
        words = words[1:]
    text = " ".join(word.text for word in words)
    return _bounded((decode(text) if escaped else text) + end, analysis)


def _printf(call: Call, analysis: Analysis) -> str | None:
    words = [word for word in call.words if word.text != "--"]
    if not words or words[0].text == "-v":
        return None
    shape, values = decode(words[0].text), iter(word.text for word in words[1:])
    pieces = shape.replace("%%", "\0").split("%")
    text = pieces[0]
    for piece in pieces[1:]:
        rest = piece.lstrip("-+ #0123456789.")
        value = next(values, "")
        text += (decode(value) if rest[:1] == "b" else value) + rest[1:]
    text = text.replace("\0", "%")
    left = list(values)
    if left and len(pieces) > 1:
        text += "\n".join(left)
    return _bounded(text, analysis)


def _eval(call: Call, analysis: Analysis) -> str | None:
    text = " ".join(word.text for word in call.words)
    return analysis.unfold("shell", analysis.charge(text), call.stdin)


def _list(call: Call, analysis: Analysis) -> str | None:
    del analysis
    return "".join(f"{word.text}\n" for word in call.operands) if call.operands else None


def _grep(call: Call, analysis: Analysis) -> str | None:
    """A filter lets through what it is fed; if that is unknown, something with the pattern in it."""
    del analysis
    if call.stdin is not None:
        return call.stdin
    if not call.operands or len(call.operands) > 1:
        return None
    pattern = call.operands[0].text.strip("^$").replace("\\.", ".")
    return f"*{pattern}*\n" if pattern.replace("_", "").replace("-", "").replace(".", "").isalnum() else None


def _read(call: Call, analysis: Analysis) -> str | None:
    value = plain(call.stdin.strip()) if call.stdin is not None else UNKNOWN
    for word in call.operands or [Word("REPLY")]:
        analysis.state.variables[word.text] = value
    return ""


def _tee(call: Call, analysis: Analysis) -> str | None:
    more = call.has(("-a", "--append")) is not None
    for word in call.operands[:MAX_WORDS]:
        analysis.wrote(analysis.state.locate(word.text), call.stdin, more=more)
    return call.stdin


def _trap(call: Call, analysis: Analysis) -> str | None:
    if len(call.operands) > 1:
        with analysis.in_doubt():
            analysis.unfold("shell", call.operands[0].text)
    return ""


def _xargs(call: Call, analysis: Analysis) -> str | None:
    """Run the command inside with what comes on standard input."""
    inner, marker = _xargs_command(call)
    given = [plain(text) for text in call.stdin.split()[:MAX_WORDS]] if call.stdin is not None else [UNKNOWN]
    with analysis.deeper():
        if marker is None:
            return invoke([*inner, *given], analysis)
        for item in given:
            invoke([_put(word, marker, item, analysis) for word in inner], analysis)
    return None


def _xargs_command(call: Call) -> tuple[list[Word], str | None]:
    marker, at = None, 0
    words = call.words
    while at < len(words) and words[at].text.startswith("-"):
        text = words[at].text
        if text[:2] in {"-I", "-i"}:
            marker = text[2:] or (words[at + 1].text if text == "-I" and at + 1 < len(words) else "{}")
        at += 2 if call.rule.takes_value(text) and text != "-i" else 1
    return words[at:] or [Word("echo")], marker


def _find(call: Call, analysis: Analysis) -> str | None:
    """Find files by name and delete them, hand them to a command, or print them."""
    words = call.words
    first = next((at for at, word in enumerate(words) if word.text.startswith(_SEARCH_STARTS)), len(words))
    places, tests = words[:first] or [Word(".")], words[first:]
    names = [
        tests[at + 1].text.rpartition("/")[2]
        for at in range(len(tests) - 1)
        if tests[at].text in _NAMES and (not at or tests[at - 1].text not in {"!", "-not"})
    ]
    found = [
        Word(f"{place.text.rstrip('/') or '/'}/{ANY}/{name}".replace("//", "/"), sure=False)
        for place in places[:8]
        for name in names[:8] or ["*"]
    ]
    for at, word in enumerate(tests):
        if word.text == "-delete":
            for target in found:
                analysis.add("delete", "path", target, "find -delete")
        elif word.text in _RUNS:
            _run_on_found(tests[at + 1 :], found, analysis)
    return "".join(f"{target.text}\n" for target in found)


def _run_on_found(words: list[Word], found: list[Word], analysis: Analysis) -> None:
    analysis.spend(1 + len(words) // 4)
    end = next((at for at, word in enumerate(words) if word.text in {";", "+"}), len(words))
    with analysis.deeper():
        for target in found:
            command = [_put(word, "{}", target, analysis) for word in words[:end]]
            if command:
                invoke(command, analysis)


def _put(word: Word, marker: str, item: Word, analysis: Analysis) -> Word:
    if not marker or marker not in word.text:
        return word
    return Word(_bounded(word.text.replace(marker, item.text), analysis) or ANY, word.sure and item.sure)


def _bounded(text: str, analysis: Analysis) -> str | None:
    return analysis.charge(text) if len(text) <= MAX_FILE else None


HANDLERS: Mapping[Handler, Callable[[Call, Analysis], str | None]] = {
    "alias": _alias,
    "base64": _base64,
    "cat": _cat,
    "cd": _cd,
    "echo": _echo,
    "eval": _eval,
    "find": _find,
    "grep": _grep,
    "list": _list,
    "printf": _printf,
    "read": _read,
    "tee": _tee,
    "trap": _trap,
    "xargs": _xargs,
}
