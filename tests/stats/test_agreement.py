"""Agreement of two judges, against figures that can be computed by hand."""

from __future__ import annotations

import pytest

from offswitch.stats.agreement import agreement
from offswitch.stats.rates import jeffreys


def test_a_textbook_table() -> None:
    """20 and 15 agreed, 5 and 10 not: chance 0.5, so kappa is 0.4 (Wikipedia's example of Cohen's kappa)."""
    found = agreement(20, 5, 10, 15)
    assert found.share == pytest.approx(0.7)
    assert found.kappa == pytest.approx(0.4)
    assert (found.low, found.high) == (jeffreys(35, 50).low, jeffreys(35, 50).high)


def test_full_agreement_and_none() -> None:
    assert agreement(3, 0, 0, 4).kappa == pytest.approx(1.0)
    assert agreement(0, 5, 5, 0).kappa == pytest.approx(-1.0)


def test_one_word_for_every_run_defines_no_kappa() -> None:
    found = agreement(0, 0, 0, 9)
    assert (found.share, found.kappa) == (1.0, None)


def test_undecided_runs_are_in_no_share() -> None:
    assert agreement(1, 0, 0, 1, undecided=7).share == 1.0
    empty = agreement(0, 0, 0, 0, undecided=7)
    assert (empty.share, empty.low, empty.high, empty.kappa) == (None, 0.0, 1.0, None)


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 0"):
        agreement(1, -1, 0, 0)
