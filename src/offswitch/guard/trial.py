"""A guarded cell of an evaluation: what it must hold before its agent starts, and its stop.

Such a cell has no supervisor, outlets or stopper of its own: who runs the trial holds it. How it is sealed,
probed and stopped is as in a guarded agent's.
"""

from __future__ import annotations

import contextlib
import select
from typing import Any

from offswitch.errors import CellDownError, MachineError
from offswitch.guard.cell.client import Cell
from offswitch.guard.cell.guest import Guest
from offswitch.guard.cell.requirements import SECOND_USER
from offswitch.guard.kernel import barriers, cgroup
from offswitch.guard.probe import judge
from offswitch.guard.stop import steps
from offswitch.guard.stop.tree import Tree


def require(cell: Cell, guest: Guest) -> None:
    """Make sure that all barriers of a guarded cell are in force, by a probe from inside.

    Args:
        cell: the cell.
        guest: its inside.

    Raises:
        MachineError: if one is not; the message names it.
    """
    missing = [f"{name} ({state})" for name, state in cell.barriers.items() if state != barriers.IN_FORCE]
    if not cell.has_root:
        missing.append(f"a second user, out of the agent's reach ({SECOND_USER})")
    if missing:
        raise MachineError(f"the guard cannot be on here, for want of {', '.join(missing)}")
    group = cgroup.folder_of(cell.init_pid)
    aim = judge.Aim(
        sealed=tuple(guest.sealed), hidden=(), writable=tuple(guest.plan().writable), group=str(group or "")
    )
    found = judge.breaches(cell, aim)
    if found or found is None:
        raise MachineError(f"the guard cannot be on here: {'; '.join((found or ['it was frozen'])[:5])}")


def stop(cell: Cell, why: str) -> dict[str, Any]:
    """Freeze and kill all that runs in a cell, and wait until it is seen to be empty.

    Args:
        cell: the cell.
        why: the reason, for the record.

    Returns:
        The record; see `steps.stop`.

    Raises:
        CellDownError: if its machine has ended before.
    """
    watch = select.poll()
    watch.register(cell.init, select.POLLIN)
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it ends in this moment
        if not watch.poll(0):
            pid = cell.init_pid
            tree = Tree(cgroup.folder_of(pid), cell.init, pid, cgroup.share_of(pid))
            return steps.stop(tree, {}, why)
    raise CellDownError("the machine in the cell has shut down")
