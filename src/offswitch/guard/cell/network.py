"""Private networks: hosts beside a cell's own machine, each in a network namespace of its own.

Two hosts that are linked have a cable between them, and the route to each other's address; there is nothing
else: no gateway, no forwarding, no way to the machine that the cell runs on, and none from it. The namespaces
belong to the cell's user namespace, so that an ordinary user can have them too. A host is a network, not a
machine: what is started in it shares the cell's files, users and process table.
"""

from __future__ import annotations

import errno
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address
from pathlib import Path
from typing import NamedTuple

from offswitch.errors import UsageError
from offswitch.guard.kernel import netlink, syscalls

HERE = "here"
"""The name of the cell's own machine among the hosts."""

_SETTINGS = {
    "ipv4/ip_forward": "0",  # no way through
    "ipv4/conf/all/accept_source_route": "0",  # the sender's word on the way of a packet
    "ipv4/ip_unprivileged_port_start": "0",  # a cell's root has no capability
    "ipv6/conf/all/disable_ipv6": "1",
    "ipv6/conf/default/disable_ipv6": "1",
}
"""Settings of each host's namespace, which else has those of the machine (devconf_inherit_init_net)."""


@dataclass(frozen=True)
class Network:
    """Hosts, and which of them reach each other.

    Attributes:
        hosts: name to IPv4 address, of a private range; with `HERE`, the cell's own machine.
        links: pairs of names. A host reaches those it is linked to, and no other.
    """

    hosts: Mapping[str, str] = field(default_factory=dict)
    links: Sequence[tuple[str, str]] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be laid out.

        Raises:
            UsageError: naming what is wrong.
        """
        if self.hosts and HERE not in self.hosts:
            raise UsageError(f"a private network needs an address for {HERE!r}, the cell's own machine")
        for name, address in self.hosts.items():
            if not _is_private(address):
                raise UsageError(f"host {name!r}: {address!r} is no IPv4 address of a private range")
        if len(set(self.hosts.values())) < len(self.hosts):
            raise UsageError(f"two hosts have one address: {dict(self.hosts)}")
        ends = [frozenset(link) for link in self.links]
        for pair in ends:
            if len(pair) != 2 or not pair <= self.hosts.keys():
                raise UsageError(f"no link between {sorted(pair)}: it takes two of {sorted(self.hosts)}")
        if len(set(ends)) < len(ends):
            raise UsageError(f"two hosts are linked twice: {list(self.links)}")

    def neighbours(self, name: str) -> dict[str, str]:
        """Return the hosts that one reaches: name to address."""
        return {
            other: self.hosts[other] for pair in self.links if name in pair for other in pair if other != name
        }


class _Place(NamedTuple):
    """A descriptor of a host's network namespace, and its address."""

    namespace: int
    address: str


def lay_out(network: Network, own: int) -> dict[str, int]:
    """Make the hosts and their links, and return a descriptor of each one's network namespace.

    The caller has the capabilities of the cell's user namespace, and the machine's /proc still; it stands in
    some host's network afterwards.

    Args:
        network: what to make.
        own: descriptor of the cell's own network namespace.

    Raises:
        OSError: if the kernel refuses.
    """
    places = {name: _Place(own if name == HERE else _make(), at) for name, at in network.hosts.items()}
    cards: Counter[str] = Counter()
    try:
        for one, other in network.links:
            names = f"eth{cards[one]}", f"eth{cards[other]}"
            cards.update((one, other))
            _link(places[one], places[other], names)
    except OSError as refusal:
        if refusal.errno != errno.EOPNOTSUPP:
            raise
        raise OSError(refusal.errno, "the kernel has no cards for it: sudo modprobe veth") from refusal
    return {name: place.namespace for name, place in places.items()}


def _make() -> int:
    syscalls.unshare(syscalls.CLONE_NEWNET)
    for name, value in _SETTINGS.items():
        setting = Path("/proc/sys/net", name)
        if setting.exists():  # a kernel may have no IPv6
            setting.write_text(value)
    netlink.bring_up("lo")
    return os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def _link(one: _Place, other: _Place, names: tuple[str, str]) -> None:
    syscalls.setns(one.namespace, syscalls.CLONE_NEWNET)
    netlink.make_cable(*names, other.namespace)
    for here, there, name in ((one, other, names[0]), (other, one, names[1])):
        syscalls.setns(here.namespace, syscalls.CLONE_NEWNET)
        netlink.bring_up(name)
        netlink.set_address(name, here.address, there.address)


def _is_private(address: str) -> bool:
    try:
        found = IPv4Address(address)
    except AddressValueError:
        return False
    return found.is_private and not (found.is_loopback or found.is_link_local or found.is_unspecified)
