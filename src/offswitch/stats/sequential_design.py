"""A group-sequential plan of a contrast, with the error rates that Fisher's exact test really has there.

The bounds come from normal theory, the test is exact: few events make it stop more rarely than the bounds
allow. How often is not guessed or simulated but summed over all results two arms can have at every look.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

import msgspec

from offswitch.stats.power import least_reaching, two_sided
from offswitch.stats.sequential import Look, expected_share, inflation

if TYPE_CHECKING:
    from numpy import bool_, float64
    from numpy.typing import NDArray

MOST_TRIALS = 600
"""Trials of an arm up to which the error rates are summed; the cost grows with their cube."""


class Design(msgspec.Struct, frozen=True, kw_only=True):
    """A group-sequential plan of a contrast.

    Attributes:
        looks: the bounds.
        trials: for each look the trials of each arm by then; the last is the most that are run.
        inflation: by normal theory, the most that are run over the trials of a fixed design.
        power: the exact power; None above `MOST_TRIALS`, and for pairs.
        average_if_different: trials of each arm on average, if the difference planned for is there.
        average_if_equal: trials of each arm on average, if there is none (both have the first share).
    """

    looks: tuple[Look, ...]
    trials: tuple[int, ...]
    inflation: float
    power: float | None
    average_if_different: float
    average_if_equal: float


def design(
    fixed: int, looks: Sequence[Look], *, power: float = 0.8, shares: tuple[float, float] | None = None
) -> Design:
    """Plan the trials of a contrast with looks.

    Args:
        fixed: trials of each arm that it needs without looks.
        looks: the bounds; the last at 1.
        power: chance to find the difference if it is there.
        shares: of the two arms, as supposed: then the number of trials is raised until the exact power is
            reached, if they are not too many. None for pairs.

    Raises:
        ValueError: as `inflation`.
    """
    alpha = looks[-1].spent
    factor = inflation(looks, power=power, alpha=alpha)
    most = max(len(looks), ceil(fixed * factor))
    if shares and most <= MOST_TRIALS:
        most, reached = least_reaching(power, most, lambda n: sum(stopping(shares, at(looks, n), looks)))
        trials = at(looks, most)
        averages = [_average(trials, stopping(pair, trials, looks)) for pair in (shares, shares[:1] * 2)]
    else:
        normal = NormalDist()
        drift = sqrt(factor) * (normal.inv_cdf(1 - alpha / 2) + normal.inv_cdf(power))
        trials, reached = at(looks, most), None
        averages = [most * expected_share(looks, one) for one in (drift, 0.0)]
    return Design(
        looks=tuple(looks),
        trials=trials,
        inflation=factor,
        power=reached,
        average_if_different=averages[0],
        average_if_equal=averages[1],
    )


def at(looks: Sequence[Look], most: int) -> tuple[int, ...]:
    """Return the trials of each arm at every look, if so many are run at most."""
    return tuple(ceil(look.fraction * most - 1e-9) for look in looks)


def stopping(shares: tuple[float, ...], trials: Sequence[int], looks: Sequence[Look]) -> tuple[float, ...]:
    """Return the chance to stop at each look, where Fisher's exact test stops at the look's p or below.

    Args:
        shares: of the two arms.
        trials: of each arm at every look, rising.
        looks: the bounds.
    """
    import numpy as np  # noqa: PLC0415 (most commands do not need it)

    reached: NDArray[float64] = np.ones((1, 1))
    before, found = 0, []
    for number, look in zip(trials, looks, strict=True):
        first, second = (_growth(before, number, share) for share in shares)
        reached = first @ reached @ second.T
        stops = _stops(number, look.p)
        found.append(float(reached[stops].sum()))
        reached[stops] = 0
        before = number
    return tuple(found)


def _growth(before: int, now: int, share: float) -> NDArray[float64]:
    """Return the chance of each count now, given each count before: shape (now + 1, before + 1)."""
    import numpy as np  # noqa: PLC0415
    from scipy.stats import binom  # noqa: PLC0415

    gained = np.arange(now + 1)[:, None] - np.arange(before + 1)[None, :]
    chances: NDArray[float64] = binom.pmf(np.arange(now - before + 1), now - before, share)
    inside = (gained >= 0) & (gained <= now - before)
    grown: NDArray[float64] = np.where(inside, chances[np.where(inside, gained, 0)], 0.0)
    return grown


def _stops(trials: int, p: float) -> NDArray[bool_]:
    """Return for each pair of counts of two arms whether Fisher's test falls to p or below."""
    import numpy as np  # noqa: PLC0415
    from scipy.stats import hypergeom  # noqa: PLC0415

    found = np.zeros((trials + 1, trials + 1), dtype=bool)
    for events in range(2 * trials + 1):
        first = np.arange(max(0, events - trials), min(trials, events) + 1)
        found[first, events - first] = two_sided(hypergeom.pmf(first, 2 * trials, events, trials)) <= p
    return found


def _average(trials: Sequence[int], stopped: Sequence[float]) -> float:
    early = sum(number * chance for number, chance in zip(trials[:-1], stopped[:-1], strict=True))
    return early + trials[-1] * (1 - sum(stopped[:-1]))
