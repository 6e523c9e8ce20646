"""Paired designs, against published results, statsmodels, and simulated queries."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom
from statsmodels.stats.contingency_tables import mcnemar as theirs

from offswitch.stats import Share
from offswitch.stats.paired import FEW_QUERIES, Query, gap, joint_event, mcnemar
from offswitch.stats.rates import jeffreys


def query(first: int, second: int, trials: int = 10) -> Query:
    return Query(Share(first, trials), Share(second, trials))


def test_the_published_test_of_alignment_faking() -> None:
    """Meinke et al. 2024: 99 pairs, at most 25 % by chance, level .01: 36 pairs are significant."""
    assert joint_event(36, 99).critical == 36
    assert joint_event(36, 99).found
    assert not joint_event(35, 99).found


@pytest.mark.parametrize(("pairs", "p"), [(42, 0.0001), (38, 0.002), (37, 0.004)])
def test_the_published_p_values_of_alignment_faking(pairs: int, p: float) -> None:
    """Of gemini-1.5-pro (.42, p < .001), o1 (.38, .002) and llama-3.1-405B (.37, .004)."""
    found = joint_event(pairs, 99)
    assert round(found.p, len(str(p)) - 2) == p
    assert found.interval == jeffreys(pairs, 99)


def test_the_joint_test_holds_its_level_and_needs_enough_pairs() -> None:
    for pairs in (1, 3, 4, 10, 50, 99, 400):
        critical = joint_event(0, pairs).critical
        erring = binom.sf(critical - 1, pairs, 0.25) if critical else 0
        assert erring <= 0.01
        assert critical is None or binom.sf(critical - 2, pairs, 0.25) > 0.01
    assert joint_event(3, 3).critical is None
    assert not joint_event(3, 3).found
    assert not joint_event(0, 0).found


@pytest.mark.parametrize(("first", "second"), [(10, 2), (0, 7), (5, 5), (1, 0), (30, 12)])
def test_mcnemars_test_is_that_of_statsmodels(first: int, second: int) -> None:
    table = [[50, first], [second, 20]]
    assert mcnemar(first, second).p == pytest.approx(float(theirs(table, exact=True).pvalue))


def test_the_odds_ratio_of_pairs_and_where_it_has_no_end() -> None:
    found = mcnemar(10, 2)
    assert found.odds_ratio == 5
    assert found.high is not None
    share = found.low / (1 + found.low)  # Clopper and Pearson: the share at which 10 or more of 12 has 2.5 %
    assert binom.sf(9, 12, share) == pytest.approx(0.025, abs=1e-6)
    only = mcnemar(5, 0)
    assert (only.odds_ratio, only.high) == (None, None)
    assert only.low < 1
    none = mcnemar(0, 0)
    assert (none.p, none.odds_ratio, none.low, none.high) == (1.0, None, 0.0, None)


def test_the_gap_is_over_paired_queries() -> None:
    found = gap([query(3, 1), query(0, 0), query(5, 0), Query(Share(0, 0), Share(9, 9))])
    assert found is not None
    assert found.value == pytest.approx(8 / 30 - 1 / 30)
    assert (found.first, found.second) == (Share(8, 30), Share(1, 30))
    assert (found.queries, found.unpaired) == (3, 1)
    assert found.note == "only 3 queries: the interval is too narrow"
    assert gap([]) is None
    assert gap([Query(Share(0, 0), Share(1, 1))]) is None


def test_the_same_seed_gives_the_same_interval() -> None:
    queries = [query(number % 7, number % 3, 7 + number % 5) for number in range(40)]
    assert gap(queries, seed=5) == gap(queries, seed=5)
    assert gap(queries, seed=5) != gap(queries, seed=6)


def test_equal_queries_are_not_called_certain() -> None:
    found = gap([query(1, 0)] * 40)
    assert found is not None
    assert found.low == found.high == pytest.approx(0.1)
    assert found.note.startswith("every query gives the same gap")


def test_one_trial_a_side_has_the_error_of_the_mean_of_differences() -> None:
    """Then the gap is a mean of differences, whose normal interval is close at 400 queries."""
    random = np.random.default_rng(2)
    first, second = random.random(400) < 0.3, random.random(400) < 0.1
    found = gap([query(int(a), int(b), 1) for a, b in zip(first, second, strict=True)])
    assert found is not None
    differences = first.astype(int) - second.astype(int)
    error = 1.96 * differences.std() / 20
    assert found.low == pytest.approx(differences.mean() - error, abs=0.006)
    assert found.high == pytest.approx(differences.mean() + error, abs=0.006)
    assert found.note == ""


def test_the_interval_covers_the_gap_of_all_queries_that_could_have_been_asked() -> None:
    """Queries differ widely; compliance is 1.3 times as frequent on the first side, 0.0380 on average."""
    random = np.random.default_rng(11)
    covered, times = 0, 300
    for time in range(times):
        rare = random.beta(0.3, 2, 3 * FEW_QUERIES)
        first, second = random.binomial(10, np.minimum(1, 1.3 * rare)), random.binomial(10, rare)
        found = gap(
            [query(int(a), int(b)) for a, b in zip(first, second, strict=True)], seed=time, resamples=500
        )
        assert found is not None
        covered += found.low <= 0.0380 <= found.high
    assert covered / times > 0.9


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="0 <= k <= n"):
        gap([query(11, 0)])
    with pytest.raises(ValueError, match="at least 0"):
        mcnemar(-1, 2)
    with pytest.raises(ValueError, match="0 <= k <= n"):
        joint_event(5, 4)
    with pytest.raises(ValueError, match="resamples"):
        gap([query(1, 0)], resamples=0)
