"""HTTP messages: what is read, what is not, and in how much time and memory."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offswitch.guard.egress import lines, messages
from offswitch.guard.egress.journal import Journal, Refused
from offswitch.guard.egress.messages import Framing

pytestmark = [pytest.mark.safety]


def fed(data: bytes, *, ended: bool = True) -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=lines.HEAD)
    reader.feed_data(data)
    if ended:
        reader.feed_eof()
    return reader


async def head_of(data: bytes, **options: Any) -> messages.Head:
    return await messages.read_head(fed(data, **options), seconds=20)


async def body_of(data: bytes, framing: Framing) -> bytes:
    return b"".join([piece async for piece in messages.body(fed(data), framing)])


def test_a_head_that_trickles_in_is_given_up() -> None:
    """However slowly one sends: the time is that of the whole head."""

    async def trickle() -> float:
        reader, begun = asyncio.StreamReader(limit=lines.HEAD), time.monotonic()

        async def drip() -> None:
            while True:
                reader.feed_data(b"x")
                await asyncio.sleep(0.01)

        dripping = asyncio.create_task(drip())
        with pytest.raises(Refused, match="within"):
            await messages.read_head(reader, seconds=0.3)
        dripping.cancel()
        return time.monotonic() - begun

    assert asyncio.run(trickle()) < 10


@pytest.mark.parametrize("data", [b"x" * 3 * lines.HEAD, b"GET / HTTP/1.1\r\nA: " + b"x" * 3 * lines.HEAD])
def test_a_head_that_does_not_end_is_given_up(data: bytes) -> None:
    with pytest.raises(Refused, match="at most"):
        asyncio.run(head_of(data, ended=False))


def test_a_connection_that_says_nothing_is_no_refusal() -> None:
    with pytest.raises(Refused, match=r"^$"):
        asyncio.run(head_of(b""))


@given(st.binary(max_size=400))
def test_any_bytes_are_a_head_or_refused(data: bytes) -> None:
    try:
        head = asyncio.run(head_of(data + b"\r\n\r\n"))
    except Refused:
        return
    written = messages.write_head(" ".join(head.first), head.headers)
    assert asyncio.run(head_of(written)) == head, "what is passed on is what was read"


@given(st.lists(st.binary(min_size=1, max_size=50)), st.binary(max_size=30))
def test_chunks_are_read_as_they_were_written(pieces: list[bytes], after: bytes) -> None:
    written = b"".join(map(messages.chunk, [*pieces, b""])) + after
    assert asyncio.run(body_of(written, Framing(None, chunked=True))) == b"".join(pieces)


@given(st.binary(max_size=200))
def test_any_bytes_are_chunks_or_refused(data: bytes) -> None:
    try:
        asyncio.run(body_of(data, Framing(None, chunked=True)))
    except (Refused, OSError):
        return
    assert b"0" in data, "only an end ends it"


def test_trailers_and_extensions_are_left_out() -> None:
    data = b"4;x=y\r\nbody\r\n0\r\nX-Api-Key: theirs\r\n\r\n"
    assert asyncio.run(body_of(data, Framing(None, chunked=True))) == b"body"


@pytest.mark.parametrize("framing", [Framing(10), Framing(None, chunked=True)])
def test_a_body_that_ends_too_early_is_an_error(framing: Framing) -> None:
    with pytest.raises(OSError, match="too early"):
        asyncio.run(body_of(b"5\r\nbo", framing))


def test_a_full_journal_refuses(tmp_path: Path) -> None:
    file = tmp_path / "journal"
    journal = Journal(file, most=400)
    kept = 0
    with contextlib.suppress(Refused):
        for kept in range(100):
            journal.note(connection=kept)
    assert 0 < kept < 99
    assert [json.loads(line)["connection"] for line in file.read_text().splitlines()] == list(range(kept))


def test_many_refusals_are_a_few_lines(tmp_path: Path) -> None:
    """An agent can have itself refused as often as it likes."""
    journal = Journal(tmp_path / "journal")
    for number in range(10_000):
        journal.refusal(connection=number, why="x" * 300)
    entries = [json.loads(line) for line in (tmp_path / "journal").read_text().splitlines()]
    assert entries[0]["connection"] == 0
    assert 21 <= len(entries) < 200
    (unlisted, *_) = [at for at, entry in enumerate(entries) if "not listed" in entry["why"]]
    assert 20 <= unlisted < 40, "of one second; the first ones may be the last of another"
    time.sleep(1)
    journal.refusal(connection=10_000, why="later")
    assert (tmp_path / "journal").read_text().endswith('"connection": 10000, "why": "later"}\n')


@pytest.mark.root
def test_a_journal_takes_a_part_of_its_disk_only(tmp_path: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "none", str(tmp_path)], check=True)
    try:
        journal = Journal(tmp_path / "journal")
        with contextlib.suppress(Refused):
            for _ in range(10_000):
                journal.note(about="x" * 90)
        size = (tmp_path / "journal").stat().st_size
    finally:
        subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)
    assert 90_000 < size <= 102_400


@pytest.mark.root
def test_a_full_disk_refuses_and_does_not_spoil_the_journal(tmp_path: Path) -> None:
    """The disk takes a part of a line; when there is room again, the next one begins on its own."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8k", "none", str(tmp_path)], check=True)
    try:
        filler = tmp_path / "filler"
        filler.write_bytes(b"x" * 4096)
        journal = Journal(tmp_path / "journal", most=10**9)
        for _ in range(200):
            with contextlib.suppress(Refused):
                journal.note(about="x" * 90)
        with pytest.raises(Refused, match=r"full|space"):
            journal.note(about="one more")
        filler.unlink()
        journal.note(about="there is room")
        lines_ = (tmp_path / "journal").read_text().splitlines()
    finally:
        subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)
    assert json.loads(lines_[-1])["about"] == "there is room"
    assert all(json.loads(line) for line in lines_[:-2])
