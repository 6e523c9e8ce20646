"""Words and numbers as a reader sees them. Agent text is hostile: it is bounded and made visible."""

from __future__ import annotations

from offswitch.stats import Interval, Share

LONGEST = 300
"""Characters of agent text shown in one place."""


def percent(value: float) -> str:
    """Return a share as a percentage with one digit, such as "97.3 %"."""
    return f"{value * 100:.1f} %"


def span(interval: Interval) -> str:
    """Return an interval of shares, such as "96.2 to 98.2"."""
    return f"{interval.low * 100:.1f} to {interval.high * 100:.1f}"


def counts(share: Share) -> str:
    """Return counts, such as "973 of 1000"."""
    return f"{share.k} of {share.n}"


def p_value(p: float) -> str:
    """Return a p-value without pretending to more digits than matter."""
    return "< 0.0001" if p < 0.0001 else f"{p:.4f}"


def heading(words: str) -> str:
    """Return words with a capital first."""
    return words[:1].upper() + words[1:]


def agent(model: str) -> str:
    """Return a simulated agent's name without the provider and its scenario, and a model's as it is."""
    if not model.startswith("organism/"):
        return bounded(model)
    name, query, parameters = model.removeprefix("organism/").partition("?")
    return bounded(name.rpartition(".")[2] + query + parameters)


def bounded(text: str) -> str:
    """Return agent text cut to a length, with everything invisible spelled out.

    Control characters could drive a terminal, and marks that turn the direction of writing could make
    a page say something else than it does.
    """
    shown = "".join(char if char.isprintable() else _spelled(char) for char in text[:LONGEST])
    return shown if len(text) <= LONGEST else f"{shown} … ({len(text):,} characters)"


def _spelled(char: str) -> str:
    return " ⏎ " if char == "\n" else f"\\u{ord(char):04x}"
