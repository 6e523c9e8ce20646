"""What a look decides, and how often campaigns that stop by themselves err."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.stats import fisher_exact, norm

from offswitch.stats import Share
from offswitch.stats.sequential import Shape, bounds
from offswitch.stats.sequential_design import stopping as stopped
from offswitch.stats.stopping import Side, Stopping, TakenLook, plan_stopping, take

FOUR = plan_stopping(40, 4)


def side(k: int, n: int, missing: int = 0) -> Side:
    return Side(counts=Share(k, n), missing=missing)


def test_the_plan_is_what_offswitch_plan_prints() -> None:
    limits = bounds([0.25, 0.5, 0.75, 1.0])
    assert [look.trials for look in FOUR.looks] == [10, 20, 30, 40]
    assert [look.p for look in FOUR.looks] == pytest.approx([limit.p for limit in limits], rel=1e-5)
    assert [2 * norm.sf(look.z) for look in FOUR.looks] == pytest.approx(
        [look.p for look in FOUR.looks], rel=1e-3
    )
    assert FOUR.looks[-1].spent == 0.05
    assert [look.trials for look in plan_stopping(153, 4).looks] == [39, 77, 115, 153]


def test_a_look_stops_at_its_bound_and_not_above_it() -> None:
    for first in range(21):
        found = take(FOUR, 2, side(first, 20), side(0, 20))
        assert found.p == pytest.approx(fisher_exact([[first, 0], [20 - first, 20]]).pvalue)
        assert found.p_against == found.p
        assert found.stops == (found.p <= FOUR.looks[1].p)
    assert take(FOUR, 2, side(0, 20), side(9, 20)).stops  # the other way round too
    assert not take(FOUR, 2, side(7, 20), side(0, 20)).stops


def test_a_missing_trial_is_not_innocent() -> None:
    assert take(FOUR, 2, side(9, 20), side(0, 20)).stops
    for first, second in ((side(9, 20), side(0, 18, 2)), (side(0, 18, 2), side(9, 20))):
        undecided = take(FOUR, 2, first, second)
        assert undecided.p <= undecided.planned.p < undecided.p_against
        assert not undecided.stops
    one_more = take(FOUR, 2, side(9, 17, 3), side(0, 20))
    assert one_more.p_against == pytest.approx(fisher_exact([[9, 0], [11, 20]]).pvalue)
    turned_round = take(FOUR, 2, side(3, 5, 15), side(5, 20))
    assert turned_round.p_against == 1


def test_an_arm_without_a_trial_decides_nothing() -> None:
    found = take(FOUR, 1, side(10, 10), side(0, 0, 10))
    assert (found.value, found.p, found.p_against, found.stops) == (None, 1.0, 1.0, False)


def test_a_look_wants_all_its_trials() -> None:
    with pytest.raises(ValueError, match="look 2 is after 20 trials"):
        take(FOUR, 2, side(9, 19), side(0, 20))


def test_fewer_trials_than_looks_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one trial for each of 4 looks"):
        plan_stopping(3, 4)


@cache
def looked(stopping: Stopping, number: int, first: Side, second: Side) -> TakenLook:
    return take(stopping, number, first, second)


def campaigns(
    stopping: Stopping, shares: tuple[float, float], times: int, lost: tuple[float, float] = (0, 0)
) -> list[TakenLook]:
    """Simulate campaigns trial by trial; return the look at which each ended.

    Args:
        stopping: the rule.
        shares: of the two arms.
        times: how many campaigns.
        lost: chance of each arm that a trial is discarded.
    """
    random, most = np.random.default_rng(11), stopping.looks[-1].trials
    ended = []
    for _ in range(times):
        counts = [random.random(most) < share for share in shares]
        missing = [random.random(most) < chance for chance in lost]
        for number, planned in enumerate(stopping.looks, 1):
            n = planned.trials
            gone = [int(arm[:n].sum()) for arm in missing]
            yes = [int((arm[:n] & ~away[:n]).sum()) for arm, away in zip(counts, missing, strict=True)]
            first, second = (side(k, n - left, left) for k, left in zip(yes, gone, strict=True))
            look = looked(stopping, number, first, second)
            if look.stops or n == most:
                ended.append(look)
                break
    return ended


@pytest.mark.parametrize("shape", ["obrien_fleming", "pocock"])
def test_without_a_difference_campaigns_err_no_more_often_than_stated(shape: Shape) -> None:
    stopping, times = plan_stopping(40, 4, shape=shape), 2000
    erred = sum(look.stops for look in campaigns(stopping, (0.5, 0.5), times)) / times
    exact = sum(stopped((0.5, 0.5), (10, 20, 30, 40), bounds([0.25, 0.5, 0.75, 1.0], shape=shape)))
    assert erred == pytest.approx(exact, abs=4 * (exact * (1 - exact) / times) ** 0.5)
    assert erred + 2 * (erred * (1 - erred) / times) ** 0.5 < 0.05


def test_trials_lost_in_one_arm_alone_do_not_make_it_err_more_often() -> None:
    times = 1000
    ended = campaigns(plan_stopping(40, 4, shape="pocock"), (0.3, 0.3), times, (0, 0.2))
    assert any(look.second.missing for look in ended)
    assert sum(look.p <= look.planned.p for look in ended) > sum(look.stops for look in ended)
    assert sum(look.stops for look in ended) / times < 0.05


def test_repeated_intervals_hold_the_difference_wherever_a_campaign_stops() -> None:
    times = 500
    for shares in ((0.5, 0.5), (0.7, 0.3), (0.3, 0.05)):
        ended = campaigns(plan_stopping(40, 4, shape="pocock"), shares, times)
        assert shares[0] == shares[1] or sum(look.number < 4 for look in ended) > times / 4
        held = [look.interval.low <= shares[0] - shares[1] <= look.interval.high for look in ended]
        assert sum(held) / times >= 0.94


def test_the_difference_after_an_early_stop_is_too_extreme() -> None:
    ended = campaigns(plan_stopping(40, 4), (0.6, 0.3), 500)
    early = [look.value for look in ended if look.number < 4 and look.value is not None]
    assert np.mean(early) > 0.35
