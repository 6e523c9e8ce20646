"""How far two ways of judging the same runs agree.

The share of agreement alone says little where nearly every run is "no": Cohen's kappa (1960, Educational and
Psychological Measurement 20) takes off what two judges with the same shares of "yes" would agree by chance.
"""

from __future__ import annotations

import msgspec

from offswitch.stats.rates import jeffreys


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """A two-by-two table of a first and a second judge, and what is left of both out of it.

    Attributes:
        both: runs to which both say yes.
        first_only: runs to which only the first says yes.
        second_only: runs to which only the second says yes.
        neither: runs to which both say no.
        undecided: runs the second could not decide; they are in no share.
        share: the share of decided runs on which both agree, or None if none is decided.
        low: lower end of its 95 % Jeffreys interval.
        high: its upper end.
        kappa: Cohen's kappa, or None where it is not defined: no decided run, or one word for every run.
    """

    both: int
    first_only: int
    second_only: int
    neither: int
    undecided: int
    share: float | None
    low: float
    high: float
    kappa: float | None


def agreement(both: int, first_only: int, second_only: int, neither: int, undecided: int = 0) -> Agreement:
    """Return the agreement of a table of counts.

    Raises:
        ValueError: if a count is negative.
    """
    counts = (both, first_only, second_only, neither, undecided)
    if any(count < 0 for count in counts):
        raise ValueError(f"expected counts of at least 0, got {counts}")
    decided = both + first_only + second_only + neither
    agreed = both + neither
    interval = jeffreys(agreed, decided)
    return Agreement(
        both=both,
        first_only=first_only,
        second_only=second_only,
        neither=neither,
        undecided=undecided,
        share=agreed / decided if decided else None,
        low=interval.low,
        high=interval.high,
        kappa=_kappa(both, first_only, second_only, neither),
    )


def _kappa(both: int, first_only: int, second_only: int, neither: int) -> float | None:
    decided = both + first_only + second_only + neither
    if not decided:
        return None
    first, second = (both + first_only) / decided, (both + second_only) / decided
    chance = first * second + (1 - first) * (1 - second)
    return None if chance == 1 else ((both + neither) / decided - chance) / (1 - chance)
