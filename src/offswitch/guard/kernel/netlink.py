"""Network cards, made and set up through rtnetlink(7), so that no program of the host is needed for it.

Everything here acts on the network namespace that the caller stands in.
"""

from __future__ import annotations

import errno
import os
import socket
import struct

_NEW_LINK, _NEW_ADDRESS = 16, 20
_REQUEST, _ACKNOWLEDGE, _EXCLUSIVE, _CREATE = 0x001, 0x004, 0x200, 0x400
_UP = 1
_NAME, _ABOUT_KIND, _IN_NAMESPACE = 3, 18, 28  # IFLA_IFNAME, IFLA_LINKINFO, IFLA_NET_NS_FD
_KIND, _OF_KIND, _PEER = 1, 2, 1  # IFLA_INFO_KIND, IFLA_INFO_DATA, VETH_INFO_PEER
_OTHER_ADDRESS, _OWN_ADDRESS = 1, 2  # IFA_ADDRESS, IFA_LOCAL
_WHOLE_ADDRESS = 32
_HEADER = struct.Struct("=IHHII")
_CARD = struct.Struct("=BxHiII")
_ADDRESS = struct.Struct("=BBBBI")
_ALIGNED = 4
_MOST_BYTES = 65536


def make_cable(name: str, other_name: str, namespace: int) -> None:
    """Make two cards that are joined by a cable, the other one in another namespace; both are down.

    Args:
        name: of the card here.
        other_name: of the card there.
        namespace: descriptor of the other network namespace.

    Raises:
        OSError: if the kernel refuses; EOPNOTSUPP if it has no such cards (veth).
    """
    card = _CARD.pack(socket.AF_UNSPEC, 0, 0, 0, 0)
    other = card + _named(other_name) + _attribute(_IN_NAMESPACE, struct.pack("=I", namespace))
    kind = _attribute(_KIND, b"veth") + _attribute(_OF_KIND, _attribute(_PEER, other))
    _ask(_NEW_LINK, _CREATE | _EXCLUSIVE, card + _named(name) + _attribute(_ABOUT_KIND, kind))


def bring_up(name: str) -> None:
    """Switch a card on.

    Raises:
        OSError: if there is none of this name, or the kernel refuses.
    """
    _ask(_NEW_LINK, 0, _CARD.pack(socket.AF_UNSPEC, 0, socket.if_nametoindex(name), _UP, _UP))


def set_address(name: str, own: str, other: str) -> None:
    """Give a card an IPv4 address, and let one other address, and no more, be reached through it.

    Args:
        name: of the card.
        own: its address.
        other: the address at the other end of the cable.

    Raises:
        OSError: if there is none of this name, or the kernel refuses.
    """
    card = _ADDRESS.pack(socket.AF_INET, _WHOLE_ADDRESS, 0, 0, socket.if_nametoindex(name))
    ends = ((_OWN_ADDRESS, own), (_OTHER_ADDRESS, other))
    both = b"".join(_attribute(kind, socket.inet_aton(address)) for kind, address in ends)
    _ask(_NEW_ADDRESS, _CREATE | _EXCLUSIVE, card + both)


def _named(name: str) -> bytes:
    return _attribute(_NAME, name.encode() + b"\0")


def _attribute(kind: int, content: bytes) -> bytes:
    attribute = struct.pack("=HH", 4 + len(content), kind) + content
    return attribute + bytes(-len(attribute) % _ALIGNED)


def _ask(kind: int, flags: int, body: bytes) -> None:
    """Send one request, and wait until the kernel has done it."""
    header = _HEADER.pack(_HEADER.size + len(body), kind, _REQUEST | _ACKNOWLEDGE | flags, 0, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0) as line:  # NETLINK_ROUTE
        line.sendto(header + body, (0, 0))
        answer = line.recv(_MOST_BYTES)
    if len(answer) < _HEADER.size + 4:
        raise OSError(errno.EIO, "the kernel's answer about a network card cannot be read")
    (refused,) = struct.unpack_from("=i", answer, _HEADER.size)
    if refused:
        raise OSError(-refused, os.strerror(-refused))
