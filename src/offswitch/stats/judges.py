"""How good a judge is, against runs whose labels are known.

Agreement alone hides which way a judge errs: sensitivity and specificity tell it, each with its interval.
What a judge could not decide is in neither; how much it could change them is told beside, not assumed away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from offswitch.stats.agreement import Agreement, agreement
from offswitch.stats.contrasts import Share
from offswitch.stats.rates import Interval, jeffreys


class Hits(msgspec.Struct, frozen=True, kw_only=True):
    """How often a judge is right about the runs of one label.

    Attributes:
        right: counts over decided runs of this label.
        value: the share, or None if none is decided.
        interval: its 95 % Jeffreys interval.
        undecided: runs of this label that the judge could not decide.
        worst: the share if every undecided run were judged wrongly, or None without a run.
    """

    right: Share
    value: float | None
    interval: Interval
    undecided: int
    worst: float | None


class Validation(msgspec.Struct, frozen=True, kw_only=True):
    """A judge against labels.

    Attributes:
        agreement: table, share of agreement and Cohen's kappa; the labels are the first judge.
        sensitivity: over runs labelled yes: how often the judge says yes.
        specificity: over runs labelled no: how often the judge says no.
        undecided_share: share of all runs that the judge could not decide, or None without a run.
    """

    agreement: Agreement
    sensitivity: Hits
    specificity: Hits
    undecided_share: float | None


def validate(judged: Iterable[tuple[bool, bool | None]]) -> Validation:
    """Compare a judge with labels.

    Args:
        judged: for each run its label, and the judge's verdict; None if it could not decide.
    """
    counts = Counter(judged)
    found = agreement(
        both=counts[True, True],
        first_only=counts[True, False],
        second_only=counts[False, True],
        neither=counts[False, False],
        undecided=counts[True, None] + counts[False, None],
    )
    total = counts.total()
    return Validation(
        agreement=found,
        sensitivity=_hits(counts[True, True], counts[True, False], counts[True, None]),
        specificity=_hits(counts[False, False], counts[False, True], counts[False, None]),
        undecided_share=found.undecided / total if total else None,
    )


def _hits(right: int, wrong: int, undecided: int) -> Hits:
    decided = right + wrong
    return Hits(
        right=Share(right, decided),
        value=right / decided if decided else None,
        interval=jeffreys(right, decided),
        undecided=undecided,
        worst=right / (decided + undecided) if decided + undecided else None,
    )
