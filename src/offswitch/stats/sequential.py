"""Group-sequential stopping: look at a contrast several times, and keep the error rates that were stated.

Who tests at .05 after every batch of trials and stops at the first success errs far more often than in 5 % of
cases: in 14 % after five looks (Armitage, McPherson and Rowe 1969, Journal of the Royal Statistical Society A
132). So the level is spent over the looks by a function fixed before the first trial (Lan and DeMets 1983,
Biometrika 70), in one of two shapes:

- `obrien_fleming` spends nearly nothing early and nearly all at the end: the last test is almost that of a
  fixed design, and hardly a trial more is needed.
- `pocock` spends evenly: it stops a large difference earlier, and needs more trials if there is none.

The bounds are on the scale of a standard normal statistic; each look's `p` is the same bound as a two-sided
p-value. With few events the normal statistic is not normal: compare Fisher's exact p with `p`; what that does
to the error rates is computed in `sequential_design`. A share of the planned trials stands for the share of
the information, as it is for two arms that grow together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp, log, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

Shape = Literal["obrien_fleming", "pocock"]

MOST_LOOKS = 20
LEAST_STEP = 0.01
"""Share of the trials between two looks; closer looks would need a finer integration."""
_ROUNDING = 1e-9
_POINTS = 401
"""Points of the numerical integration between two bounds: Simpson's rule, error below 1e-6 here."""
_FARTHEST = 8.0
"""Standard deviations beyond which a normal density is nothing; also the largest bound."""
_E = exp(1)


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """One look at the data.

    Attributes:
        fraction: share of all planned trials that have run.
        z: stop where the statistic is as far from 0 as this, in either direction.
        p: the same bound as a two-sided p-value: stop where the test falls to it or below.
        spent: share of the error that may have been made by now, at most alpha.
    """

    fraction: float
    z: float
    p: float
    spent: float


class Crossing(msgspec.Struct, frozen=True, kw_only=True):
    """Where a trial that follows the bounds stops.

    Attributes:
        above: for each look the chance to stop there with the first arm larger.
        below: for each look the chance to stop there with the second arm larger.
    """

    above: tuple[float, ...]
    below: tuple[float, ...]

    @property
    def either(self) -> float:
        """The chance to stop for a difference at any look: level or power."""
        return sum(self.above) + sum(self.below)


def spend(shape: Shape, fraction: float, alpha: float) -> float:
    """Return how much of a two-sided level may be spent when this share of the trials has run.

    Lan and DeMets' functions, for each of the two sides at alpha / 2.
    """
    side = alpha / 2
    if shape == "pocock":
        return 2 * side * log(1 + (_E - 1) * fraction)
    normal = NormalDist()
    return 4 * normal.cdf(normal.inv_cdf(side / 2) / sqrt(fraction))


def bounds(fractions: Sequence[float], *, alpha: float = 0.05, shape: Shape = "obrien_fleming") -> list[Look]:
    """Compute the bound of every look, two-sided and symmetric.

    Looks may be spaced as they happen to come: the bound of a look depends on those before it, not on those
    to come.

    Args:
        fractions: share of all planned trials at each look, rising, the last at most 1.
        alpha: two-sided error rate over all looks together.
        shape: how it is spent.

    Raises:
        ValueError: if the fractions do not rise by `LEAST_STEP` to at most 1, are more than `MOST_LOOKS`, or
            alpha is not between 0 and 1.
    """
    from scipy.optimize import brentq  # noqa: PLC0415 (half a second, which other commands do not need)

    _check(fractions)
    if not 0 < alpha < 1:
        raise ValueError(f"expected a level between 0 and 1, got {alpha}")
    looks: list[Look] = []
    walk = _Walk(drift=0.0)
    spent = 0.0
    for fraction in fractions:
        total = spend(shape, fraction, alpha)
        beyond = walk.step(fraction)
        side = (total - spent) / 2
        z = _FARTHEST
        if beyond(_FARTHEST) < side:
            z = float(brentq(lambda z, side=side, beyond=beyond: beyond(z) - side, 0, _FARTHEST, xtol=1e-10))
        walk.stop(z)
        p = 2 * NormalDist().cdf(-z)
        looks.append(Look(fraction=fraction, z=z, p=p, spent=total))
        spent = total
    return looks


