"""The condition of a Sigma rule, made into one function of a process event."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.exceptions import SigmaConditionError, SigmaValueError
from sigma.types import SigmaExists, SigmaExpansion, SigmaFieldReference, SigmaNull, SigmaString, SigmaType

from offswitch.detectors.sigma.event import ProcessEvent
from offswitch.detectors.sigma.values import Fit, fit_of, merged

Holds = Callable[[ProcessEvent], bool]


class Needs(NamedTuple):
    """What an event must show for a condition to have a chance: one of these names or one of these texts.

    Attributes:
        names: lower-case names of programs.
        literals: lower-case texts in its image or command line.
    """

    names: frozenset[str] = frozenset()
    literals: frozenset[str] = frozenset()

    def __or__(self, other: Needs) -> Needs:
        return Needs(self.names | other.names, self.literals | other.literals)

    @property
    def narrowness(self) -> tuple[bool, int]:
        """How few events it lets pass: names before texts, long texts before short ones."""
        return not self.literals, min(map(len, self.literals), default=0)


class Condition(NamedTuple):
    """A condition, ready.

    Attributes:
        holds: says whether an event fulfils it.
        needs: without which it cannot hold, or None if that is not known.
    """

    holds: Holds
    needs: Needs | None


def condition_of(node: object) -> Condition:
    """Return the condition a parsed tree of pysigma means.

    Raises:
        SigmaError: if a part of it cannot be told from a command.
        re2.error: if a regular expression is not in RE2's syntax.
    """
    match node:
        case ConditionAND():
            return _all([condition_of(part) for part in node.args])
        case ConditionOR():
            return _or(node.args)
        case ConditionNOT():
            inner = condition_of(node.args[0]).holds
            return Condition(lambda event: not inner(event), None)
        case ConditionFieldEqualsValueExpression():
            return _field(node.field, node.value)
        case ConditionValueExpression():
            return _keyword(node.value)
    raise SigmaConditionError(f"a condition of the kind {type(node).__name__} is not supported")


def any_of(conditions: Iterable[object]) -> Condition:
    """Return the condition that holds when one of several parsed trees does."""
    return _any([condition_of(one) for one in conditions])


def _or(nodes: Iterable[object]) -> Condition:
    """Return the condition that one of several parts holds; values of one field are compared together."""
    values: dict[str, list[SigmaType]] = {}
    parts: list[Condition] = []
    for node in nodes:
        if isinstance(node, ConditionFieldEqualsValueExpression) and _is_text(node.value):
            values.setdefault(node.field, []).append(node.value)
        else:
            parts.append(condition_of(node))
    return _any([*(_texts(field, found) for field, found in values.items()), *parts])


def _all(parts: list[Condition]) -> Condition:
    functions = tuple(part.holds for part in parts)
    known = [part.needs for part in parts if part.needs is not None]
    narrowest = max(known, key=lambda needs: needs.narrowness, default=None)
    return Condition(lambda event: all(holds(event) for holds in functions), narrowest)


def _any(parts: list[Condition]) -> Condition:
    if len(parts) == 1:
        return parts[0]
    functions = tuple(part.holds for part in parts)
    needs: Needs | None = Needs()
    for part in parts:
        needs = needs | part.needs if needs is not None and part.needs is not None else None
    return Condition(lambda event: any(holds(event) for holds in functions), needs)


def _field(field: str, value: SigmaType) -> Condition:
    match value:
        case SigmaExpansion():
            return _any([_field(field, one) for one in value.values])
        case SigmaNull():
            return Condition(lambda event: not any(event.texts(field, cased=True)), None)
        case SigmaExists():
            return Condition(lambda event: bool(event.texts(field, cased=True)) == value.exists, None)
        case SigmaFieldReference():
            return Condition(_reference(field, value), None)
    return _texts(field, [value])


def _is_text(value: SigmaType) -> bool:
    return not isinstance(value, SigmaExpansion | SigmaNull | SigmaExists | SigmaFieldReference)


def _texts(field: str, values: list[SigmaType]) -> Condition:
    """Return the condition that a field has one of several values."""
    found = [fit_of(value) for value in values]
    names = frozenset(fit.name for fit in found if field == "Image" and fit.is_name)
    others = [fit for fit in found if not (field == "Image" and fit.is_name)]
    tests = tuple((cased, test) for cased in (False, True) for test in merged(others, cased=cased))

    needs: Needs | None = Needs()
    for fit in found:
        needed = _needs(field, fit)
        needs = needs | needed if needs is not None and needed is not None else None
    if not tests:
        return Condition(lambda event: event.name in names, needs)

    def holds(event: ProcessEvent) -> bool:
        if event.name in names:
            return True
        for cased, test in tests:
            for text in event.texts(field, cased=cased):
                if test(text):
                    return True
        return False

    return Condition(holds, needs)


def _needs(field: str, fit: Fit) -> Needs | None:
    if field == "Image" and fit.name:
        return Needs(names=frozenset({fit.name}))
    if field in {"Image", "CommandLine"} and fit.literal:
        return Needs(literals=frozenset({fit.literal}))
    return None


def _reference(field: str, value: SigmaFieldReference) -> Holds:
    def holds(event: ProcessEvent) -> bool:
        others = event.texts(value.field, cased=False)
        return any(_fits(text, other, value) for text in event.texts(field, cased=False) for other in others)

    return holds


def _fits(text: str, other: str, value: SigmaFieldReference) -> bool:
    if value.starts_with and value.ends_with:
        return other in text
    if value.starts_with:
        return text.startswith(other)
    return text.endswith(other) if value.ends_with else text == other


def _keyword(value: SigmaType) -> Condition:
    """Return the condition that a value stands in some field."""
    if isinstance(value, SigmaExpansion):
        return _any([_keyword(one) for one in value.values])
    if isinstance(value, SigmaNull | SigmaExists | SigmaFieldReference):
        raise SigmaValueError("a keyword needs a text, a number or a regular expression")
    fit = fit_of(value, within=True)
    fits, cased = fit.fits, fit.cased
    needs = (
        Needs(literals=frozenset({fit.literal})) if fit.literal and isinstance(value, SigmaString) else None
    )
    return Condition(lambda event: any(fits(text) for text in event.all_texts(cased=cased)), needs)
