"""The hosts that a policy names, and whether a connection goes to one of them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

DEFAULT_PORT = 443
_PLAIN = "tcp://"
_LONGEST_NAME, _LONGEST_LABEL = 253, 63
_MOST_DIGITS = 5

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Host:
    """A host that may be reached.

    Attributes:
        name: in lower case; "*.example.org" stands for every name below example.org, and not for itself.
        port: its port.
        plain: whether what is said there need not be TLS.
    """

    name: str
    port: int = DEFAULT_PORT
    plain: bool = False

    @property
    def address(self) -> Address | None:
        """The address, if it is named by one."""
        return _address(self.name)

    def covers(self, name: str, port: int) -> bool:
        """Whether a connection to this name (as `split` gives it) and port goes to this host."""
        if port != self.port:
            return False
        if self.name.startswith("*."):
            return name.endswith(self.name[1:]) and len(name) > len(self.name) - 1
        return name == self.name


def parse(text: str) -> Host:
    """Read "name", "name:port", "*.name", "192.0.2.1:8080", "[2001:db8::1]:443" or "tcp://name:22" (no TLS).

    A name of other letters is written as the name system has it: "xn--bcher-kva.example".

    Raises:
        ValueError: if it is none of these; the message says what was expected.
    """
    plain = text.strip().startswith(_PLAIN)
    if "://" in text and not plain:
        raise ValueError("a host such as example.org or example.org:8443, without https:// and path")
    rest = text.strip().removeprefix(_PLAIN)
    below = "*." if rest.startswith("*.") else ""
    name, port = split(rest.removeprefix(below), None if plain else DEFAULT_PORT)
    if below and _address(name) is not None:
        raise ValueError("a name after *., as in *.example.org")
    return Host(below + name, port, plain)


def split(text: str, port: int | None = None) -> tuple[str, int]:
    """Split "name:port" into both: a name in lower case without a last dot, or an address in its one form.

    Raises:
        ValueError: if it is not of that form, or has no port and none is given; the message says what was
            expected.
    """
    if text.startswith("["):
        name, bracket, number = text[1:].partition("]")
        if (
            not bracket
            or not isinstance(_address(name), ipaddress.IPv6Address)
            or number[:1] not in {"", ":"}
        ):
            raise ValueError("an address in brackets, as in [2001:db8::1]:443")
    else:
        name, colon, number = text.partition(":")
        if ":" in number and _address(text) is not None:
            name, colon, number = text, "", ""
        number = colon + number
    return _canonical(name), _port(number, port)


def allowed(name: str, port: int, hosts: Iterable[Host]) -> Host | None:
    """Return the host that a connection is covered by, or None."""
    return next((host for host in hosts if host.covers(name, port)), None)


def is_public(text: str) -> bool:
    """Whether an address is one of the internet's, and not of this machine, its networks or its cloud.

    The networks are those of the registries of special addresses (RFC 6890 and what updated it, as of 2025);
    Python's own `is_global` takes 192.0.0.192 (a cloud's metadata) and 64:ff9b::7f00:1 for global ones.
    """
    address = _address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        return address in _GLOBAL_6 and not any(address in network for network in _SPECIAL_6)
    return address is not None and not any(address in network for network in _SPECIAL_4)


_GLOBAL_6 = ipaddress.IPv6Network("2000::/3")
_SPECIAL_6 = tuple(
    ipaddress.IPv6Network(text)
    for text in (
        "2001::/23",  # protocols, Teredo among them, with an IPv4 address inside
        "2001:db8::/32",  # examples
        "2002::/16",  # 6to4: an IPv4 address inside
        "3fff::/20",  # examples
    )
)
_SPECIAL_4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # behind a carrier's translation; a cloud's metadata
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's own services, which look public
        "169.254.0.0/16",  # the link; most clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocols; a cloud's metadata
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # many at once, and reserved
    )
)


def _canonical(name: str) -> str:
    address = _address(name)
    if address is not None:
        return str(address)
    name = name.removesuffix(".").lower()
    if not _is_name(name):
        raise ValueError("a host such as api.example.org, *.example.org or example.org:8443")
    return name


def _port(text: str, default: int | None) -> int:
    if not text and default is not None:
        return default
    number = text.removeprefix(":")
    digits = text.startswith(":") and number.isascii() and number.isdigit() and len(number) <= _MOST_DIGITS
    if not digits or not 0 < int(number) < 65536:
        raise ValueError("a port from 1 to 65535")
    return int(number)


def _address(name: str) -> Address | None:
    try:
        return None if "%" in name else ipaddress.ip_address(name)
    except ValueError:
        return None


def _is_name(name: str) -> bool:
    """Whether it is a name, and none of the old forms of an address such as 127.1 or 0x7f000001."""
    labels = name.split(".")
    if labels[-1].isdigit() or labels[-1].startswith("0x"):
        return False
    return 0 < len(name) <= _LONGEST_NAME and all(
        0 < len(label) <= _LONGEST_LABEL
        and label.isascii()
        and label.replace("-", "").replace("_", "").isalnum()
        for label in labels
    )
