"""A program of the host that a cell shows, from a folder that the cell's user may not enter."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from offswitch.hosts.inspect.sandbox import CellConfig, CellSandbox

pytestmark = [pytest.mark.anyio, pytest.mark.sandbox, pytest.mark.safety]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def cell(tmp_path: Path) -> AsyncIterator[CellSandbox]:
    """A cell that shows a copy of `cat` under another name."""
    file = tmp_path / "somebody" / "tool"
    file.parent.mkdir(mode=0o700)
    shutil.copy("/usr/bin/cat", file)
    (file.parent / "beside").write_text("not shown")
    environments = await CellSandbox.sample_init("programs", CellConfig(programs={"mycat": str(file)}), {})
    yield environments["default"].as_type(CellSandbox)
    await CellSandbox.sample_cleanup("programs", None, environments, interrupted=False)


@pytest.mark.parametrize("user", [None, "root"])
async def test_it_can_be_run_by_its_name_and_not_be_changed(cell: CellSandbox, user: str | None) -> None:
    if user == "root" and not cell.cell.has_root:
        pytest.skip("this cell has no second user")
    assert (await cell.exec(["mycat"], input="hello", user=user)).stdout == "hello"
    for command in ("echo >> $0", "rm -f $0", "chmod 777 $0", "mv $0 $0.bak", "touch ${0%/*}/other"):
        done = await cell.exec(["sh", "-c", command, "/usr/local/bin/mycat"], user=user)
        assert not done.success, command


async def test_nothing_beside_it_is_shown(cell: CellSandbox, tmp_path: Path) -> None:
    assert (await cell.exec(["ls", "/usr/local/bin"])).stdout.split()[0] == "mycat"
    assert not (await cell.exec(["ls", str(tmp_path)])).success


async def test_a_socket_that_listens_inside_is_served_outside(cell: CellSandbox) -> None:
    listening, port = cell.listen()
    listening.setblocking(True)  # noqa: FBT003
    listening.settimeout(20)

    def greet() -> None:
        line, _ = listening.accept()
        with line:
            line.sendall(b"hello from outside")

    greeter = threading.Thread(target=greet)
    greeter.start()
    code = f"import socket; print(socket.create_connection(('127.0.0.1', {port})).recv(99).decode())"
    done = await cell.exec(["python3", "-c", code])
    greeter.join(20)
    listening.close()
    assert done.stdout.strip() == "hello from outside"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 1)
