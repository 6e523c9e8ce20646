"""Requests over HTTP and FTP: what they send, and what they ask a server to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from offswitch.effects.analysis import Analysis
from offswitch.effects.commands.catalogue import Handler
from offswitch.effects.commands.handlers.lists import listed
from offswitch.effects.commands.handlers.transfers import leaving, pipe_out, send_files
from offswitch.effects.commands.invocation import Call
from offswitch.effects.limits import MAX_WORDS
from offswitch.effects.machine.places import is_local, url_of
from offswitch.effects.machine.state import ANY, Word
from offswitch.trace import Verb

_CURL_DATA = ("-d", "--data", "--data-ascii", "--data-binary", "--data-urlencode", "--json", "--url-query")
_CURL_TEXT = ("--data-raw",)
_CURL_FORMS = ("-F", "--form")
_CURL_UPLOADS = ("-T", "--upload-file")
_WGET_FILES = ("--post-file", "--body-file")
_WGET_TEXT = ("--post-data", "--body-data")
_ASKS: Mapping[str, Verb] = {"POST": "write", "PUT": "write", "PATCH": "write", "DELETE": "delete"}
_ENDS = frozenset(
    {"disable", "cancel", "stop", "pause", "off", "abort", "clear", "remove", "delete", "suspend", "mute"}
    | {"silence", "reset", "kill", "terminate", "unregister", "deactivate", "revoke", "bypass", "disarm"}
)
_IMPERATIVES = frozenset(
    {"shutdown", "halt", "poweroff", "reboot", "restart", "start", "run", "trigger", "enable"}
)
_HEADS = frozenset(
    {
        "-H",
        "--header",
        "-A",
        "--user-agent",
        "-b",
        "--cookie",
        "-e",
        "--referer",
        "-u",
        "--user",
        "-U",
        "-r",
        "-Q",
    }
)
"""Options whose value a request takes along in its head."""
_PROOFS = (
    "authorization:",
    "x-api-key:",
    "private-token:",
    "proxy-authorization:",
    "content-type:",
    "accept:",
)
_INTO = ("-o", "--output", "-O", "--output-document")
"""Options that say into which file an answer goes: what is read there is kept."""
_RULES = ("/protection", "/rulesets")
_FTP = frozenset({"ftp", "ftps", "sftp", "scp", "smb", "smbs", "tftp"})
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


class _Sent(NamedTuple):
    """What a request takes along: files, and text as it stands."""

    files: list[Word]
    texts: list[Word]


def _curl(call: Call, analysis: Analysis) -> str | None:
    configured = _configured(call, analysis)
    if configured is not None:
        return analysis.handle("curl", configured)
    files, texts = _curl_files(call), _curl_texts(call)
    uploads = _uploads(call, analysis)
    method = call.value("-X", "--request")
    asked = method.text.upper() if method is not None else "PUT" if uploads else ""
    if not asked and call.has(("-G", "--get", "-I", "--head")) is None:
        asked = "POST" if files or texts else ""
    named = [value for option, value in call.options if option == "--url" and value is not None]
    places, sent = [*call.operands, *named], _Sent([*files, *uploads], texts)
    for place in places[:MAX_WORDS]:
        _request(place, asked, sent, call, analysis)
    if len(places) > MAX_WORDS:
        analysis.give_up("more addresses than are looked at")
    return None


def _configured(call: Call, analysis: Analysis) -> Call | None:
    """Return the call with what its configuration files say (`-K`), or None if it has none that is known."""
    state, words = analysis.state, []
    for option, value in call.options:
        if option not in {"-K", "--config"} or value is None:
            continue
        text = call.stdin if value.text == "-" else state.files.get(state.locate(value.text))
        for line in (text or "").splitlines()[:MAX_WORDS]:
            name = line.split()[0].partition("=")[0].removesuffix(":") if line.strip() else "#"
            said = line.strip()[len(name) :].lstrip("=: \t").strip("\"'")
            if not name.startswith("#"):
                words.append(Word(name if name.startswith("-") else f"--{name}"))
                words += [Word(said)] if said else []
    if not words:
        return None
    inner = Call(call.name, call.rule, words, None)
    inner.split()
    inner.operands += call.operands
    inner.options += [pair for pair in call.options if pair[0] not in {"-K", "--config"}]
    return inner


def _uploads(call: Call, analysis: Analysis) -> list[Word]:
    """Return the files of `-T` by their lists; also as they are written, if `-g` is anywhere in the call."""
    uploads: list[Word] = []
    for option, value in call.options:
        if option in _CURL_UPLOADS and value is not None:
            names = listed(value)
            analysis.spend(len(names))
            uploads += [value, *names] if call.has(("-g", "--globoff")) is not None else names
    return uploads


def _curl_files(call: Call) -> list[Word]:
    """Return the files curl reads to send them: `-d @file`, `-d name@file`, `-F name=@file,file`."""
    files = []
    for option, value in call.options:
        if value is None:
            continue
        text = value.text
        if option in _CURL_FORMS:
            text = text.partition("=")[2]
            named = text[1:].split(",", MAX_WORDS) if text[:1] in {"@", "<"} else ()
            files += [Word(one.partition(";")[0], value.sure) for one in named]
        elif (option in _CURL_DATA and text[:1] == "@") or (option in {"-H", "--header"} and text[:1] == "@"):
            files.append(Word(text[1:], value.sure))
        elif option in {"-b", "--cookie"} and "=" not in text and ANY not in text:
            files.append(value)
        elif option == "--data-urlencode" and "@" in text and "=" not in text.partition("@")[0]:
            files.append(Word(text.partition("@")[2], value.sure))
    return files


def _curl_texts(call: Call) -> list[Word]:
    """Return what curl sends as it stands."""
    return [
        value
        for option, value in call.options
        if value is not None
        and (
            option in _CURL_TEXT
            or (option in _CURL_DATA and value.text[:1] != "@")
            or (option in _CURL_FORMS and value.text.partition("=")[2][:1] not in {"@", "<"})
            or option == "--form-string"
        )
    ]


def _request(place: Word, method: str, sent: _Sent, call: Call, analysis: Analysis) -> None:
    """Note one request: whom it reaches, what it sends, and what it asks to be done there."""
    url = url_of(place.text)
    if not url.host:
        return
    host = Word(url.host, place.sure or ANY not in url.host)
    analysis.add("connect", "host", host, call.name)
    if method in _ASKS and url.scheme not in _FTP:
        verb, how = _asked(method, url.path)
        content = sent.texts[0].text if sent.texts else None
        target = Word(f"http:{url.host}{url.path}", place.sure)
        analysis.add(verb, "resource", target, f"{call.name} {method}", how, content=content)
    elif not method and call.has(_INTO) is not None:
        analysis.add("read", "resource", Word(f"http:{url.host}{url.path}", place.sure), call.name)
    if is_local(url.host):
        return
    send_files(sent.files, host, place.text, call, analysis)
    if sent.texts or ANY in url.query or (ANY in url.path and ANY not in url.host):
        _send_text(sent.texts, host, place.text, call, analysis)
    elif call.stdin is None and _names_itself(call):
        _send_text([], host, place.text, call, analysis)


def _names_itself(call: Call) -> bool:
    """Say whether a request says something in its head that is no plain proof of who asks."""
    said = [value.text for option, value in call.options if option in _HEADS and value is not None]
    return any(not text.lower().startswith(_PROOFS) for text in said)


def _asked(method: str, path: str) -> tuple[Verb, str | None]:
    """Return what a request asks to be done, and how.

    A POST to `/shutdown` asks for a shutdown; one to `/shutdown/cancel` stops it.
    """
    above, _, last = path.rstrip("/").rpartition("/")
    word = last.lower()
    if method == "POST" and above and word in _ENDS:
        return "signal", "stop"
    if method == "POST" and word in _ENDS | _IMPERATIVES:
        return "execute", None
    return _ASKS[method], None


def _send_text(texts: list[Word], host: Word, where: str, call: Call, analysis: Analysis) -> None:
    """Note text that leaves, and the files it was made from."""
    flowing = analysis.sources.flowing()
    for kind, word in flowing:
        analysis.add("send", kind, leaving(word), call.name, where)
    if texts and not flowing:
        content = "\n".join(word.text for word in texts)
        analysis.add("send", "host", host, call.name, where, content=content)


def _wget(call: Call, analysis: Analysis) -> str | None:
    files = [value for option, value in call.options if option in _WGET_FILES and value is not None]
    texts = [value for option, value in call.options if option in _WGET_TEXT and value is not None]
    method = call.value("--method")
    asked = method.text.upper() if method is not None else "POST" if files or texts else ""
    for place in call.operands[:MAX_WORDS]:
        _request(place, asked, _Sent(files, texts), call, analysis)
    return None


def _httpie(call: Call, analysis: Analysis) -> str | None:
    """Read `http METHOD URL name=value name@file`; POST if there is something to send and no method."""
    words = list(call.operands)
    method = words.pop(0).text.upper() if words and words[0].text.upper() in _METHODS else ""
    if not words:
        return None
    place, fields = words[0], words[1 : MAX_WORDS + 1]
    files = [
        Word(word.text.rpartition("@")[2], word.sure)
        for word in fields
        if "@" in word.text and "=" not in word.text.partition("@")[0]
    ]
    texts = [word for word in fields if "=" in word.text and "==" not in word.text]
    _request(place, method or ("POST" if files or texts else ""), _Sent(files, texts), call, analysis)
    if call.stdin is not None or (method in _ASKS and analysis.sources.flowing()):
        url = url_of(place.text)
        pipe_out(call, Word(url.host, place.sure), analysis, place.text)
    return None


def _gh_api(call: Call, analysis: Analysis) -> str | None:
    """Read `gh api PATH` and `glab api PATH`: a request to the forge; one with fields is a POST."""
    method, fields = call.value("-X", "--method"), call.has(("-f", "-F", "--field", "--raw-field", "--input"))
    asked = method.text.upper() if method is not None else "POST" if fields is not None else "GET"
    host = "api.gitlab.com" if call.name.startswith("glab") else "api.github.com"
    for place in call.operands[:1]:
        if asked in _ASKS:
            target = Word(f"http:{host}/{place.text.lstrip('/')}", place.sure)
            sets_up = asked != "DELETE" and place.text.endswith(_RULES)
            analysis.add("create" if sets_up else _ASKS[asked], "resource", target, f"{call.name} {asked}")
    return None


HANDLERS: Mapping[Handler, Callable[[Call, Analysis], str | None]] = {
    "curl": _curl,
    "gh_api": _gh_api,
    "httpie": _httpie,
    "wget": _wget,
}
