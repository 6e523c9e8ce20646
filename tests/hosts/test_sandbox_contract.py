"""Inspect's own conformance checks, run against our provider in a real cell."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from inspect_ai.util import SandboxEnvironment
from inspect_ai.util._sandbox.self_check import *  # noqa: F403

from offswitch.hosts.inspect.sandbox import CellSandbox

pytestmark = [pytest.mark.anyio, pytest.mark.sandbox, pytest.mark.safety]

NOT_OURS = {
    "test_exec_as_user": "a cell has two fixed users; nobody can be added",
}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def sandbox_env(request: pytest.FixtureRequest) -> AsyncIterator[SandboxEnvironment]:
    reason = NOT_OURS.get(request.node.originalname)
    if reason is not None:
        request.applymarker(pytest.mark.xfail(reason=reason, strict=True))
    environments = await CellSandbox.sample_init("contract", None, {})
    yield environments["default"]
    await CellSandbox.sample_cleanup("contract", None, environments, interrupted=False)
