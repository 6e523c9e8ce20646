"""A freeze without a group counts a process that was born while it looked."""

from __future__ import annotations

import os
import time

import pytest

from offswitch.guard.cell.client import Cell, Started
from offswitch.guard.stop import members
from offswitch.guard.stop.tree import Tree

pytestmark = [pytest.mark.sandbox, pytest.mark.safety, pytest.mark.root]


def test_one_that_is_born_during_the_last_look_is_not_frozen_yet(
    cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = Tree(None, cell.init, cell.init_pid)
    tree.freeze()
    assert tree.frozen(5)
    inside, look = members.namespace_of(tree.init_pid), members._is_still
    born: list[Started] = []

    def count() -> int:
        return [members._namespace(process) for process in members._processes()].count(inside)

    def look_and_bear(process: int) -> bool:
        before, until = count(), time.monotonic() + 5
        if not born:
            born.append(cell.execute(["sleep", "20"]))
            while count() == before and time.monotonic() < until:
                time.sleep(0.005)
        return look(process)

    monkeypatch.setattr(members, "_is_still", look_and_bear)
    assert not members.all_stopped(inside)
    assert tree.frozen(5)
    for fd in (born[0].stdout, born[0].stderr, born[0].status):
        os.close(fd or 0)
