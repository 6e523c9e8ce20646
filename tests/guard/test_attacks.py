"""Every escape and tampering: refused with everything on, and found out when its barrier is off.

The second half is what makes the first worth something: an attack that fails for a reason of its own would
pass for one that was refused.
"""

from __future__ import annotations

import contextlib
import os
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
from offswitch.guard.cell.client import Launcher
from offswitch.guard.policy.resolve import resolve
from offswitch.guard.supervisor import Guarded, start_guarded

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


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with open_folder() as made:
        yield made


@pytest.fixture(scope="module")
def stand(folder: Path) -> Iterator[Stand]:
    ground = Ground(folder)
    arena.keep_a_key(ground.token)
    left_open = os.open(ground.key, os.O_RDWR)
    os.set_inheritable(left_open, True)  # noqa: FBT003
    name = f"attacked-{os.getpid()}"
    resolved = resolve(ground.policy, ground.work, Path("/root"), {})
    launcher = Launcher()
    guarded = start_guarded(name, ["true"], ground.policy, resolved, frozenset())
    with beating(guarded.beat):
        yield Stand(ground, launcher, guarded)
    guarded.close()
    launcher.close()
    os.close(left_open)


@pytest.fixture(autouse=True)
def clean(stand: Stand) -> Iterator[None]:
    yield
    stand.ground.clear()


def test_there_are_enough() -> None:
    names = [attack.name for attack in attacks.ALL]
    assert len(names) >= 60
    assert len(set(names)) == len(names)


CASES = [
    pytest.param(attack, user, id=f"{attack.name}-{user}") for attack in attacks.ALL for user in attack.users
]


@pytest.mark.parametrize(("attack", "user"), CASES)
def test_an_attack_is_refused_with_everything_on(stand: Stand, attack: Attack, user: str) -> None:
    aims = {"victims": stand.victims, "proxy": stand.guarded.outlets.running[0].port}
    assert not arena.in_cell(attack, stand.guarded.cell, stand.ground, user, aims)
    assert stand.guarded.beat(), "the stopper is gone"
    assert stand.guarded.lost() == ""
    assert registry.is_running(stand.guarded.agent.name)


@pytest.mark.parametrize("attack", [pytest.param(attack, id=attack.name) for attack in attacks.ALL])
def test_an_attack_succeeds_without_its_barriers(stand: Stand, attack: Attack) -> None:
    with open_folder() as folder:
        ground = Ground(folder, stand.ground.token)
        place = resolve(ground.policy, ground.work, Path("/root"), {}).workplace
        assert arena.without(attack, stand.launcher, place, ground)
