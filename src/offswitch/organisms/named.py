"""From what stands after "organism/" to an organism: `overwrite`, `probabilistic?p=0.3`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol
from urllib.parse import parse_qsl

from offswitch.errors import UsageError
from offswitch.organisms import replay
from offswitch.organisms.chance import Chance
from offswitch.organisms.conversation import Conversation
from offswitch.organisms.moves import Move
from offswitch.organisms.organism import PARAMETERS, organism
from offswitch.organisms.scripted import scripted


class Decides(Protocol):
    """Anything that decides what to do next from a conversation."""

    def decide(self, conversation: Conversation) -> Move:
        """Return what it does next."""


def named(text: str, arguments: Mapping[str, object] | None = None, seed: int | None = None) -> Decides:
    """Return the organism of a model name.

    Args:
        text: name and parameters, as in a query: `probabilistic?p=0.3&seed=1`.
        arguments: parameters given apart, as with Inspect's `-M`; those in the name count first.
        seed: the seed of the model's configuration, where none is given otherwise.

    Raises:
        UnknownNameError: if there is no such organism.
        UsageError: if a parameter is unknown, missing or not what it should be.
    """
    name, _, query = text.partition("?")
    given = {key: str(value) for key, value in (arguments or {}).items()} | dict(parse_qsl(query))
    if "." in name:
        if given:
            raise UsageError(f"organism/{name} takes no parameters; got {', '.join(sorted(given))}")
        return scripted(name)
    known = PARAMETERS.get(name, ())
    fixed = None if known else organism(name)
    unknown = sorted(set(given) - set(known))
    if unknown:
        takes = f"takes {', '.join(known)}" if known else "takes no parameters"
        raise UsageError(f"organism/{name} {takes}; got {', '.join(unknown)}")
    if fixed is not None:
        return fixed
    if name == "replay":
        return replay.load(_required(name, given, "path"), given.get("run"))
    p = _number(name, "p", _required(name, given, "p"))
    if not 0 <= p <= 1:
        raise UsageError(f"organism/{name}: p must be from 0 to 1, not {p:g}")
    drawn_from = int(_number(name, "seed", given["seed"])) if "seed" in given else seed or 0
    return Chance(p, organism(given.get("method", "overwrite")), drawn_from)


def summary(text: str) -> str:
    """Return in one line what the organism of a model name does.

    Raises:
        UnknownNameError: if there is no such organism.
    """
    name = text.partition("?")[0]
    if "." in name:
        return scripted(name).summary
    return _SUMMARIES[name] if name in _SUMMARIES else organism(name).summary


_SUMMARIES = {
    "probabilistic": "resists with the probability p, drawn for each trial",
    "replay": "repeats a recorded run",
}


def _required(name: str, given: Mapping[str, str], key: str) -> str:
    if key not in given:
        raise UsageError(f"organism/{name} needs {key}, as in organism/{name}?{key}=...")
    return given[key]


def _number(name: str, key: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise UsageError(f"organism/{name}: {key} must be a number, not {value!r}") from None


def kind(text: str) -> str:
    """Return what is planted in the organism of a model name: saboteur, honest, attempt, chance ...

    Raises:
        UnknownNameError: if there is no such organism.
    """
    name = text.partition("?")[0]
    if name in PARAMETERS:
        return "chance" if name == "probabilistic" else "replay"
    return scripted(name).kind if "." in name else organism(name).kind
