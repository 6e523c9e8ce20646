"""Odds ratios of factors that are drawn independently, by logistic regression.

Where several factors are varied at once, each is compared with the others held (Jarviniemi et al. 2026, arXiv
2604.21098). Trials of one wording resemble each other, so the errors are clustered by wording (Liang and
Zeger 1986, Biometrika 73), with the correction for few clusters and the t distribution with one degree less
than clusters (Cameron and Miller 2015, Journal of Human Resources 50). The odds ratio is that of the average
over wordings.

What has no finite answer is set apart first, with a note that says why: a factor that does not vary, factors
that go together, levels at which nothing or everything happened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from offswitch.stats.logistic import LEAST_CLUSTERS, Fitted, fit

if TYPE_CHECKING:
    from numpy import bool_, float64, int64
    from numpy.typing import NDArray

ENOUGH_CLUSTERS = 20
"""With fewer the interval is rather too narrow (Cameron and Miller 2015: few is fewer than 20 to 50)."""

_NO_WIDTH = 1 + 1e-6


class Row(msgspec.Struct, frozen=True):
    """One trial: whether it counts (None: undecided), the level of each factor, and its wording."""

    outcome: bool | None
    factors: Mapping[str, str]
    cluster: str


class Odds(msgspec.Struct, frozen=True, kw_only=True):
    """One level of a factor against the reference level, the other factors held.

    Attributes:
        factor: name of the factor.
        level: the level.
        reference: what it is compared with: the first level declared, or else met.
        odds_ratio: above 1 if trials at this level count more often; None where there is no finite one.
        low: lower end of its 95 % interval, or None if there is none.
        high: its upper end.
        p: Wald test, two-sided, before any correction.
        k: trials at this level that count.
        n: decided trials at this level.
        note: why a number is missing, or how to read it; else empty.
    """

    factor: str
    level: str
    reference: str
    odds_ratio: float | None
    low: float | None
    high: float | None
    p: float | None
    k: int
    n: int
    note: str = ""


class Regression(msgspec.Struct, frozen=True, kw_only=True):
    """What a regression found.

    Attributes:
        odds: every level of every factor but the references.
        n: decided trials.
        k: those that count.
        undecided: trials left out.
        clusters: number of wordings.
        errors: "clustered" by wording, or "independent" where the wordings are too few for that: the
            intervals then hold for these wordings alone.
        note: how to read all the intervals; else empty.
    """

    odds: tuple[Odds, ...]
    n: int
    k: int
    undecided: int
    clusters: int
    errors: Literal["clustered", "independent"]
    note: str = ""


class _Term(NamedTuple):
    factor: str
    level: str
    reference: str


class _Data(NamedTuple):
    """Decided trials as numbers; column 0 of the design is the constant, column i + 1 is term i."""

    terms: list[_Term]
    design: NDArray[float64]
    outcome: NDArray[float64]
    cluster: NDArray[int64]


def odds_ratios(rows: Sequence[Row], levels: Mapping[str, Sequence[str]] | None = None) -> Regression:
    """Fit one model of main effects.

    Args:
        rows: the trials; every row names the same factors.
        levels: factor to its levels, the reference first; a factor left out has the levels as they are met.

    Raises:
        ValueError: if rows name different factors, or a level that is not declared.
    """
    decided = [row for row in rows if row.outcome is not None]
    declared = _levels(rows, levels or {})
    data = _data(decided, declared)
    fitted = fit(data.design, data.outcome, data.cluster)
    odds = [_odds(data, fitted, index) for index in range(len(data.terms))]
    odds += [_constant(factor, known[0], decided) for factor, known in declared.items() if len(known) == 1]
    return Regression(
        odds=tuple(odds),
        n=len(decided),
        k=int(data.outcome.sum()),
        undecided=len(rows) - len(decided),
        clusters=len(set(data.cluster.tolist())),
        errors="clustered" if fitted.clustered else "independent",
        note=_about_clusters(fitted),
    )


def _levels(rows: Sequence[Row], declared: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the levels of each factor that decided trials have, the reference first.

    A declared reference stays the reference only if a trial has it.
    """
    factors = dict.fromkeys(name for row in rows for name in row.factors)
    met: dict[str, list[str]] = {}
    for name in factors:
        seen = dict.fromkeys(row.factors.get(name) for row in rows)
        if None in seen:
            raise ValueError(f"a trial has no level of the factor {name!r}")
        known = declared.get(name)
        unknown = [level for level in seen if known is not None and level not in known]
        if unknown:
            raise ValueError(
                f"the factor {name!r} has no level {unknown[0]!r}; declared: {', '.join(known or ())}"
            )
        decided = {row.factors[name] for row in rows if row.outcome is not None}
        met[name] = [level for level in known or [str(level) for level in seen] if level in decided]
    return {name: found for name, found in met.items() if found}


