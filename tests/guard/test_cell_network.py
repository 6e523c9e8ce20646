"""Private hosts beside a cell's own machine: who reaches whom, and that nobody else does."""

from __future__ import annotations

import errno
import json
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from in_cell import AS_ORDINARY_USER, await_result, ordinary_user, run_in
from linked_hosts import NETWORK, heard_from, heard_outside, reached, serve
from persons import Person

import offswitch
from offswitch.errors import UsageError
from offswitch.guard.cell.client import Cell
from offswitch.guard.cell.guest import Guest
from offswitch.guard.cell.network import HERE, Network

pytestmark = [pytest.mark.sandbox, pytest.mark.safety]

EXPECTED = {
    (HERE, HERE),
    (HERE, "web"),
    ("web", HERE),
    ("web", "web"),
    ("web", "database"),
    ("database", "web"),
    ("database", "database"),
}
REACHED = """
import json, linked_hosts
cell = start(launcher, Guest(network=linked_hosts.NETWORK), Limits())
print(json.dumps(sorted(linked_hosts.reached(cell))))
"""
SETTINGS = {
    "ipv4/ip_forward": "0",
    "ipv4/ip_unprivileged_port_start": "0",
    "ipv4/conf/all/accept_source_route": "0",
    "ipv6/conf/all/disable_ipv6": "1",
}


@pytest.fixture
def networked(new_cell: Callable[..., Cell]) -> Cell:
    return new_cell(Guest(network=NETWORK))


def test_hosts_reach_those_they_are_linked_to_and_nobody_else(networked: Cell) -> None:
    assert reached(networked) == EXPECTED


@pytest.mark.root
def test_an_ordinary_user_has_the_same(networked: Cell) -> None:
    del networked  # where root has none, neither has this user
    assert {tuple(pair) for pair in json.loads(ordinary_user(REACHED))} == EXPECTED


@pytest.mark.root
def test_so_has_one_whose_cells_have_no_second_user(networked: Cell, alice: Person) -> None:
    del networked
    folders = [str(Path(__file__).parent), str(Path(offswitch.__file__).parents[1])]
    code = AS_ORDINARY_USER.format(folders=folders) + "assert not new().has_root\n" + REACHED
    done = alice.does("/usr/bin/python3", "-c", code)
    assert {tuple(pair) for pair in json.loads(done.stdout)} == EXPECTED, done.stderr


def test_a_host_that_is_not_there_is_refused_and_the_cell_goes_on(networked: Cell, cell: Cell) -> None:
    for one, host in ((networked, "backup"), (cell, "web")):
        assert await_result(one.execute(["true"], host=host)) == {"errno": errno.ENXIO}
        assert run_in(one, "echo on").out == "on\n"


def test_a_card_chosen_by_hand_leads_no_further(networked: Cell) -> None:
    """A socket that is bound to a card asks at the other end of its cable for any address."""
    for host, word in (("web", "this-is-web"), ("database", "")):
        serve(networked, host, f"this-is-{host}")
        assert heard_from(networked, HERE, NETWORK.hosts[host], card="eth0", seconds=4) == word


@pytest.mark.parametrize("user", ["user", "root"])
@pytest.mark.parametrize("host", [HERE, "web"])
@pytest.mark.parametrize(
    "attempt",
    [
        "ip route add 198.18.9.0/24 dev eth0",
        "ip address add 198.18.9.12/32 dev eth0",
        "ip link add one type veth peer name two",
        "ip link set eth0 down",
        "echo 1 > /proc/sys/net/ipv4/ip_forward",
        "nsenter -t 1 --net true",
        "python3 -c 'import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)'",
    ],
)
def test_a_program_cannot_change_the_network(networked: Cell, attempt: str, host: str, user: str) -> None:
    assert run_in(networked, attempt, user=user, host=host).code != 0


def test_a_program_in_a_host_is_as_weak_as_any(networked: Cell) -> None:
    status = run_in(
        networked, "grep -e ^CapEff -e ^NoNewPrivs -e ^Seccomp: /proc/self/status", host="web"
    ).out
    assert [line.split()[1] for line in status.splitlines()] == ["0" * 16, "1", "2"]


def test_hosts_do_not_reach_the_machine(networked: Cell) -> None:
    with answering() as port:
        for address in {"127.0.0.1", *_own_addresses()}:
            assert heard_outside(address, port, seconds=30) == "this-is-outside"
            for host in NETWORK.hosts:
                assert not heard_from(networked, host, address, port)


def test_two_cells_with_the_same_addresses_do_not_meet(
    networked: Cell, new_cell: Callable[..., Cell]
) -> None:
    other = new_cell(Guest(network=NETWORK))
    serve(networked, "web", "this-is-web")
    assert heard_from(networked, HERE, NETWORK.hosts["web"]) == "this-is-web"
    assert not heard_from(other, HERE, NETWORK.hosts["web"])


def test_only_hosts_within_reach_have_a_name(networked: Cell) -> None:
    known = run_in(networked, "cat /etc/hosts").out
    assert "198.18.7.10\tweb\n" in known
    assert "database" not in known


def test_a_host_passes_nothing_on(networked: Cell) -> None:
    """What a namespace has of itself depends on the machine's own settings: it is set, not hoped for."""
    for host in set(NETWORK.hosts) - {HERE}:
        script = "; ".join(f"cat /proc/sys/net/{name}" for name in SETTINGS)
        assert run_in(networked, script, host=host).out.split() == list(SETTINGS.values())


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"hosts": {"web": "10.0.0.1"}}, "the cell's own machine"),
        ({"hosts": {HERE: "8.8.8.8"}}, "private range"),
        ({"hosts": {HERE: "127.0.0.2"}}, "private range"),
        ({"hosts": {HERE: "fd00::1"}}, "private range"),
        ({"hosts": {HERE: "web"}}, "private range"),
        ({"hosts": {HERE: "10.0.0.1", "web": "10.0.0.1"}}, "one address"),
        ({"links": [(HERE, "web")]}, "no link"),
        ({"hosts": {HERE: "10.0.0.1"}, "links": [(HERE, HERE)]}, "no link"),
        (
            {"hosts": {HERE: "10.0.0.1", "web": "10.0.0.2"}, "links": [(HERE, "web"), ("web", HERE)]},
            "linked twice",
        ),
    ],
)
def test_what_cannot_be_laid_out_is_one_clear_line(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        Network(**wrong)
    assert "\n" not in str(caught.value)


@contextmanager
def answering() -> Iterator[int]:
    """Have the machine answer at all its addresses, and return the port."""
    with socket.create_server(("0.0.0.0", 0)) as ear:  # noqa: S104 (what must not be reached, at any address)

        def answer() -> None:
            while True:
                try:
                    line = ear.accept()[0]
                except OSError:
                    return
                with line:
                    line.sendall(b"this-is-outside")

        threading.Thread(target=answer, daemon=True).start()
        yield ear.getsockname()[1]
        ear.shutdown(socket.SHUT_RDWR)


def _own_addresses() -> set[str]:
    """Return the machine's addresses on networks, if it is on any."""
    done = subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=False)
    return {word for word in done.stdout.split() if ":" not in word}