def crossing(limits: Sequence[float], fractions: Sequence[float], drift: float = 0.0) -> Crossing:
    """Compute where a sequence of tests stops, by the recursion of Armitage, McPherson and Rowe.

    Args:
        limits: bound of each look on the scale of z.
        fractions: share of all planned trials at each look.
        drift: mean of the statistic after all trials; 0 if there is no difference.

    Raises:
        ValueError: if the fractions do not rise, or are not as many as the limits.
    """
    _check(fractions)
    if len(limits) != len(fractions):
        raise ValueError(f"expected one limit for each of {len(fractions)} looks, got {len(limits)}")
    sides = []
    for sign in (1, -1):
        walk = _Walk(drift=sign * drift)
        found = []
        for limit, fraction in zip(limits, fractions, strict=True):
            found.append(walk.step(fraction)(limit))
            walk.stop(limit)
        sides.append(tuple(found))
    return Crossing(above=sides[0], below=sides[1])


def inflation(looks: Sequence[Look], *, power: float = 0.8, alpha: float = 0.05) -> float:
    """Return how many times the trials of a fixed design are needed, for the same power with these looks.

    Raises:
        ValueError: if the power is not above alpha and below 1.
    """
    from scipy.optimize import brentq  # noqa: PLC0415

    if not alpha < power < 1:
        raise ValueError(f"expected a power above {alpha} and below 1, got {power}")
    limits, fractions = [look.z for look in looks], [look.fraction for look in looks]
    normal = NormalDist()
    fixed = normal.inv_cdf(1 - alpha / 2) + normal.inv_cdf(power)
    drift = float(
        brentq(lambda d: crossing(limits, fractions, d).either - power, 0.5 * fixed, 3 * fixed, xtol=1e-8)
    )
    return (drift / fixed) ** 2


def expected_share(looks: Sequence[Look], drift: float) -> float:
    """Return which share of the planned trials is run on average, for a drift as in `crossing`."""
    found = crossing([look.z for look in looks], [look.fraction for look in looks], drift)
    stopping = [up + down for up, down in zip(found.above, found.below, strict=True)]
    early = sum(chance * look.fraction for chance, look in zip(stopping[:-1], looks[:-1], strict=True))
    return early + (1 - sum(stopping[:-1])) * looks[-1].fraction


class _Walk:
    """The density of the score where no look has stopped yet, carried from look to look.

    The score at a look is z times the root of its fraction: it grows by independent normal steps.

    Args:
        drift: its mean when all trials have run.
    """

    def __init__(self, drift: float) -> None:
        self._drift = drift
        self._fraction = 0.0
        self._next = 0.0
        self._at: NDArray[float64] | None = None
        self._weight: NDArray[float64] | None = None

    def step(self, fraction: float) -> Callable[[float], float]:
        """Go to the next look; return the chance to get there and lie beyond z on the upper side."""
        from scipy.special import ndtr  # noqa: PLC0415

        self._next = fraction
        grown = fraction - self._fraction
        mean, deviation, at, weight = self._drift * grown, sqrt(grown), self._at, self._weight

        def beyond(z: float) -> float:
            limit = z * sqrt(fraction)
            if at is None or weight is None:
                return float(ndtr((mean - limit) / deviation))
            return float((weight * ndtr((at + mean - limit) / deviation)).sum())

        return beyond

    def stop(self, z: float) -> None:
        """Leave only what lies between the bounds -z and z of this look."""
        import numpy as np  # noqa: PLC0415

        grown = self._next - self._fraction
        mean, deviation = self._drift * grown, sqrt(grown)
        centre, spread = self._drift * self._next, _FARTHEST * sqrt(self._next)
        limit = z * sqrt(self._next)
        low, high = max(-limit, centre - spread), min(limit, centre + spread)
        at = np.linspace(low, max(low, high), _POINTS)
        if self._at is None or self._weight is None:
            density = _normal((at - mean) / deviation) / deviation
        else:
            steps = (at[:, None] - self._at[None, :] - mean) / deviation
            density = (_normal(steps) @ self._weight) / deviation
        self._at, self._weight, self._fraction = at, density * _simpson(at), self._next


def _normal(z: NDArray[float64]) -> NDArray[float64]:
    import numpy as np  # noqa: PLC0415

    density: NDArray[float64] = np.exp(-z * z / 2) / sqrt(2 * np.pi)
    return density


def _simpson(at: NDArray[float64]) -> NDArray[float64]:
    import numpy as np  # noqa: PLC0415

    weights = np.full(len(at), 2.0)
    weights[1::2] = 4.0
    weights[[0, -1]] = 1.0
    spaced: NDArray[float64] = weights * (at[1] - at[0]) / 3
    return spaced


def _check(fractions: Sequence[float]) -> None:
    steps = [after - before for before, after in zip([0.0, *fractions], fractions, strict=False)]
    if not 1 <= len(steps) <= MOST_LOOKS or min(steps) < LEAST_STEP - _ROUNDING or fractions[-1] > 1:
        raise ValueError(
            f"expected 1 to {MOST_LOOKS} looks, each at least {LEAST_STEP:.0%} of the trials after the one "
            f"before and the last at most at 1, got {list(fractions)}"
        )
