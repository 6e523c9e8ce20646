"""Turns an agent's request into the one that its model's provider gets, with our key for any other."""

from __future__ import annotations

import urllib.parse
from typing import NamedTuple

from offswitch.guard.egress import messages
from offswitch.guard.egress.journal import Refused
from offswitch.guard.egress.messages import Head, Headers
from offswitch.guard.egress.provider import Provider

_KEYS = frozenset(
    {
        "authorization",
        "x-api-key",
        "api-key",
        "x-goog-api-key",
        "ocp-apim-subscription-key",
        "proxy-authorization",
        "cookie",
    }
)
_KEYS_IN_QUERY = frozenset(
    {"key", "api_key", "api-key", "apikey", "access_token", "subscription-key", "token"}
)
OF_ONE_CONNECTION = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "upgrade",
        "transfer-encoding",
        "content-length",
    }
)
"""Headers about one connection, which end with it (RFC 9110, 7.6.1), and those of a body's length."""
_OURS = frozenset({"host", "expect", "accept-encoding"})  # a packed answer could not be searched for the key
_CHANGING = frozenset(
    {
        "forwarded",
        "if-range",
        "range",
        "x-forwarded-host",
        "x-forwarded-prefix",
        "x-http-method",
        "x-http-method-override",
        "x-method-override",
        "x-original-url",
        "x-rewrite-url",
    }
)
"""Headers that ask some servers for another act, place or host than the first line, which conditions judge;
or for parts of an answer, in which a key would not be found."""
_AMBIGUOUS = frozenset("\\;\ufffd")  # the last stands for what is no UTF-8
_MOST_SHOWN = 300


class Exchange(NamedTuple):
    """One request, ready to be sent.

    Attributes:
        method: its method.
        head: its head as the provider gets it.
        framing: how its body ends.
        path: its path at the provider, without a query and decoded: one form of all that mean the same.
        shown: its first line without a query, for the journal.
        continues: whether the client waits for a word before it sends the body.
        lasts: whether the client's connection stays open afterwards.
    """

    method: str
    head: bytes
    framing: messages.Framing
    path: str
    shown: str
    continues: bool
    lasts: bool


def rewritten(head: Head, provider: Provider) -> Exchange:
    """Return a request as the provider gets it: with our key, alone on its connection.

    Raises:
        Refused: if it is not a request for a path of the provider, or could be understood in two ways.
    """
    url = urllib.parse.urlsplit(provider.url)
    messages.check_request(head)
    framing = messages.framing_of_request(head)
    method, path, _ = head.first
    where = f"{url.path.rstrip('/')}{_without_keys(path)}"
    headers: Headers = [
        ("Host", url.netloc),
        (provider.header, provider.value),
        ("Connection", "close"),
        ("Accept-Encoding", "identity"),
    ]
    if framing.chunked:
        headers.append(("Transfer-Encoding", "chunked"))
    elif framing.length or method in {"POST", "PUT", "PATCH"}:
        headers.append(("Content-Length", str(framing.length)))
    left_out = _KEYS | _OURS | _CHANGING | OF_ONE_CONNECTION | head.words("connection")
    left_out |= {provider.header.lower()}
    kept = [pair for pair in head.headers if pair[0].lower().replace("_", "-") not in left_out]
    return Exchange(
        method,
        messages.write_head(f"{method} {where} HTTP/1.1", headers + kept),
        framing,
        "/" + "/".join(filter(None, urllib.parse.unquote(where.partition("?")[0]).split("/"))),
        f"{method} {where.partition('?')[0]}"[:_MOST_SHOWN],
        continues="100-continue" in head.words("expect"),
        lasts="close" not in head.words("connection"),
    )


def _without_keys(path: str) -> str:
    """Return a path without keys in its query.

    Raises:
        Refused: if it climbs out of the provider's base, or does not mean the same to every server.
    """
    place, mark, query = path.partition("?")
    decoded = urllib.parse.unquote(place)
    if (
        not decoded.isprintable()
        or not _AMBIGUOUS.isdisjoint(decoded)
        or urllib.parse.unquote(decoded) != decoded
    ):
        raise Refused("expected a path that means the same to every server, without \\ or ;, escaped once")
    if {".", ".."} & set(decoded.split("/")):
        raise Refused("expected a path without . and ..")
    kept = [
        pair
        for pair in query.split("&")
        if urllib.parse.unquote_plus(pair.partition("=")[0]).lower() not in _KEYS_IN_QUERY
    ]
    return place + (mark + "&".join(kept) if kept and kept != [""] else "")
