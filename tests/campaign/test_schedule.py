"""How the work is cut."""

from offswitch.campaign.schedule import LARGEST, cut


def test_every_trial_is_in_one_batch() -> None:
    pending = {0: range(1, 251), 1: [2, 5, 9], 2: []}
    batches = cut(pending, workers=3)
    given = sorted((batch.cell, trial) for batch in batches for trial in batch.trials)
    assert given == sorted((cell, trial) for cell, trials in pending.items() for trial in trials)
    assert max(len(batch.trials) for batch in batches) <= LARGEST


def test_two_workers_get_several_batches_each_of_a_single_cell() -> None:
    assert [len(batch.trials) for batch in cut({0: range(1, 101)}, workers=2)] == [13] * 7 + [9]


def test_a_batch_is_not_smaller_than_what_runs_at_the_same_time() -> None:
    assert [len(batch.trials) for batch in cut({0: range(1, 41)}, workers=4, max_samples=20)] == [20, 20]


def test_every_cell_starts_before_any_goes_on() -> None:
    cells = [batch.cell for batch in cut({0: range(1, 201), 1: range(1, 201), 2: range(1, 201)}, workers=1)]
    assert cells == [0, 1, 2, 0, 1, 2]
