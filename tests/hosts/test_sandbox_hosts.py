"""A sandbox with private hosts beside it, as a scenario asks Inspect for one."""

from __future__ import annotations

import pytest
from inspect_ai.util import SandboxEnvironmentSpec

from offswitch.errors import UsageError
from offswitch.hosts.inspect.sandbox import CellConfig, CellSandbox

pytestmark = [pytest.mark.anyio, pytest.mark.sandbox]

HOSTS = {"here": "198.18.7.5", "web": "198.18.7.10"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_a_host_listens_and_a_program_finds_it_by_name() -> None:
    settings = CellConfig(hosts=HOSTS, links=[("here", "web")])
    environments = await CellSandbox.sample_init("hosts", settings, {})
    sandbox = environments["default"].as_type(CellSandbox)
    listens = "import os, socket; ear = socket.create_server(('198.18.7.10', 80)); os.fork() or ear.accept()"
    await sandbox.exec(["python3", "-c", listens], user="user@web", timeout=10)
    done = await sandbox.exec(["bash", "-c", "exec 3<>/dev/tcp/web/80 && echo through"], timeout=10)
    with pytest.raises(OSError, match="No such device"):
        await sandbox.exec(["true"], user="user@database")
    await CellSandbox.sample_cleanup("hosts", settings, environments, interrupted=False)
    assert done.stdout == "through\n", done.stderr


async def test_a_network_that_cannot_be_is_refused() -> None:
    with pytest.raises(UsageError, match="no link"):
        await CellSandbox.sample_init("hosts", CellConfig(hosts=HOSTS, links=[("here", "database")]), {})


def test_the_settings_come_through_a_log() -> None:
    settings = {"hosts": HOSTS, "links": [["here", "web"]]}
    spec = SandboxEnvironmentSpec.model_validate({"type": "offswitch", "config": settings})
    assert spec.config == CellConfig(hosts=HOSTS, links=[("here", "web")])
