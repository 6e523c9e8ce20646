"""Rules that are ready to match, found by what an event must show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import re2

from offswitch.detectors.sigma.conditions import Condition
from offswitch.detectors.sigma.event import ProcessEvent
from offswitch.detectors.sigma.regex import compiled
from offswitch.trace import Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One Sigma rule.

    Attributes:
        title: its title.
        severity: from its level.
        path: the file it came from.
        condition: when it matches.
    """

    title: str
    severity: Severity
    path: str
    condition: Condition


class RuleSet:
    """Rules by what they need, so that an event is compared with few of them.

    Args:
        rules: the rules.
        not_applicable: path and reason of every rule that is not about Linux process creation.

    Attributes:
        rules: the rules.
        not_applicable: path and reason of every rule that was left out.
    """

    def __init__(self, rules: Iterable[Rule], not_applicable: Iterable[tuple[str, str]] = ()) -> None:
        self.rules = tuple(rules)
        self.not_applicable = tuple(not_applicable)
        self._by_name: dict[str, list[int]] = {}
        self._by_literal: dict[str, list[int]] = {}
        self._always: list[int] = []
        for number, rule in enumerate(self.rules):
            needs = rule.condition.needs
            if needs is None:
                self._always.append(number)
                continue
            for name in needs.names:
                self._by_name.setdefault(name, []).append(number)
            for literal in needs.literals:
                self._by_literal.setdefault(literal, []).append(number)
        literals = "|".join(re2.escape(literal) for literal in self._by_literal)
        self._any_literal = compiled(f"(?s){literals}") if self._by_literal else None

    def matches(self, event: ProcessEvent) -> Iterator[Rule]:
        """Yield the rules an event matches, in the order they were loaded."""
        for number in sorted(self._candidates(event)):
            if self.rules[number].condition.holds(event):
                yield self.rules[number]

    def _candidates(self, event: ProcessEvent) -> set[int]:
        found = {*self._always, *self._by_name.get(event.name, ())}
        if self._any_literal is None:
            return found
        haystack = event.haystack
        if self._any_literal.search(haystack) is not None:
            for literal, numbers in self._by_literal.items():
                if literal in haystack:
                    found.update(numbers)
        return found
