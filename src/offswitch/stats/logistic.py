"""A logistic regression that knows what it cannot tell, with errors clustered by wording.

The fit and its errors are those of statsmodels. Before it, columns are set apart that go together, and those
without a finite coefficient.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from offswitch.stats.separation import separated, unidentified

if TYPE_CHECKING:
    from numpy import bool_, float64, int64
    from numpy.typing import NDArray

LEAST_CLUSTERS = 5
"""With fewer clusters nothing is said about clusters in general."""
_MOST_STEPS = 100


class Coefficient(NamedTuple):
    """An odds ratio with its 95 % interval and the p-value of Wald's test."""

    ratio: float
    low: float
    high: float
    p: float


class Fitted(NamedTuple):
    """What a fit found.

    Attributes:
        coefficients: by column, those that are finite and can be told apart.
        aliased: for each column whether it goes with others.
        clusters: clusters of the trials that were fitted.
        clustered: whether the errors are clustered; if not, trials count as independent.
        settled: whether the search for the best fit came to rest; if not, there are no coefficients.
    """

    coefficients: dict[int, Coefficient]
    aliased: NDArray[bool_]
    clusters: int
    clustered: bool
    settled: bool = True


def fit(design: NDArray[float64], outcome: NDArray[float64], cluster: NDArray[int64]) -> Fitted:
    """Fit what can be fitted, with the trials that say something about it.

    Errors are clustered if there are `LEAST_CLUSTERS` clusters and more than coefficients.

    Args:
        design: shape (trials, columns); the constant among the columns.
        outcome: 1 where a trial counts, else 0.
        cluster: number of the cluster of each trial.
    """
    import numpy as np  # noqa: PLC0415 (with statsmodels a second, which other commands do not need)

    aliased, unbounded = unidentified(design), np.zeros(design.shape[1], dtype=bool)
    if not len(outcome):
        return Fitted({}, aliased, clusters=0, clustered=False)
    kept = _independent(design, first=~aliased)
    found = separated(design[:, kept], outcome)
    unbounded[kept] = found.columns
    left = ~found.rows
    clusters = len(set(cluster[left].tolist()))
    sound = [column for column in kept if not unbounded[column] and not aliased[column]]
    if not sound:
        return Fitted({}, aliased, clusters, clustered=False)
    used = _independent(design[left], first=~(unbounded | aliased))
    clustered = clusters >= max(LEAST_CLUSTERS, len(used) + 1)
    groups = cluster[left] if clustered else None
    fitted = _logit(design[left][:, used], outcome[left], groups)
    if fitted is None:
        return Fitted({}, aliased, clusters, clustered=False, settled=False)
    coefficients = dict(zip(used, fitted, strict=True))
    return Fitted({column: coefficients[column] for column in sound}, aliased, clusters, clustered)


def _logit(
    design: NDArray[float64], outcome: NDArray[float64], groups: NDArray[int64] | None
) -> list[Coefficient] | None:
    import numpy as np  # noqa: PLC0415
    from statsmodels.discrete.discrete_model import Logit  # noqa: PLC0415

    settings: dict[str, Any] = {}
    if groups is not None:
        settings = {"cov_type": "cluster", "cov_kwds": {"groups": groups}, "use_t": True}
    try:
        result = Logit(outcome, design).fit(disp=0, maxiter=_MOST_STEPS, warn_convergence=False, **settings)
    except np.linalg.LinAlgError:
        return None
    if not result.mle_retvals["converged"]:
        return None
    figures = zip(np.exp(result.params), np.exp(result.conf_int()), result.pvalues, strict=True)
    return [Coefficient(float(one), float(ends[0]), float(ends[1]), float(p)) for one, ends, p in figures]


def _independent(design: NDArray[float64], first: NDArray[bool_]) -> list[int]:
    """Return columns that span the design, preferring those of `first`."""
    import numpy as np  # noqa: PLC0415

    kinds = np.unique(design, axis=0)
    chosen: list[int] = []
    for column in sorted(range(design.shape[1]), key=lambda column: not first[column]):
        if np.linalg.matrix_rank(kinds[:, [*chosen, column]]) > len(chosen):
            chosen.append(column)
    return sorted(chosen)
