"""One value of a Sigma rule, as a test of a text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import NamedTuple

import re2
from sigma.exceptions import SigmaValueError
from sigma.types import (
    CompareOperators,
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SigmaTimestampPart,
    SigmaType,
    SpecialChars,
)

from offswitch.detectors.sigma.regex import LETTERS, compiled

_ANYTHING, _ONE = SpecialChars.WILDCARD_MULTI, SpecialChars.WILDCARD_SINGLE

_COMPARED: dict[CompareOperators, Callable[[float, float], bool]] = {
    CompareOperators.LT: float.__lt__,
    CompareOperators.LTE: float.__le__,
    CompareOperators.GT: float.__gt__,
    CompareOperators.GTE: float.__ge__,
    CompareOperators.NEQ: float.__ne__,
}


class Fit(NamedTuple):
    """What a value asks of a text.

    Attributes:
        fits: says whether a text does.
        cased: whether it is shown the text as it is; otherwise in lower case.
        literal: lower-case text that is in every text that fits, the longest known, or "".
        name: lower-case name of the file that every path that fits ends with, or "".
        end: what a text that fits ends with, if that is all it asks; else None.
        inside: what a text that fits contains, if that is all it asks; else None.
    """

    fits: Callable[[str], bool]
    cased: bool
    literal: str = ""
    name: str = ""
    end: str | None = None
    inside: str | None = None

    @property
    def is_name(self) -> bool:
        """Whether it asks for the name of a file in any folder, and for nothing else."""
        return not self.cased and bool(self.name) and self.end == f"/{self.name}"


def merged(fits: Iterable[Fit], *, cased: bool) -> list[Callable[[str], bool]]:
    """Return few tests that together do what several do: endings and parts are looked for together.

    Args:
        fits: the tests.
        cased: which of them: those that are shown a text as it is, or the others.
    """
    asked = [fit for fit in fits if fit.cased == cased]
    ends = tuple(fit.end for fit in asked if fit.end is not None)
    parts = tuple(fit.inside for fit in asked if fit.inside is not None)
    tests = [fit.fits for fit in asked if fit.end is None and fit.inside is None]
    if parts:
        tests.insert(0, _holds_one_of(parts))
    if ends:
        tests.insert(0, lambda text: text.endswith(ends))
    return tests


def _holds_one_of(parts: tuple[str, ...]) -> Callable[[str], bool]:
    def holds(text: str) -> bool:
        for part in parts:  # noqa: SIM110 (three times as fast as `any`)
            if part in text:
                return True
        return False

    return holds


def fit_of(value: SigmaType, *, within: bool = False) -> Fit:
    """Return the test of a text that a value makes.

    Args:
        value: the value, with its modifiers applied.
        within: whether a plain text fits anywhere in a text, as a keyword does.

    Raises:
        SigmaValueError: if such a value cannot be told from a command.
    """
    match value:
        case SigmaString():
            return _string(value, within=within)
        case SigmaRegularExpression():
            flags = "".join(LETTERS[flag] for flag in value.flags)
            pattern = compiled(f"(?{flags}){value.regexp}" if flags else str(value.regexp))
            return Fit(lambda text: pattern.search(text) is not None, cased=True)
        case SigmaCIDRExpression():
            return Fit(_in_network(value.network), cased=True)
        case SigmaCompareExpression():
            return Fit(_compared(_COMPARED[value.op], float(value.number.number)), cased=True)
        case SigmaTimestampPart():
            raise SigmaValueError("parts of a time cannot be told from a command")
        case SigmaNumber() | SigmaBool():
            text = str(value).lower()
            return _fixed(text, cased=False, before=True, after=True) if within else _plain(text, cased=False)
    raise SigmaValueError(f"values of the kind {type(value).__name__} are not supported")


def _string(value: SigmaString, *, within: bool) -> Fit:
    known = [part for part in value.s if isinstance(part, str | SpecialChars)]
    if len(known) < len(value.s):
        raise SigmaValueError(f"nothing fills the placeholder in {str(value)!r}")
    cased = isinstance(value, SigmaCasedString)
    parts = [part if cased or not isinstance(part, str) else part.lower() for part in known]
    if within:
        parts = [_ANYTHING, *parts, _ANYTHING]
    match parts:
        case []:
            return _plain("", cased=cased)
        case [str(text)]:
            return _plain(text, cased=cased)
        case [SpecialChars.WILDCARD_MULTI, str(text)]:
            return _fixed(text, cased=cased, before=True)
        case [str(text), SpecialChars.WILDCARD_MULTI]:
            return _fixed(text, cased=cased, after=True)
        case [SpecialChars.WILDCARD_MULTI, str(text), SpecialChars.WILDCARD_MULTI]:
            return _fixed(text, cased=cased, before=True, after=True)
    return _glob(parts, cased=cased)


def _plain(text: str, *, cased: bool) -> Fit:
    literal = text.lower()
    return Fit(lambda other: other == text, cased, literal, literal.rpartition("/")[2])


def _fixed(text: str, *, cased: bool, before: bool = False, after: bool = False) -> Fit:
    """Return the test for a text with anything before it, after it, or both."""
    literal = text.lower()
    if before and after:
        return Fit(lambda other: text in other, cased, literal, inside=text)
    if before:
        name = literal.rpartition("/")[2] if "/" in literal else ""
        return Fit(lambda other: other.endswith(text), cased, literal, name, text)
    return Fit(lambda other: other.startswith(text), cased, literal)


def _glob(parts: list[str | SpecialChars], *, cased: bool) -> Fit:
    """Return the test for a text with wildcards anywhere; linear in the text, as RE2 is."""
    signs = {_ANYTHING: ".*", _ONE: "."}
    body = "".join(re2.escape(part) if isinstance(part, str) else signs[part] for part in parts)
    pattern = compiled(f"(?s){body}")
    literal = max((part.lower() for part in parts if isinstance(part, str)), key=len, default="")
    return Fit(lambda text: pattern.fullmatch(text) is not None, cased, literal)


def _in_network(network: IPv4Network | IPv6Network) -> Callable[[str], bool]:
    def holds(text: str) -> bool:
        try:
            return ip_address(text) in network
        except ValueError:
            return False

    return holds


def _compared(compare: Callable[[float, float], bool], number: float) -> Callable[[str], bool]:
    def holds(text: str) -> bool:
        try:
            return compare(float(text), number)
        except ValueError:
            return False

    return holds
