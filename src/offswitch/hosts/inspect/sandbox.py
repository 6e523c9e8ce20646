"""The Inspect sandbox provider named "offswitch": one cell for every sample, without Docker or root.

`inspect eval ... --sandbox offswitch`, or `Task(sandbox=SandboxEnvironmentSpec("offswitch", CellConfig()))`.
"""

from __future__ import annotations

import atexit
import errno
import logging
import os
import socket
from collections.abc import Callable
from functools import cache
from typing import Any, Literal, overload

import anyio
from inspect_ai.util import (
    ExecResult,
    OutputLimitExceededError,
    SandboxEnvironment,
    SandboxEnvironmentConfigType,
    SandboxEnvironmentLimits,
    SandboxUnavailableError,
    SandboxUserUnsupportedError,
    sandboxenv,
)
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import override

from offswitch.errors import CellDownError, CellError, UsageError
from offswitch.guard import trial
from offswitch.guard.cell.client import Cell, Started, User
from offswitch.guard.cell.guest import HOME, USER, USER_ID, Guest
from offswitch.guard.cell.network import HERE, Network
from offswitch.guard.cell.requirements import SECOND_USER
from offswitch.guard.cell.starting import Launcher, Limits, begin, ready
from offswitch.hosts.inspect import streams

logger = logging.getLogger(__name__)

_USERS: dict[str, User] = {
    USER: "user",
    str(USER_ID): "user",
    "root": "root",
    "0": "root",
}


