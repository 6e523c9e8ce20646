"""Names and addresses: what a policy may say, and what a connection to it is."""

from __future__ import annotations

import ipaddress

import pytest
from egress_parts import first_message, with_extension
from hypothesis import given
from hypothesis import strategies as st

from offswitch.guard.egress import hello, hosts
from offswitch.guard.egress.hosts import Host
from offswitch.guard.egress.mask import Mask

pytestmark = [pytest.mark.safety]

LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)
NAMES = st.builds(
    lambda labels, last: ".".join([*labels, last]), st.lists(LABELS, max_size=4), st.just("example")
)
PORTS = st.integers(1, 65535)


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("api.example.org", Host("api.example.org")),
        ("API.Example.Org.", Host("api.example.org")),
        ("api.example.org:8443", Host("api.example.org", 8443)),
        ("*.example.org", Host("*.example.org")),
        ("tcp://git.example.org:22", Host("git.example.org", 22, plain=True)),
        ("192.0.2.1:8080", Host("192.0.2.1", 8080)),
        ("2001:db8::1", Host("2001:db8::1")),
        ("[2001:DB8:0::1]:8443", Host("2001:db8::1", 8443)),
        ("xn--bcher-kva.example", Host("xn--bcher-kva.example")),
    ],
)
def test_a_host_is_read(text: str, host: Host) -> None:
    assert hosts.parse(text) == host


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*",
        "*.",
        "*.*.example.org",
        "a.*.example.org",
        "*.192.0.2.1",
        "https://example.org",
        "example.org/path",
        "example.org:0",
        "example.org:65536",
        "example.org:0443x",
        "example.org:٤٤٣",
        "user@example.org",
        "exam ple.org",
        "b\u00fccher.example",
        "a..example",
        ".example.org",
        "-" * 64 + ".org",
        "127.1",
        "0x7f.0x1",
        "2130706433",
        "fe80::1%eth0",
        "[example.org]:443",
        "tcp://example.org",
        "[::1",
        "[::1]443",
    ],
)
def test_what_is_no_host_is_an_error_that_says_what_was_expected(text: str) -> None:
    with pytest.raises(ValueError, match=r"a (host|port|name)|an address"):
        hosts.parse(text)


@given(st.text(max_size=80))
def test_any_text_is_a_host_or_an_error(text: str) -> None:
    try:
        host = hosts.parse(text)
    except ValueError:
        return
    assert host.name.isascii()
    assert 0 < host.port < 65536
    prefix = "tcp://" if host.plain else ""
    shown = f"[{host.name}]" if ":" in host.name else host.name
    assert hosts.parse(f"{prefix}{shown}:{host.port}") == host


@given(NAMES, NAMES, PORTS)
def test_a_name_covers_itself_and_a_star_what_is_below_it(name: str, other: str, port: int) -> None:
    assert Host(name, port).covers(*hosts.split(f"{name.upper()}.:{port}"))
    assert Host(name, port).covers(other, port) == (name == other)
    assert Host(f"*.{name}", port).covers(f"{other}.{name}", port)
    assert not Host(f"*.{name}", port).covers(name, port)
    assert not Host(f"*.{name}", port).covers(f"x{name}", port)
    assert not Host(name, port).covers(name, port % 65535 + 1)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",  # noqa: S104
        "10.1.2.3",
        "172.31.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "::ffff:8.8.8.8",
        "::127.0.0.1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "fd00:ec2::254",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::1",
        "2001:0:1::1",
        "ff0e::1",
        "100::1",
        "no address",
    ],
)
def test_an_address_of_this_machine_its_networks_or_its_cloud_is_not_public(address: str) -> None:
    assert not hosts.is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "172.32.0.1", "2606:4700::1111", "2a00::1"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert hosts.is_public(address)


