"""Services of the host that an agent could call by a file it sees, however and whenever they were bound."""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from guarding import Desk, await_true, desk_of_its_own

from offswitch.errors import UsageError
from offswitch.guard import workplace
from offswitch.guard.policy import dangers
from offswitch.guard.sockets import search
from offswitch.guard.sockets.visible import Visible

pytestmark = [pytest.mark.sandbox, pytest.mark.safety]

CLONE_NEWNET = 0x40000000
OWN = """
import socket, time
listener = socket.socket(socket.AF_UNIX)
listener.bind("own.sock")
listener.listen()
time.sleep(3)
socket.socket(socket.AF_UNIX).connect("own.sock")
print("called")
"""
"""Listens until the guard has looked."""


@pytest.fixture
def desk() -> Iterator[Desk]:
    with desk_of_its_own() as desk:
        yield desk


@contextlib.contextmanager
def service(folder: Path, name: str, kind: int = socket.SOCK_STREAM) -> Iterator[Path]:
    """Listen at a name relative to a folder, as servers with long paths do."""
    before = Path.cwd()
    with socket.socket(socket.AF_UNIX, kind) as listener:
        os.chdir(folder)
        try:
            listener.bind(name)
        finally:
            os.chdir(before)
        if kind != socket.SOCK_DGRAM:
            listener.listen()
        (folder / name).chmod(0o777)
        yield folder / name


@contextlib.contextmanager
def service_of_another_network(place: Path) -> Iterator[None]:
    """Listen as a program in a container does, with the folder mounted."""
    ready, done = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        try:
            ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET)
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(str(place))
                listener.listen()
                os.close(done[1])
                os.write(ready[1], b"x")
                os.read(done[0], 1)
        finally:
            os._exit(0)
    try:
        assert os.read(ready[0], 1) == b"x"
        yield
    finally:
        for fd in (*ready, *done):
            os.close(fd)
        os.waitpid(child, 0)


def refused(desk: Desk) -> str:
    done = desk.run("guard", "--name", desk.name, "--policy", "plain", "--", "true")
    assert done.returncode == 2, done.stderr
    return done.stderr


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_SEQPACKET, socket.SOCK_DGRAM])
def test_a_service_with_a_relative_name_is_found_at_the_start(desk: Desk, kind: int) -> None:
    with service(desk.work, "app.sock", kind) as place:
        assert f"makes {place} visible: a service outside the cell listens on it" in refused(desk)


def test_a_service_whose_path_is_longer_than_an_address_is_found(desk: Desk) -> None:
    folder = desk.work / ("d" * 100) / ("e" * 100)
    folder.mkdir(parents=True)
    with service(folder, "app.sock") as place:
        assert str(place) in refused(desk)


@pytest.mark.root
def test_a_service_of_another_network_is_found_at_the_start(desk: Desk) -> None:
    with service_of_another_network(desk.work / "app.sock"):
        assert f"makes {desk.work}/app.sock visible" in refused(desk)


def test_a_service_in_a_folder_that_every_cell_sees_is_found(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert set(dangers.SHOWN_TO_ALL) == set(workplace._SYSTEM) - {"/usr"}
    monkeypatch.setattr(dangers, "SHOWN_TO_ALL", [str(desk.home)])  # other tests run beside this one
    with service(desk.home, "app.sock"), pytest.raises(UsageError, match="visible"):
        dangers.check(dangers.Reach([desk.work], [], []), desk.home, {})


def test_a_file_that_nobody_listens_at_any_more_keeps_nobody_from_starting(desk: Desk) -> None:
    with service(desk.work, "app.sock"):
        pass
    assert desk.run("guard", "--name", desk.name, "--policy", "plain", "--", "true").returncode == 0


@pytest.mark.parametrize("name", ["app.sock", "/full"])
def test_a_service_that_comes_later_stops_the_agent(desk: Desk, name: str) -> None:
    with desk.guarded("sh", "-c", "touch up; sleep 100") as running:
        await_true((desk.work / "up").exists)
        with contextlib.ExitStack() as after:
            if name == "/full":
                listener = after.enter_context(socket.socket(socket.AF_UNIX))
                listener.bind(str(desk.work / "app.sock"))
                listener.listen()
            else:
                after.enter_context(service(desk.work, name))
            assert running.wait(60) == 1
        assert running.stdout is not None
        assert f"a program outside listens at {desk.work}/app.sock" in running.stdout.read()


def test_sockets_of_the_agents_own_are_its_own(desk: Desk) -> None:
    with desk.guarded("/usr/bin/python3", "-c", OWN) as running:
        assert running.stdout is not None
        assert running.stdout.read() == "called\n"
        assert running.wait(60) == 0


def test_what_may_be_called_is_not_among_them(desk: Desk) -> None:
    with service(desk.work, "one.sock") as one, service(desk.work, "two.sock") as two:
        assert Visible([str(desk.work)], []).found() == [str(one), str(two)]
        assert Visible([str(desk.work)], [str(one)]).found() == [str(two)]
        assert Visible([str(desk.home)], []).found() == []


def test_one_that_is_moved_about_is_found_all_the_same(desk: Desk) -> None:
    looked = Visible([str(desk.work)], [])
    with service(desk.work, "app.sock") as place:
        place.rename(desk.home / "away")
        assert [looked.found() for _ in range(3)] == [[], [], ["app.sock (it was moved)"]]
        (desk.home / "away").rename(desk.work / "back")
        assert looked.found() == [str(desk.work / "back")]


def test_one_that_others_have_elsewhere_is_no_matter(desk: Desk) -> None:
    looked = Visible([str(desk.work)], [])
    with socket.socket(socket.AF_UNIX) as listener:
        before = Path.cwd()
        os.chdir(desk.home)
        try:
            listener.bind("app.sock")
            assert [looked.found() for _ in range(4)] == [[], [], [], []]
        finally:
            os.chdir(before)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(desk.home / "other.sock"))
        (desk.home / "other.sock").rename(desk.home / "renamed.sock")
        assert [looked.found() for _ in range(4)] == [[], [], [], []]


@pytest.mark.root
def test_a_folder_that_was_shut_to_the_search_is_told(desk: Desk) -> None:
    shut = desk.work / "shut"
    shut.mkdir()
    code = (
        "import os, sys; sys.path[:0] = [{src!r}]; os.setresuid(1, 1, 1); from pathlib import Path;"
        "from offswitch.guard.sockets.search import found_in; list(found_in([Path({work!r})], []))"
    )
    os.chown(shut, 1, 1)
    shut.chmod(0o111)
    source = str(Path(search.__file__).parents[3])
    argv = ["/usr/bin/python3", "-I", "-c", code.format(src=source, work=str(desk.work))]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert f"{shut} cannot be looked into" in done.stderr


def test_too_much_to_look_through_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_ENTRIES", 10)
    for number in range(12):
        (desk.work / str(number)).touch()
    with pytest.raises(UsageError, match="whether a service can be called there cannot be known"):
        list(search.found_in([desk.work], []))