class CellConfig(BaseModel):
    """Settings of the sandbox.

    Attributes:
        workdir: where programs start, and what relative paths are relative to.
        env: environment of every program, beside PATH, HOME, USER, LANG and SHELL.
        memory: most bytes of memory, where the kernel lets us limit it.
        processes: most processes and threads, where the kernel lets us limit them.
        storage: most bytes that files may take, for each writable folder; they lie in memory.
        sealed: programs that its user may read and run, and not change, move or replace: path to content.
            With any, the guard is on: its barriers are probed first, and one that does not hold is an error.
        programs: programs of the host that are shown in /usr/local/bin, to read and run: name to the host's
            file, absolute and without links in it.
        hosts: private hosts beside it: name to IPv4 address, with "here", its own; see `guard.cell.network`.
            A program runs in one's network if its user is said to be "user@NAME" or "root@NAME".
        links: pairs of hosts that reach each other.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    workdir: str = Field(default=HOME, pattern=r"^/")
    env: dict[str, str] = Field(default_factory=dict)
    memory: int = Field(default=2 * 1024**3, gt=0)
    processes: int = Field(default=512, gt=0)
    storage: int = Field(default=512 * 1024**2, gt=0)
    sealed: dict[str, str] = Field(default_factory=dict)
    programs: dict[str, str] = Field(default_factory=dict)
    hosts: dict[str, str] = Field(default_factory=dict)
    links: list[tuple[str, str]] = Field(default_factory=list)

    @override
    def __hash__(self) -> int:
        return hash(self.model_dump_json())  # Inspect keeps configurations in a set


@sandboxenv(name="offswitch")
class CellSandbox(SandboxEnvironment):
    """A cell as Inspect sees it.

    Attributes:
        cell: the cell.
        sealed: what the guard seals in it: path to content. Empty: the guard is off.
        stopped: the record of its stop, once the guard has stopped it.
    """

    def __init__(self, cell: Cell, sealed: dict[str, str] | None = None) -> None:
        super().__init__()
        self.cell = cell
        self.sealed = sealed or {}
        self.stopped: dict[str, Any] | None = None

    async def stop(self, why: str) -> None:
        """Stop all that runs in it, as `offswitch stop` does; the record is then in `stopped`.

        Args:
            why: the reason, for the record.

        Raises:
            SandboxUnavailableError: if its machine has shut down by itself.
        """
        if self.stopped is not None:
            return
        try:
            with anyio.CancelScope(shield=True):
                self.stopped = await anyio.to_thread.run_sync(trial.stop, self.cell, why)
        except CellDownError as failure:
            raise SandboxUnavailableError(str(failure)) from failure

    def listen(self) -> tuple[socket.socket, int]:
        """Return a socket that listens on 127.0.0.1 inside, and its port; who holds it serves the cell.

        Raises:
            SandboxUnavailableError: if the cell is gone.
        """
        try:
            fd, port = self.cell.listen()
        except CellError as failure:
            raise SandboxUnavailableError(str(failure)) from failure
        made = socket.socket(fileno=fd)
        made.setblocking(False)  # noqa: FBT003 (Python's own)
        return made, port

    @override
    @classmethod
    async def sample_init(
        cls, task_name: str, config: SandboxEnvironmentConfigType | None, metadata: dict[str, str]
    ) -> dict[str, SandboxEnvironment]:
        settings = _settings(config)
        guest = Guest(
            workdir=settings.workdir,
            env=settings.env,
            storage=settings.storage,
            sealed=settings.sealed,
            programs=settings.programs,
            network=Network(settings.hosts, settings.links),
        )
        limits = Limits(memory=settings.memory, pids=settings.processes)
        launcher = _launcher()
        control = begin(launcher, guest, limits)
        try:
            await anyio.wait_readable(control)
        except BaseException:
            control.close()
            raise
        cell = ready(control, guest, launcher)
        if guest.sealed:
            try:
                await anyio.to_thread.run_sync(trial.require, cell, guest)
            except BaseException:
                cell.close()
                raise
        _say_once(tuple(sorted(cell.limits.items())))
        return {"default": cls(cell, settings.sealed)}

    @override
    @classmethod
    async def sample_cleanup(
        cls,
        task_name: str,
        config: SandboxEnvironmentConfigType | None,
        environments: dict[str, SandboxEnvironment],
        interrupted: bool,
    ) -> None:
        for environment in environments.values():
            environment.as_type(cls).cell.close()

    @override
    @classmethod
    def config_deserialize(cls, config: dict[str, Any]) -> BaseModel:
        return CellConfig(**config)

    @override
    def default_polling_interval(self) -> float:
        return 0.05

    @override
    async def exec(
        self,
        cmd: list[str],
        input: str | bytes | None = None,
        cwd: str | None = None,
        env: dict[str, str] | None = None,
        user: str | None = None,
        timeout: int | None = None,
        timeout_retry: bool = True,
        concurrency: bool = True,
    ) -> ExecResult[str]:
        work = self._start(cmd, cwd, env, user, with_input=input is not None)
        with streams.closing(work):
            try:
                with anyio.fail_after(timeout):
                    limit = SandboxEnvironmentLimits.MAX_EXEC_OUTPUT_SIZE
                    stdout, stderr = await streams.converse(work, _bytes(input), limit)
            except BaseException:
                with anyio.CancelScope(shield=True):
                    await self._kill(work)
                raise
            result = self._result(work)
        if "errno" in result:
            raise _os_error(result["errno"], cmd[0])
        code = result["exit"]
        returncode = code if code >= 0 else 128 - code
        return ExecResult(
            code == 0, returncode, stdout.decode(errors="replace"), stderr.decode(errors="replace")
        )

    @override
    async def write_file(self, file: str, contents: str | bytes) -> None:
        work = self._guarded(lambda: self.cell.write(file))
        with streams.closing(work):
            await streams.converse(work, _bytes(contents), 0)
            result = self._result(work)
        if "errno" in result:
            raise _os_error(result["errno"], file)

    @overload
    async def read_file(self, file: str, text: Literal[True] = True) -> str: ...  # noqa: FBT002

    @overload
    async def read_file(self, file: str, text: Literal[False]) -> bytes: ...

    @override
    async def read_file(self, file: str, text: bool = True) -> str | bytes:
        limit = SandboxEnvironmentLimits.MAX_READ_FILE_SIZE
        work = self._guarded(lambda: self.cell.read(file, limit))
        with streams.closing(work):
            content, _ = await streams.converse(work, None, limit)
            result = self._result(work)
        if "too_large" in result:
            raise OutputLimitExceededError(SandboxEnvironmentLimits.MAX_READ_FILE_SIZE_STR, None)
        if "errno" in result:
            raise _os_error(result["errno"], file)
        return content.decode("utf-8") if text else content

    def _start(
        self,
        cmd: list[str],
        cwd: str | None,
        env: dict[str, str] | None,
        user: str | None,
        *,
        with_input: bool,
    ) -> Started:
        name, _, host = (user or USER).partition("@")
        who = _USERS.get(name)
        if who is None or (who == "root" and not self.cell.has_root):
            raise SandboxUserUnsupportedError(
                f"this sandbox has no user {user!r}; it has {USER!r}, and 'root' if you {SECOND_USER}"
            )
        return self._guarded(
            lambda: self.cell.execute(
                cmd, cwd=cwd or "", env=env, user=who, stdin=with_input, host=host or HERE
            )
        )

    @staticmethod
    def _guarded(start: Callable[[], Started]) -> Started:
        try:
            return start()
        except CellError as failure:
            raise SandboxUnavailableError(str(failure)) from failure

    @staticmethod
    def _result(work: Started) -> dict[str, Any]:
        try:
            return work.result()
        except CellError as failure:
            raise SandboxUnavailableError(str(failure)) from failure

    async def _kill(self, work: Started) -> None:
        try:
            self.cell.kill(work)
        except OSError:
            return  # the keeper is gone, and the program with it
        with anyio.move_on_after(5):
            await anyio.wait_readable(work.status)


@cache
def _launcher() -> Launcher:
    launcher = Launcher()
    atexit.register(launcher.close)
    return launcher


@cache
def _say_once(limits: tuple[tuple[str, str], ...]) -> None:
    for what, state in limits:
        if state != "in force":
            logger.warning("the sandbox runs without a cgroup limit on its %s: %s", what, state)


def _settings(config: SandboxEnvironmentConfigType | None) -> CellConfig:
    if config is None:
        return CellConfig()
    if isinstance(config, CellConfig):
        return config
    raise UsageError(f"the sandbox 'offswitch' takes a CellConfig, not {config!r}; leave the file name out")


def _bytes(content: str | bytes | None) -> bytes | None:
    return content.encode("utf-8") if isinstance(content, str) else content


def _os_error(number: int, name: str) -> OSError:
    if number == errno.ELOOP:
        return PermissionError(number, "links out of the sandbox are not followed", name)
    return OSError(number, os.strerror(number), name)
