"""What an attack is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from offswitch.guard.cell.starting import Limits

if TYPE_CHECKING:
    from attacks.scene import Scene

Where = Literal["cell", "stranger", "captain", "root"]


@dataclass(frozen=True)
class Off:
    """How an attack is run without its barriers.

    Attributes:
        where: "cell": a cell that lacks what the other fields say. The others are sacrificial and have no
            filter and no rules: "stranger" is a bare process of a user of its own; "captain" has every
            capability in namespaces of its own; "root" is the host's root in namespaces of its own, but for
            its user's.
        barriers: of the cell, those that it is started without: "seccomp", "landlock".
        world: what the cell's world is started without: "sealed", "pinned", "hidden", or "unseen": the
            guard's folder is then a work folder; "home": the person's home is then one.
        proxy: whether a sacrifice has a proxy, which knows the machine itself among the hosts it may reach.
        limits: of the cell.
        storage: bytes of a scratch folder of the cell.
    """

    where: Where = "cell"
    barriers: tuple[str, ...] = ()
    world: str = ""
    proxy: bool = False
    limits: Limits = field(default_factory=Limits)
    storage: int = 1024**3


@dataclass(frozen=True)
class Attack:
    """One attack.

    Attributes:
        name: what it tries.
        barriers: what holds it, in words.
        code: Python that is run inside, after `kit.KIT`.
        reached: whether the world outside shows that it succeeded.
        off: how it is run without its barriers.
        users: as whom it is run in a cell: "user", or "root" under a policy with `root_inside`.
        meanwhile: what somebody outside does once it says that it is ready; what that returns counts as its
            output.
    """

    name: str
    barriers: tuple[str, ...]
    code: str
    reached: Callable[[Scene], bool]
    off: Off
    users: tuple[Literal["user", "root"], ...] = ("user", "root")
    meanwhile: Callable[[Scene], str] = lambda _: ""
