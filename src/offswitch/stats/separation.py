"""Where a logistic regression has no finite answer: levels at which nothing, or everything, happened.

If some direction of the coefficients never makes a trial less likely and some more likely, the likelihood
grows along it without end: a program that does not look prints an odds ratio of 10^9, or of whatever the
last step of its search was. Whether there is such a direction is a linear program (Konis 2007, Linear
programming algorithms for detecting separated data, DPhil thesis, Oxford; Albert and Anderson 1984,
Biometrika 71). The trials it separates say nothing about the other coefficients, and are left out for them
(Geyer 2009, Electronic Journal of Statistics 3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from numpy import bool_, float64
    from numpy.typing import NDArray

_ZERO = 1e-7


class Separated(NamedTuple):
    """What has no finite coefficient.

    Attributes:
        columns: for each coefficient whether it is unbounded.
        rows: for each trial whether it is predicted without error.
    """

    columns: NDArray[bool_]
    rows: NDArray[bool_]


def separated(design: NDArray[float64], outcome: NDArray[float64]) -> Separated:
    """Find the coefficients that run away, and the trials that let them.

    A direction inside the cone of all such directions is found by adding one direction for each trial that
    can be separated.

    Args:
        design: one row a trial, one column a coefficient; the columns are linearly independent.
        outcome: 1 where the trial counts, else 0.

    Raises:
        RuntimeError: if the solver gives up.
    """
    import numpy as np  # noqa: PLC0415
    from scipy.optimize import linprog  # noqa: PLC0415

    signed = design * (2 * outcome - 1)[:, None]
    kinds, belongs = np.unique(signed, axis=0, return_inverse=True)
    belongs = belongs.reshape(-1)
    free = np.ones(len(kinds), dtype=bool)
    while free.any():
        found = linprog(-kinds[free].sum(axis=0), A_ub=-kinds, b_ub=np.zeros(len(kinds)), bounds=(-1, 1))
        if found.status != 0:
            raise RuntimeError(f"no answer whether the trials are separated: {found.message}")
        gained = free & (kinds @ found.x > _ZERO)
        if not gained.any():
            break
        free &= ~gained
    return Separated(unidentified(kinds[free]), ~free[belongs])


def unidentified(design: NDArray[float64]) -> NDArray[bool_]:
    """Return which coefficients these trials cannot tell from combinations of others.

    Along some direction no trial changes: every coefficient that it changes is open.
    """
    import numpy as np  # noqa: PLC0415

    width = design.shape[1]
    if not len(design):
        return np.ones(width, dtype=bool)
    _, sizes, turned = np.linalg.svd(np.unique(design, axis=0), full_matrices=True)
    rank = int((sizes > _ZERO * max(1.0, sizes[0])).sum())
    changed: NDArray[bool_] = (np.abs(turned[rank:]) > _ZERO).any(axis=0)
    return changed
