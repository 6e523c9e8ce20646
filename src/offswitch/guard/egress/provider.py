"""A model's provider: where requests go, and the key that they go with."""

from __future__ import annotations

import urllib.parse
from typing import NamedTuple


class Provider(NamedTuple):
    """Where requests go.

    Attributes:
        url: the provider's base URL; what the agent asks for is put behind its path.
        header: the header that carries the key.
        value: what it holds, with the key in it as its last word.
        authorities: a file of certificates to trust instead of the system's, or "".
    """

    url: str
    header: str
    value: str
    authorities: str = ""


def check(provider: Provider) -> None:
    """See that a provider is one.

    Raises:
        ValueError: if it is not; the message says what was expected.
    """
    url = urllib.parse.urlsplit(provider.url)
    if url.scheme not in {"http", "https"} or not url.hostname or url.username or url.query or url.fragment:
        raise ValueError("expected a provider's URL such as https://api.example.org/v1")
    visible = set(map(chr, range(0x20, 0x7F)))
    if not provider.header or set(provider.header) - visible or {" ", ":"} & set(provider.header):
        raise ValueError("expected the name of a header")
    if not provider.value.strip() or set(provider.value) - visible:
        raise ValueError("expected a key of one line of ASCII")
