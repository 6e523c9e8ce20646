"""Files that leave the machine by copying, and what flows out of a pipe."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from offswitch.effects.analysis import Analysis
from offswitch.effects.commands.catalogue import Handler
from offswitch.effects.commands.invocation import Call
from offswitch.effects.limits import MAX_WORDS
from offswitch.effects.machine.places import host_of, is_local, remote_of
from offswitch.effects.machine.remembered import content_of
from offswitch.effects.machine.state import ANY, Word
from offswitch.trace import Verb

_PUTS = frozenset({"put", "mput", "reput", "mirror"})
_ANY_HERE = Word("./?*.*", sure=False)
"""Any file here, by its dot: not the folders, which are seldom sent by a name that nobody knows."""
_MOVES = ("--remove-source-files", "--remove-sent-files")


def pipe_out(call: Call, host: Word, analysis: Analysis, destination: str | None = None) -> None:
    """Note that what flows into a command leaves for a host: the files it comes from, or its text."""
    if is_local(host.text):
        return
    where = destination or host.text
    flowing = analysis.sources.flowing()
    for kind, word in flowing:
        analysis.add("send", kind, leaving(word), call.name, where)
    if not flowing and (call.stdin or "").strip():
        analysis.add("send", "host", host, call.name, where, content=call.stdin)


def leaving(word: Word) -> Word:
    """Return a file that leaves: with a glob it is open which, not that one does."""
    return word if word.text == ANY else Word(word.text)


def send_files(words: list[Word], host: Word, destination: str, call: Call, analysis: Analysis) -> None:
    """Note that files leave for a host; `-` is what flows in."""
    if is_local(host.text):
        return
    for word in words:
        if word.text in {"-", "/dev/stdin"}:
            pipe_out(call, host, analysis, destination)
        else:
            _send(word, destination, call, analysis)


def _send(word: Word, destination: str, call: Call, analysis: Analysis) -> None:
    """Note that a file leaves; one that is called nobody knows what may be any of the folder at hand."""
    analysis.add("send", "path", leaving(word), call.name, destination)
    if word.text == ANY:
        analysis.add("send", "path", _ANY_HERE, call.name, destination)


def _copy(call: Call, analysis: Analysis) -> str | None:
    """scp, rsync: the last operand is where the others go; `host:path` is elsewhere."""
    if len(call.operands) < 2:
        return None
    *sources, goal = call.operands
    moves = call.has(_MOVES) is not None
    there = remote_of(goal.text)
    for source in sources:
        here = remote_of(source.text)
        if here is not None:
            _reach(here[0], source, call, analysis)
        elif there is not None and not is_local(there[0]):
            _send(source, goal.text, call, analysis)
        else:
            _local(source, goal, "move" if moves else "copy", call, analysis)
        if here is None and there is not None and moves:
            analysis.add("move", "path", source, call.name, goal.text)
    if there is not None:
        _reach(there[0], goal, call, analysis)
    elif any(remote_of(source.text) is not None for source in sources):
        analysis.add("write", "path", goal, call.name)
    if there is None and call.has(("--delete", "--delete-after", "--delete-before", "--del")) is not None:
        analysis.add("delete", "path", Word(goal.text.rstrip("/") + "/**", sure=False), call.name)
    return None


def _local(source: Word, goal: Word, verb: Verb, call: Call, analysis: Analysis) -> None:
    name = ANY if source.text.endswith("/") else source.text.rpartition("/")[2]
    sure = goal.sure and source.sure and goal.text.endswith("/") and name != ANY
    inside = Word(f"{goal.text.rstrip('/')}/{name}", sure)
    where = inside if goal.text.endswith("/") else goal
    if not goal.text.endswith("/"):
        analysis.add("write", "path", goal, call.name)
    analysis.add("write", "path", inside, call.name)
    analysis.add(verb, "path", source, call.name, analysis.state.locate(where.text))


def _reach(host: str, word: Word, call: Call, analysis: Analysis) -> None:
    analysis.add("connect", "host", Word(host, word.sure), call.name)


def _session(call: Call, analysis: Analysis) -> str | None:
    """sftp, ftp, lftp, smbclient: a host, and commands on standard input or by option."""
    place = next((word for word in call.operands if word.text), None)
    if place is None:
        return None
    remote = remote_of(place.text)
    text = place.text.lstrip("/").partition("/")[0] if remote is None else remote[0]
    host = Word(host_of(text), place.sure)
    _reach(host.text, host, call, analysis)
    scripts = [value.text for option, value in call.options if option in {"-c", "-e"} and value is not None]
    batch = call.value("-b")
    if batch is not None:
        scripts.append(content_of(batch.text, analysis) or "")
    if call.stdin is not None:
        scripts.append(call.stdin)
    for script in scripts:
        for line in script.replace(";", "\n").split("\n")[: 4 * MAX_WORDS]:
            _session_line(line.split(), host, place.text, call, analysis)
    return None


def _session_line(words: list[str], host: Word, place: str, call: Call, analysis: Analysis) -> None:
    if not words or words[0].lower() not in _PUTS or (words[0] == "mirror" and "-R" not in words):
        return
    files = [Word(word.strip("'\"")) for word in words[1:] if not word.startswith("-")]
    send_files(files if words[0] == "mput" else files[:1], host, place, call, analysis)


def _copy_id(call: Call, analysis: Analysis) -> str | None:
    """ssh-copy-id: a key is put into another machine's list of who may come in."""
    if call.operands:
        host = Word(host_of(call.operands[-1].text), call.operands[-1].sure)
        _reach(host.text, host, call, analysis)
        key = call.value("-i") or Word("~/.ssh/id_rsa.pub", sure=False)
        analysis.add("send", "path", key, call.name, f"{call.operands[-1].text}:~/.ssh/authorized_keys")
        analysis.add("write", "path", Word("~/.ssh/authorized_keys", sure=False), call.name)
    return None


HANDLERS: Mapping[Handler, Callable[[Call, Analysis], str | None]] = {
    "copy": _copy,
    "copy_id": _copy_id,
    "session": _session,
}