@given(st.ip_addresses())
def test_what_is_public_is_global(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    if hosts.is_public(str(address)):
        assert address.is_global
        assert not address.is_private
        assert not address.is_multicast


# The first message of TLS.


def in_records(data: bytes, size: int) -> bytes:
    """Spread a first message over records of so many bytes."""
    message = data[5:]
    parts = [message[at : at + size] for at in range(0, len(message), size)]
    return b"".join(b"\x16\x03\x01" + len(part).to_bytes(2, "big") + part for part in parts)


def server_name(*names: bytes) -> bytes:
    listed = b"".join(b"\0" + len(name).to_bytes(2, "big") + name for name in names)
    return len(listed).to_bytes(2, "big") + listed


@given(NAMES)
def test_the_name_of_a_real_client_is_read(name: str) -> None:
    data = first_message(name)
    assert hello.read(data) == hello.Hello(complete=True, tls=True, name=name, size=len(data))
    assert hello.read(data + b"and more") == hello.read(data)
    cut = in_records(data, 50)
    assert hello.read(cut) == hello.read(data)._replace(size=len(cut))


def test_every_beginning_of_a_first_message_waits_for_the_rest() -> None:
    for data in (first_message("example.org"), in_records(first_message("example.org"), 7)):
        assert not any(hello.read(data[:length]).complete for length in range(len(data)))
        assert hello.read(data).name == "example.org"


def test_without_a_name_there_is_none() -> None:
    data = first_message(None)
    assert hello.read(data) == hello.Hello(complete=True, tls=True, size=len(data))


@pytest.mark.parametrize(
    "content",
    [
        server_name(b"a.example", b"b.example"),
        server_name(b""),
        server_name(b"\xff.example"),
        b"",
        b"\0\0",
        server_name(b"a.example") + b"more",
        b"\0\x04\x01\0\x01a",
    ],
)
def test_an_ambiguous_name_is_no_name(content: bytes) -> None:
    assert not hello.read(with_extension(first_message(None), 0, content)).tls


def test_two_names_are_no_name() -> None:
    data = with_extension(first_message("a.example"), 0, server_name(b"b.example"))
    assert hello.read(data) == hello.Hello(complete=True)


def test_a_hidden_name_is_seen() -> None:
    assert hello.read(with_extension(first_message("a.example"), 0xFE0D, b"\0" * 40)).hidden


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1",
        b"SSH-2.0-x",
        b"\x80\x2e\x01\x00\x02",
        b"\x17\x03\x03\x00\x01x",
        b"\x16\x03\x01\x00\x00",
        b"\x16\x03\x01\xff\xff",
        b"\x16\x03\x01\x00\x04\x02\x00\x00\x00",
        b"\x16\x03\x01\x00\x04\x01\xff\xff\xff",
        b"\x16\x03\x01\x00\x04\x01\x00\x00\x00",
    ],
)
def test_what_is_no_first_message_is_told_at_once(data: bytes) -> None:
    assert hello.read(data) == hello.Hello(complete=True)


@given(st.binary(max_size=300), st.integers(0, 300))
def test_any_bytes_are_read_without_an_error(noise: bytes, at: int) -> None:
    hello.read(noise)
    data = first_message("example.org")
    said = hello.read(data[:at] + noise + data[at:])
    assert said.complete or not said.tls


def test_a_message_that_never_ends_is_given_up() -> None:
    endless = (b"\x16\x03\x01\x00\x01" + b"\x01") + b"\x16\x03\x01\x00\x01\x00" * 10_000
    assert hello.read(endless[: hello.LONGEST]).complete


# The key in what passes.


@given(
    st.lists(
        st.sampled_from(
            [b"x", b"sec", b"ret", b"-key", b"secret-key-", b"secre", b"0123", b"secret-key-0123"]
        )
    )
)
def test_a_secret_is_found_however_it_is_cut(pieces: list[bytes]) -> None:
    secret = b"secret-key-0123"
    mask = Mask(secret)
    out = b"".join(map(mask.feed, pieces)) + mask.rest()
    assert out == b"".join(pieces).replace(secret, b"*" * len(secret))


def test_what_is_too_short_for_a_secret_is_left() -> None:
    mask = Mask(b"short")
    assert mask.feed(b"a short text") + mask.rest() == b"a short text"
