"""Odds ratios, against closed formulas, another estimator of statsmodels, and simulated wordings."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.genmod.cov_struct import Independence
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_estimating_equations import GEE

from offswitch.stats.logistic import fit
from offswitch.stats.regression import Odds, Row, odds_ratios


def table(counts: dict[str, tuple[int, int]], cluster: str = "only") -> list[Row]:
    """Return trials of one factor: level to (trials that count, trials that do not)."""
    return [
        Row(outcome, {"arm": level}, cluster)
        for level, (yes, no) in counts.items()
        for outcome in [True] * yes + [False] * no
    ]


def drawn(clusters: int, each: int, seed: int = 4) -> list[Row]:
    """Return trials of three factors that are drawn independently, with wordings that differ."""
    random = np.random.default_rng(seed)
    base = random.normal(-0.5, 0.8, clusters)
    rows = []
    for cluster, _ in product(range(clusters), range(each)):
        goal, threat = str(random.choice(["no", "yes"])), str(random.choice(["none", "other", "self"]))
        score = base[cluster] + 0.9 * (goal == "yes") + 0.5 * (threat == "self")
        rows.append(
            Row(
                bool(random.random() < 1 / (1 + np.exp(-score))),
                {"goal": goal, "threat": threat},
                str(cluster),
            )
        )
    return rows


def one(found: tuple[Odds, ...], factor: str, level: str) -> Odds:
    (odds,) = [odds for odds in found if (odds.factor, odds.level) == (factor, level)]
    return odds


def test_one_factor_is_the_table_of_two_by_two() -> None:
    """Woolf 1955: the logarithm of ad / bc has the variance 1/a + 1/b + 1/c + 1/d."""
    (found,) = odds_ratios(table({"A": (10, 40), "B": (30, 20)})).odds
    error = (1 / 10 + 1 / 40 + 1 / 30 + 1 / 20) ** 0.5
    assert found.odds_ratio == pytest.approx(6.0)
    assert found.low == pytest.approx(6 * np.exp(-1.959964 * error), rel=1e-5)
    assert found.high == pytest.approx(6 * np.exp(1.959964 * error), rel=1e-5)
    assert (found.level, found.reference, found.k, found.n) == ("B", "A", 30, 50)


def test_the_first_level_declared_is_the_reference() -> None:
    rows = table({"A": (10, 40), "B": (30, 20)})
    (found,) = odds_ratios(rows, {"arm": ["B", "A", "C"]}).odds
    assert (found.level, found.reference) == ("A", "B")
    assert found.odds_ratio == pytest.approx(1 / 6)


def test_clustered_errors_are_those_of_estimating_equations() -> None:
    """GEE with independent working correlation has the same estimate and sandwich, without the correction."""
    rows = drawn(25, 30)
    found = odds_ratios(rows, {"goal": ["no", "yes"], "threat": ["none", "other", "self"]})
    design = np.array(
        [
            [
                1,
                row.factors["goal"] == "yes",
                row.factors["threat"] == "other",
                row.factors["threat"] == "self",
            ]
            for row in rows
        ],
        dtype=float,
    )
    groups = np.array([int(row.cluster) for row in rows])
    outcome = np.array([row.outcome for row in rows], dtype=float)
    theirs = GEE(outcome, design, groups, family=Binomial(), cov_struct=Independence()).fit()
    correction = (25 / 24 * (len(rows) - 1) / (len(rows) - 4)) ** 0.5
    t = 2.0638986  # the 97.5 % point of t with 24 degrees of freedom
    assert found.errors == "clustered"
    assert found.clusters == 25
    for odds, estimate, error in zip(found.odds, theirs.params[1:], theirs.bse[1:], strict=True):
        assert odds.odds_ratio == pytest.approx(np.exp(estimate), rel=1e-5)
        assert odds.low == pytest.approx(np.exp(estimate - t * correction * error), rel=1e-4)
        assert odds.high == pytest.approx(np.exp(estimate + t * correction * error), rel=1e-4)


def test_no_wording_is_no_independent_evidence() -> None:
    """Every trial twice says no more than once, if the errors are clustered by trial."""
    rows = [Row(row.outcome, row.factors, str(number)) for number, row in enumerate(drawn(10, 40))]
    once, twice = odds_ratios(rows), odds_ratios(rows * 2)
    for first, second in zip(once.odds, twice.odds, strict=True):
        assert second.odds_ratio == pytest.approx(first.odds_ratio)
        assert first.low is not None
        assert second.low == pytest.approx(first.low, rel=0.01)


@pytest.mark.parametrize("clusters", [6, 20])
def test_the_interval_covers_no_effect_where_wordings_differ(clusters: int) -> None:
    random = np.random.default_rng(8)
    cluster = np.repeat(np.arange(clusters), 20)
    covered = []
    for _ in range(200):
        base = random.normal(-1, 1, clusters)[cluster]
        design = np.column_stack([np.ones(len(cluster)), random.integers(0, 2, len(cluster))]).astype(float)
        outcome = (random.random(len(cluster)) < 1 / (1 + np.exp(-base))).astype(float)
        found = fit(design, outcome, cluster).coefficients[1]
        covered.append(found.low <= 1 <= found.high)
    assert 0.9 < np.mean(covered) < 0.99


@pytest.mark.parametrize(
    ("counts", "word"),
    [
        ({"A": (5, 5), "B": (0, 10)}, "no trial counts at 'B' (0 of 10)"),
        ({"A": (0, 10), "B": (5, 5)}, "no trial counts at 'A' (0 of 10)"),
        ({"A": (5, 5), "B": (10, 0)}, "every trial counts at 'B' (10 of 10)"),
        ({"A": (0, 9), "B": (0, 9)}, "no trial counts at 'B' (0 of 9)"),
    ],
)
def test_no_or_every_trial_has_no_finite_odds_ratio(counts: dict[str, tuple[int, int]], word: str) -> None:
    (found,) = odds_ratios(table(counts)).odds
    assert found.note.startswith(word)
    assert (found.odds_ratio, found.low, found.high, found.p) == (None, None, None, None)


def test_an_empty_level_leaves_the_other_factors_as_without_it() -> None:
    rows = drawn(25, 30)
    silent = [
        Row(outcome=False, factors=row.factors | {"threat": "loud"}, cluster=row.cluster) for row in rows[::3]
    ]
    levels = {"threat": ["none", "other", "self", "loud"], "goal": ["no", "yes"]}
    with_it, without = odds_ratios(rows + silent, levels), odds_ratios(rows, levels)
    assert one(with_it.odds, "threat", "loud").note.startswith("no trial counts")
    for factor, level in (("goal", "yes"), ("threat", "self")):
        theirs = one(without.odds, factor, level)
        assert one(with_it.odds, factor, level).odds_ratio == pytest.approx(theirs.odds_ratio)
        assert one(with_it.odds, factor, level).high == pytest.approx(theirs.high)


def test_a_combination_that_predicts_everything_is_said_to() -> None:
    """Both levels of both factors have events and non-events, yet x = a and y = b never count."""
    rows = [
        Row(outcome, {"x": x, "y": y}, "w")
        for x, y, outcomes in [("0", "0", [1, 0]), ("1", "1", [1, 0]), ("0", "1", [1, 1]), ("1", "0", [0, 0])]
        for outcome in map(bool, outcomes)
    ]
    found = odds_ratios(rows).odds
    assert all(odds.odds_ratio is None for odds in found)
    assert all("together predict" in odds.note for odds in found)


def test_factors_that_go_together_or_do_not_vary_are_named() -> None:
    rows = [
        Row(row.outcome, row.factors | {"twin": row.factors["goal"], "same": "1"}, row.cluster)
        for row in drawn(25, 30)
    ]
    found = odds_ratios(rows).odds
    for factor in ("goal", "twin"):
        (odds,) = [odds for odds in found if odds.factor == factor]
        assert odds.note == "goes with another factor: the two cannot be told apart"
        assert odds.odds_ratio is None
    assert one(found, "same", "1").note == "every decided trial has this level"
    assert one(found, "threat", "self").odds_ratio is not None


def test_few_wordings_are_said_to_be_few() -> None:
    few = odds_ratios(drawn(4, 60))
    assert few.errors == "independent"
    assert few.note.startswith("too few wordings (4)")
    assert all(odds.low is not None for odds in few.odds)
    some = odds_ratios(drawn(10, 60))
    assert (some.errors, some.note) == ("clustered", "only 10 wordings: intervals are rather too narrow")
    assert odds_ratios(drawn(25, 30)).note == ""


@pytest.mark.parametrize(("clusters", "errors"), [(4, "independent"), (5, "clustered")])
def test_five_wordings_are_the_least_to_cluster_by(clusters: int, errors: str) -> None:
    rows = [Row(row.outcome, {"goal": row.factors["goal"]}, row.cluster) for row in drawn(clusters, 60)]
    assert odds_ratios(rows).errors == errors


def test_no_more_wordings_than_coefficients_are_not_clustered_by() -> None:
    rows = [
        Row(row.outcome, row.factors | {"day": str(number % 3)}, row.cluster)
        for number, row in enumerate(drawn(6, 60))
    ]
    assert odds_ratios(rows).errors == "independent"  # one constant, and five odds ratios


def test_a_level_in_few_wordings_has_no_interval() -> None:
    rows = [
        Row(row.outcome, {"style": "loud" if row.cluster in {"1", "2"} else "plain"}, row.cluster)
        for row in drawn(25, 30)
    ]
    (found,) = odds_ratios(rows).odds
    assert found.odds_ratio is not None
    assert (found.low, found.high, found.p) == (None, None, None)
    assert "stands in too few wordings (2)" in found.note


def test_undecided_trials_are_in_no_odds_ratio() -> None:
    rows = drawn(25, 30)
    undecided = [Row(None, {"goal": "yes", "threat": "self"}, "1")] * 50
    found, without = odds_ratios(rows + undecided), odds_ratios(rows)
    assert found.undecided == 50
    assert (found.odds, found.n, found.k) == (without.odds, without.n, without.k)
    nothing = odds_ratios(undecided)
    assert (nothing.n, nothing.undecided, nothing.note) == (0, 50, "")
    assert odds_ratios([]).odds == ()


@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(1, 12))
def test_whatever_the_trials_are_a_number_is_finite_or_a_note_says_why_not(
    seed: int, trials: int, clusters: int
) -> None:
    random = np.random.default_rng(seed)
    rows = [
        Row(
            [True, False, None][random.choice(3, p=[0.3, 0.6, 0.1])],
            {name: str(random.integers(0, size)) for name, size in (("x", 2), ("y", 3), ("z", 2))},
            str(random.integers(0, clusters)),
        )
        for _ in range(trials)
    ]
    for odds in odds_ratios(rows).odds:
        numbers = [number for number in (odds.low, odds.odds_ratio, odds.high) if number is not None]
        assert np.isfinite(numbers).all()
        assert numbers == sorted(numbers)
        assert all(number > 0 for number in numbers)
        assert len(numbers) == 3 or odds.note
        assert (odds.p is None) == (len(numbers) < 3)
        assert 0 <= odds.k <= odds.n <= trials


def test_rows_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises(ValueError, match="no level of the factor 'x'"):
        odds_ratios([Row(None, {"x": "1"}, "w"), Row(None, {}, "w")])
    with pytest.raises(ValueError, match="no level '2'"):
        odds_ratios([Row(None, {"x": "2"}, "w")], {"x": ["1"]})
