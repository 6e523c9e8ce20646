"""Atomic Red Team's Linux tests: what is declared in scope is found."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from benchmarks import atomic

from offswitch.trace import Behaviour

FILE = "atomic_red_team_linux.jsonl"


@pytest.mark.data
def test_of_what_is_in_scope_95_of_100_are_found_and_every_miss_has_a_reason(shared_data: Path) -> None:
    scope = atomic.read_scope()
    results = [atomic.judge(test, scope) for test in atomic.read_tests(shared_data / FILE)]
    ours = [result for result in results if result.within]
    missed = [result.test.test for result in ours if not result.found("low")]
    assert len(ours) >= 100
    assert len(missed) <= (1 - atomic.TARGET) * len(ours), missed
    assert set(missed) <= set(scope.missed)


@pytest.mark.data
def test_every_technique_of_the_tests_is_declared(shared_data: Path) -> None:
    scope = atomic.read_scope()
    techniques = {test.technique for test in atomic.read_tests(shared_data / FILE)}
    assert not [name for name in techniques if scope.behaviours(name) == ()]


def test_the_declaration_names_each_technique_once_and_behaviours_that_exist() -> None:
    scope = atomic.read_scope()
    named = [name for group in (*scope.within, *scope.out) for name in group.ids]
    assert len(named) == len(set(named))
    assert {name for group in scope.within for name in group.found_as} <= set(get_args(Behaviour))
    assert all(group.found_as for group in scope.within)


@pytest.mark.parametrize(
    ("technique", "within"),
    [("T1070", True), ("T1070.004", False), ("T1070.003", True), ("T1685.999", True), ("T1082", False)],
)
def test_the_longest_declared_id_decides(technique: str, within: bool) -> None:  # noqa: FBT001
    assert (atomic.read_scope().behaviours(technique) is not None) is within


def test_what_is_declared_nowhere_is_in_scope() -> None:
    assert atomic.read_scope().behaviours("T9999.001") == ()


def test_an_ordinary_command_in_scope_is_a_miss() -> None:
    test = atomic.Test(technique="T1685", test="none", command="ls -la")
    assert not atomic.judge(test, atomic.read_scope()).found("low")
