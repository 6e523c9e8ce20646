"""Every escape and tampering: refused with everything on, and found out when its barrier is off.

The second half is what makes the first worth something: an attack that fails for a reason of its own would
pass for one that was refused.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import attacks
import pytest
from attacks import arena
from attacks.attack import Attack
from attacks.ground import Ground, beating

from offswitch.guard import registry
from offswitch.guard.cell.starting import Launcher
from offswitch.guard.policy.resolve import resolve
from offswitch.guard.starting import start_guarded
from offswitch.guard.supervisor import Guarded

pytestmark = [pytest.mark.sandbox, pytest.mark.safety, pytest.mark.root]


@dataclass
class Stand:
    """A ground, an agent that is guarded on it, and a launcher for cells that lack something."""

    ground: Ground
    launcher: Launcher
    guarded: Guarded

    @property
    def victims(self) -> list[int]:
        """The guard's own processes."""
        guarded = self.guarded
        outlets = [outlet.process.pid for outlet in guarded.outlets.running]
        return [os.getpid(), guarded.stopper.process.pid, guarded._launcher._process.pid, *outlets]


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """Make a folder that every user can come to: those of pytest are for their owner only."""
    with tempfile.TemporaryDirectory(prefix="offswitch-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


@contextlib.contextmanager
def open_stand(user: str, token: str, launcher: Launcher) -> Iterator[Stand]:
    """Guard an agent that is to be this user inside."""
    with open_folder() as folder, contextlib.ExitStack() as after:
        ground = Ground(folder, token, root=user == "root")
        after.callback(ground.close)
        left_open = os.open(ground.key, os.O_RDWR)
        after.callback(os.close, left_open)
        os.set_inheritable(left_open, True)  # noqa: FBT003
        resolved = resolve(ground.policy, ground.work, ground.home, {})
        name = f"attacked-{user}-{os.getpid()}"
        guarded = start_guarded(name, ["true"], ground.policy, resolved, frozenset())
        after.callback(guarded.close)
        with beating(guarded.beat):
            yield Stand(ground, launcher, guarded)


@pytest.fixture(scope="module")
def launcher() -> Iterator[Launcher]:
    launcher = Launcher()
    yield launcher
    launcher.close()


@pytest.fixture(scope="module")
def token() -> str:
    """Return a secret that is also in a key of this process's session."""
    token = "secret-" + secrets.token_hex(12)
    arena.keep_a_key(token)
    return token


@pytest.fixture(scope="module")
def stands(launcher: Launcher, token: str) -> Iterator[dict[str, Stand]]:
    """Guard two agents: one is an ordinary user inside, the other root (`root_inside`)."""
    with contextlib.ExitStack() as after:
        yield {user: after.enter_context(open_stand(user, token, launcher)) for user in ("user", "root")}


def test_there_are_enough() -> None:
    names = [attack.name for attack in attacks.ALL]
    assert len(names) >= 60
    assert len(set(names)) == len(names)


def matters(attack: Attack, user: str) -> bool:
    """Whether it matters as whom an attack is run without its barriers: outside a cell it does not."""
    return attack.off.where == "cell" or user == attack.users[0]


CASES = [
    pytest.param(attack, user, id=f"{attack.name}-{user}") for attack in attacks.ALL for user in attack.users
]


CASES_WITHOUT = [case for case in CASES if matters(*case.values)]


@pytest.mark.parametrize(("attack", "user"), CASES)
def test_an_attack_is_refused_with_everything_on(stands: dict[str, Stand], attack: Attack, user: str) -> None:
    stand = stands[user]
    aims = {"victims": stand.victims, "proxy": stand.guarded.outlets.running[0].port}
    try:
        assert not arena.in_cell(attack, stand.guarded.cell, stand.ground, user, aims)
    finally:
        stand.ground.clear()
    assert stand.guarded.beat(), "the stopper is gone"
    assert stand.guarded.lost() == ""
    assert registry.is_running(stand.guarded.agent.name)


@pytest.mark.parametrize(("attack", "user"), CASES_WITHOUT)
def test_an_attack_succeeds_without_its_barriers(
    launcher: Launcher, token: str, attack: Attack, user: str
) -> None:
    with open_folder() as folder:
        ground = Ground(folder, token, root=user == "root")
        with contextlib.closing(ground):
            place = resolve(ground.policy, ground.work, ground.home, {}).workplace
            assert arena.without(attack, launcher, place, ground, user)
