"""Conditions of a policy on what leaves the cell, in CEL, and what becomes of what fits one.

An outlet asks before it opens a connection (the proxy) or passes on a request (the relay), and again after
every 256 KiB that an open one has carried. Of the conditions that fit, the strictest decides. One that cannot
be evaluated denies. One on a path fits that path in lower case too: to some servers both are the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    import cel

VARIABLES: dict[str, tuple[Any, str]] = {
    "outlet": ("proxy", '"proxy" for named hosts, "relay" for the model'),
    "host": ("api.example.org", "the host's name, or its address if the policy names it so"),
    "port": (443, "its port"),
    "method": ("POST", 'the request\'s method; "" for the proxy, which cannot see it'),
    "path": ("/v1/messages", 'the request\'s path, decoded, without its query; "" for the proxy'),
    "hour": (12, "hour of the guard's own clock, 0 to 23"),
    "connections": (
        1,
        "connections (relay: requests) so far to what the same entry of hosts names, with this one",
    ),
    "sent": (0, "bytes sent there so far"),
    "received": (0, "bytes received from there so far"),
    "all_connections": (1, "connections through the same outlet so far"),
    "all_sent": (0, "bytes sent through it so far"),
    "all_received": (0, "bytes received through it so far"),
}
"""What a condition may use: an example of each, and what it is."""

STRICTEST_FIRST = ("stop", "deny", "hold")

_FUNCTIONS = frozenset(
    {"contains", "startsWith", "endsWith", "matches", "size", "int", "uint", "double", "string", "has"}
)
_OPERATORS = frozenset("_@!-")
_LONGEST = 2_000


class Condition(Protocol):
    """A condition as a policy has it: a CEL expression, and "stop", "deny" or "hold"."""

    @property
    def when(self) -> str:
        """The expression."""

    @property
    def then(self) -> str:
        """What follows if it fits."""


class Verdict(NamedTuple):
    """What becomes of something that is about to leave.

    Attributes:
        then: "allow", "hold", "deny" or "stop".
        why: one line for the agent and the journal.
        fits: numbers of the conditions that led to it, from 0.
    """

    then: str
    why: str = ""
    fits: tuple[int, ...] = ()


def compiled(when: str) -> cel.Program:
    """Return an expression, ready to be evaluated.

    Raises:
        ValueError: if it is none over `VARIABLES` that is true or false; the message says what was expected.
    """
    import cel  # noqa: PLC0415 (a tenth of a second, which a policy without conditions does not need)

    if not 0 < len(when) <= _LONGEST:
        raise ValueError(f"expected an expression of 1 to {_LONGEST} signs")
    try:
        program = cel.compile(when)
    except ValueError as failure:
        raise ValueError(f"expected a CEL expression: {failure}".splitlines()[0]) from failure
    if unknown := sorted(set(program.variables()) - set(VARIABLES)):
        raise ValueError(f"expected variables among {', '.join(VARIABLES)}; came: {', '.join(unknown)}")
    called = {name for name in program.functions() if name[:1] not in _OPERATORS}
    if unknown := sorted(called - _FUNCTIONS):
        raise ValueError(f"expected functions among {', '.join(sorted(_FUNCTIONS))}; came: {unknown[0]}")
    try:
        found = program.execute({name: example for name, (example, _) in VARIABLES.items()})
    except Exception as failure:
        raise ValueError(f"expected an expression that can be evaluated: {failure}") from failure
    if not isinstance(found, bool):
        raise ValueError(f"expected an expression that is true or false; it is {type(found).__name__}")  # noqa: TRY004 (the expression's type, not an argument's)
    return program


class Conditions:
    """The conditions of one policy.

    Raises:
        ValueError: if one cannot be compiled.
    """

    def __init__(self, conditions: Iterable[Condition]) -> None:
        self._all = [(one.when, one.then, compiled(one.when)) for one in conditions]

    def decide(self, facts: Mapping[str, Any], approved: frozenset[int] = frozenset()) -> Verdict:
        """Decide on something that is about to leave.

        Args:
            facts: `VARIABLES` but "hour", which is taken from the clock.
            approved: numbers of the conditions whose hold a person has lifted for this act.
        """
        now = {"hour": dt.datetime.now().astimezone().hour, **facts}
        path = str(facts["path"])
        fits: dict[str, list[int]] = {}
        for number, (when, then, program) in enumerate(self._all):
            forms = [_fits(program, now | {"path": form}) for form in dict.fromkeys((path, path.lower()))]
            if None in forms:
                return Verdict("deny", f"the policy's condition cannot be evaluated: {when}", (number,))
            if any(forms) and not (then == "hold" and number in approved):
                fits.setdefault(then, []).append(number)
        for then in STRICTEST_FIRST:
            if then in fits:
                return Verdict(
                    then, f"the policy's condition: {self._all[fits[then][0]][0]}", tuple(fits[then])
                )
        return Verdict("allow")


def _fits(program: cel.Program, values: dict[str, Any]) -> bool | None:
    try:
        found = program.execute(values)
    except Exception:  # noqa: BLE001 (whatever it is, nobody has said that it may pass)
        return None
    return found if isinstance(found, bool) else None
