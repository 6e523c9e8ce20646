"""The time horizon of an agent: how long tasks take a person that the agent does half of the time.

The fit is METR's (Kwa et al. 2025, arXiv 2503.14499; code in METR/eval-analysis-public): a logistic curve
over the logarithm of the time a person needs, one per agent, with a penalty and with weights. Both matter:

- The weights of an agent add up to 1, so its runs count as their mean against the penalty, however many they
  are. With weights that add up to the number of tasks the curves are steeper and the horizons others.
- A task weighs 1 / sqrt(tasks of its family), shared equally by its runs.
- The penalty is that of scikit-learn's LogisticRegression with C = 10: it minimises
  C * (weighted log loss) + slope² / 2; the intercept goes free.
- A score between 0 and 1 is so much of a success and the rest of a failure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import log, log2
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

C = 10.0
"""scikit-learn's inverse penalty; METR's code sets 1 / 0.1."""
_MOST_STEPS = 100
_CLOSE = 1e-12
_STILL = 1e-10


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One run of an agent on a task.

    Attributes:
        agent: whose run it is.
        task: the task.
        family: tasks that resemble each other.
        minutes: how long the task takes a person; above 0.
        score: 1 for success, 0 for failure, or between.
    """

    agent: str
    task: str
    family: str
    minutes: float
    score: float


class Curve(msgspec.Struct, frozen=True):
    """An agent's chance of success: 1 / (1 + exp(-(slope * log2(minutes) + intercept)))."""

    slope: float
    intercept: float

    def horizon(self, share: float = 0.5) -> float | None:
        """Return the minutes at which so large a share succeeds; None if success does not fall with length.

        Beyond what a float can hold it is 0 or infinite.

        Raises:
            ValueError: if the share is not between 0 and 1.
        """
        if not 0 < share < 1:
            raise ValueError(f"expected a share between 0 and 1, got {share}")
        if not self.slope < 0:
            return None
        exponent = (log(share / (1 - share)) - self.intercept) / self.slope
        return 2.0**exponent if exponent < _LARGEST_EXPONENT else float("inf")


_LARGEST_EXPONENT = 1023.0


class Curves(NamedTuple):
    """Curves of one agent under several weightings; NaN where all its weight is on one side.

    Attributes:
        slope: one number a weighting.
        intercept: one number a weighting.
    """

    slope: NDArray[float64]
    intercept: NDArray[float64]


def weights(attempts: Sequence[Attempt]) -> list[float]:
    """Return the weight of each run of one agent; they add up to 1."""
    runs = Counter(attempt.task for attempt in attempts)
    tasks = Counter(family for _, family in {(attempt.task, attempt.family) for attempt in attempts})
    raw = [1 / (runs[attempt.task] * tasks[attempt.family] ** 0.5) for attempt in attempts]
    total = sum(raw)
    return [weight / total for weight in raw]


def fit(attempts: Sequence[Attempt]) -> Curve | None:
    """Fit one agent's curve; None if it has no run, or only successes, or only failures.

    Raises:
        ValueError: if a run has no length, or its score is not between 0 and 1.
    """
    import numpy as np  # noqa: PLC0415 (most commands do not need it)

    if not attempts:
        return None
    found = fit_weighted(attempts, np.array([weights(attempts)]))
    if np.isnan(found.slope[0]):
        return None
    return Curve(float(found.slope[0]), float(found.intercept[0]))


def fit_weighted(attempts: Sequence[Attempt], weighting: NDArray[float64]) -> Curves:
    """Fit one agent's runs once for each row of weights, by Newton's method on all rows at the same time.

    Args:
        attempts: runs of one agent.
        weighting: shape (fits, runs), not negative.

    Raises:
        ValueError: if a run has no length, or its score is not between 0 and 1.
    """
    import numpy as np  # noqa: PLC0415

    for attempt in attempts:
        if not 0 < attempt.minutes < float("inf") or not 0 <= attempt.score <= 1:
            raise ValueError(f"expected minutes above 0 and a score from 0 to 1, got {attempt}")
    rows = np.array([(log2(attempt.minutes), attempt.score) for attempt in attempts])
    kinds, belongs = np.unique(rows, axis=0, return_inverse=True)
    order = np.argsort(belongs.reshape(-1), kind="stable")
    first = np.searchsorted(belongs.reshape(-1)[order], np.arange(len(kinds)))
    weighting = np.add.reduceat(weighting[:, order], first, axis=1)  # equal runs are one with more weight
    x, y = kinds.T
    succeeded, failed = weighting @ y, weighting @ (1 - y)
    slope, intercept = np.full((2, len(weighting)), np.nan)
    both = (succeeded > _CLOSE) & (failed > _CLOSE)
    if both.any():
        start = np.log(succeeded[both] / failed[both])
        slope[both], intercept[both] = _minimum(x, y, weighting[both], start)
    return Curves(slope, intercept)


def _minimum(
    x: NDArray[float64], y: NDArray[float64], weighting: NDArray[float64], intercept: NDArray[float64]
) -> tuple[NDArray[float64], NDArray[float64]]:
    """Go downhill until no step is left; a step that leads upwards is halved."""
    import numpy as np  # noqa: PLC0415

    slope = np.zeros(len(weighting))
    loss = _loss(x, y, weighting, slope, intercept)
    length = np.ones(len(weighting))
    for _ in range(_MOST_STEPS):
        along, up = _newton(x, y, weighting, slope, intercept)
        if max(np.abs(along).max(), np.abs(up).max()) < _STILL:
            return slope, intercept
        tried = slope - length * along, intercept - length * up
        new = _loss(x, y, weighting, *tried)
        better = new <= loss + _CLOSE
        slope, intercept = np.where(better, tried[0], slope), np.where(better, tried[1], intercept)
        loss, length = np.where(better, new, loss), np.where(better, 1.0, length / 2)
    raise RuntimeError("the fit of a time horizon did not come to rest")


def _loss(
    x: NDArray[float64],
    y: NDArray[float64],
    weighting: NDArray[float64],
    slope: NDArray[float64],
    intercept: NDArray[float64],
) -> NDArray[float64]:
    import numpy as np  # noqa: PLC0415

    score = slope[:, None] * x + intercept[:, None]
    total: NDArray[float64] = (
        C * (weighting * (np.logaddexp(0, score) - y * score)).sum(axis=1) + slope**2 / 2
    )
    return total


def _newton(
    x: NDArray[float64],
    y: NDArray[float64],
    weighting: NDArray[float64],
    slope: NDArray[float64],
    intercept: NDArray[float64],
) -> tuple[NDArray[float64], NDArray[float64]]:
    """Return Newton's step: the inverse of the two by two matrix of curvature, times the gradient."""
    from scipy.special import expit  # noqa: PLC0415

    chance = expit(slope[:, None] * x + intercept[:, None])
    excess = C * weighting * (chance - y)
    bend = C * weighting * chance * (1 - chance)
    gradient_slope, gradient_intercept = (excess * x).sum(axis=1) + slope, excess.sum(axis=1)
    aa, ab, bb = (bend * x * x).sum(axis=1) + 1, (bend * x).sum(axis=1), bend.sum(axis=1)
    determinant = aa * bb - ab * ab
    return (
        (bb * gradient_slope - ab * gradient_intercept) / determinant,
        (aa * gradient_intercept - ab * gradient_slope) / determinant,
    )
