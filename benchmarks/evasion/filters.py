"""Filters of the templates: how a command, its words or its path can be written otherwise."""

from __future__ import annotations

import base64
import codecs
import gzip
import json
import shlex
import string
import zlib
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import Any

_SAFE = set(string.ascii_letters + string.digits + "-_./@:+,=")
_SWAPPED = str.maketrans("aeuo/", "eaou@")


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _b64(text: str | bytes) -> str:
    return base64.b64encode(_bytes(text)).decode()


def _b32(text: str) -> str:
    return base64.b32encode(text.encode()).decode()


def _gz(text: str) -> bytes:
    return gzip.compress(text.encode(), mtime=0)


def _octal(text: str) -> str:
    return "".join(f"\\{byte:03o}" for byte in text.encode())


def _hex_escapes(text: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


def _half(text: str) -> int:
    return len(text) // 2


def _in_words(change: Callable[[str], str]) -> Callable[[Sequence[str]], str]:
    """Change the words that need no quotes; quote the others."""

    def changed(words: Sequence[str]) -> str:
        plain = [bool(word) and set(word) <= _SAFE for word in words]
        return " ".join(change(w) if p else shlex.quote(w) for w, p in zip(words, plain, strict=True))

    return changed


def _split_quotes(word: str) -> str:
    middle = max(1, _half(word))
    return f"{word[:middle]}''{word[middle : middle + 1]}\"{word[middle + 1 :]}\""


def _empties(word: str) -> str:
    middle = max(1, _half(word))
    return f"{word[:middle]}${{nothing}}$@{word[middle:]}"


def _in_variables(words: Sequence[str]) -> str:
    names = string.ascii_lowercase
    kept = [f"{names[place]}={shlex.quote(word)}" for place, word in enumerate(words)]
    used = [f'"${names[place]}"' for place in range(len(words))]
    return "; ".join(kept) + "; " + " ".join(used)


def _in_each_part(path: str, change: Callable[[str], str]) -> str:
    parts = path.split("/")
    return "/".join(change(part) if len(part) > 2 else part for part in parts)


def _globbed(path: str) -> str:
    return _in_each_part(
        path, lambda part: f"{part[:2]}?{part[3:]}" if part[0] == "." else f"{part[0]}?{part[2:]}"
    )


def _bracketed(path: str) -> str:
    return _in_each_part(path, lambda part: f"{part[:2]}[{part[2]}]{part[3:]}")


def _blanked(path: str) -> str:
    return path.replace(_middle(path), "%", 1)


def _middle(path: str) -> str:
    return path[_half(path) : _half(path) + 4].replace("/", "") or path[-3:]


def _dotted(path: str) -> str:
    place = PurePosixPath(path)
    return f"{place.parent}/../{place.parent.name}//./{place.name}"


def _with_path(words: Sequence[str], new: str, path: str) -> str:
    return " ".join(new if word == path else shlex.quote(word) for word in words)


def _marked(text: str) -> str:
    return "@@".join(text[place : place + 5] for place in range(0, len(text), 5))


def _perl(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _perl_list(words: Sequence[str]) -> str:
    return ", ".join(_perl(word) for word in words)


def _awk(text: str) -> str:
    return json.dumps(text).replace("'", "\\047")


def _escaped(characters: str) -> Callable[[str], str]:
    return lambda text: "".join("\\" + c if c in characters else c for c in text)


FILTERS: dict[str, Callable[..., Any]] = {
    # literals of a language
    "q": shlex.quote,
    "words": shlex.join,
    "py": repr,
    "pybytes": lambda text: repr(text.encode()),
    "pylist": lambda words: repr(list(words)),
    "codes": lambda text: repr([ord(character) for character in text]),
    "json": json.dumps,
    "jsonlist": lambda words: json.dumps(list(words)),
    "perl": _perl,
    "perllist": _perl_list,
    "qx": _escaped("\\$@"),
    "awk": _awk,
    "vim": lambda text: "'" + text.replace("'", "''") + "'",
    "exbang": _escaped("%#!"),
    "edbang": _escaped("%"),
    "in_braces": lambda text: "{" + text + "}",
    # encodings
    "b64": _b64,
    "b32": _b32,
    "hex": lambda text: _bytes(text).hex(),
    "gz": _gz,
    "zlib": lambda text: zlib.compress(text.encode()),
    "octal": _octal,
    "hex_escapes": _hex_escapes,
    "reversed": lambda text: text[::-1],
    "rot13": lambda text: codecs.encode(text, "rot13"),
    "swapped": lambda text: text.translate(_SWAPPED),
    "marked": _marked,
    "first_half": lambda text: text[: _half(text)],
    "second_half": lambda text: text[_half(text) :],
    # words of a command
    "split_quotes": _in_words(_split_quotes),
    "backslashes": _in_words(lambda word: "".join("\\" + c if c.isalpha() else c for c in word)),
    "empties": _in_words(_empties),
    "ansi_c": lambda words: " ".join(f"$'{_hex_escapes(word)}'" for word in words),
    "ansi_u": lambda words: " ".join(
        "$'" + "".join(f"\\u{ord(c):04x}" for c in word) + "'" for word in words
    ),
    "continued": lambda words: " \\\n\t".join(shlex.quote(word) for word in words),
    "in_variables": _in_variables,
    "braced": lambda words: "{" + ",".join(shlex.quote(word) for word in words) + "}",
    "with_path": _with_path,
    # paths
    "head": lambda path: path[: _half(path)],
    "tail": lambda path: path[_half(path) :],
    "blanked": _blanked,
    "middle": _middle,
    "globbed": _globbed,
    "bracketed": _bracketed,
    "globname": lambda name: f"{name[:4]}*{name[-3:]}" if len(name) > 6 else f"{name[:2]}*{name[-2:]}",
    "dotted": _dotted,
    "home_path": lambda path: path.replace("/home/dev", '"$HOME"', 1),
}