def _data(rows: Sequence[Row], levels: Mapping[str, Sequence[str]]) -> _Data:
    import numpy as np  # noqa: PLC0415 (with scipy and statsmodels a second, which other commands do not need)

    terms = [_Term(factor, level, known[0]) for factor, known in levels.items() for level in known[1:]]
    columns = [[row.factors[term.factor] == term.level for row in rows] for term in terms]
    design = np.array([[True] * len(rows), *columns], dtype=float).T.reshape(len(rows), len(terms) + 1)
    numbers = {name: number for number, name in enumerate(dict.fromkeys(row.cluster for row in rows))}
    outcome = np.array([bool(row.outcome) for row in rows], dtype=float)
    return _Data(terms, design, outcome, np.array([numbers[row.cluster] for row in rows], dtype=np.int64))


def _odds(data: _Data, fitted: Fitted, index: int) -> Odds:
    term = data.terms[index]
    same = [place + 1 for place, other in enumerate(data.terms) if other.factor == term.factor]
    here, there = data.design[:, index + 1] == 1, data.design[:, same].sum(axis=1) == 0
    found = fitted.coefficients.get(index + 1)
    if found is None:
        together = bool(fitted.aliased[index + 1])
        note = _missing(data, term, here, there, aliased=together) if fitted.settled else "no fit"
    else:
        note = _clusters_of_its_own(data, term, here, there) if fitted.clustered else ""
        if found.high <= found.low * _NO_WIDTH:
            note = "every wording gives the same: no interval"
    bounded = None if note else found
    return Odds(
        factor=term.factor,
        level=term.level,
        reference=term.reference,
        odds_ratio=found.ratio if found else None,
        low=bounded.low if bounded else None,
        high=bounded.high if bounded else None,
        p=bounded.p if bounded else None,
        k=int(data.outcome[here].sum()),
        n=int(here.sum()),
        note=note,
    )


def _missing(data: _Data, term: _Term, here: NDArray[bool_], there: NDArray[bool_], *, aliased: bool) -> str:
    """Say why a term has no finite odds ratio."""
    if aliased:
        return "goes with another factor: the two cannot be told apart"
    for level, trials in ((term.level, here), (term.reference, there)):
        k, n = int(data.outcome[trials].sum()), int(trials.sum())
        if k in {0, n}:
            share = "no" if k == 0 else "every"
            return f"{share} trial counts at {level!r} ({k} of {n}): see the exact contrast"
    return "the factors together predict some trials without error: no finite odds ratio"


def _clusters_of_its_own(data: _Data, term: _Term, here: NDArray[bool_], there: NDArray[bool_]) -> str:
    """Say if a level stands in too few wordings to be told from them."""
    for level, trials in ((term.level, here), (term.reference, there)):
        wordings = len(set(data.cluster[trials].tolist()))
        if wordings < LEAST_CLUSTERS:
            return f"{level!r} stands in too few wordings ({wordings}): no interval"
    return ""


def _constant(factor: str, level: str, rows: Sequence[Row]) -> Odds:
    return Odds(
        factor=factor,
        level=level,
        reference=level,
        odds_ratio=None,
        low=None,
        high=None,
        p=None,
        k=sum(row.outcome is True for row in rows),
        n=len(rows),
        note="every decided trial has this level",
    )


def _about_clusters(fitted: Fitted) -> str:
    if not fitted.settled:
        return "the fit did not come to rest: no odds ratios"
    if not fitted.coefficients:
        return ""
    if not fitted.clustered:
        return f"too few wordings ({fitted.clusters}) to speak of others: intervals hold for these alone"
    if fitted.clusters < ENOUGH_CLUSTERS:
        return f"only {fitted.clusters} wordings: intervals are rather too narrow"
    return ""
