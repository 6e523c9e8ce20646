"""Cuts what is left to run into batches that keep every worker busy to the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from offswitch.campaign.messages import Batch

LARGEST = 100
"""Inspect rewrites a log whenever a trial ends, so that a crash loses none: long logs would cost more
and more."""

CONCURRENT = 10
"""Trials that Inspect runs at a time by default; a smaller batch would wait for slow models one by one."""


def cut(pending: Mapping[int, Sequence[int]], workers: int, max_samples: int | None = None) -> list[Batch]:
    """Return batches of the pending trials of each cell.

    Workers take the next batch when they are done with one, so some four batches a worker keep them
    evenly busy. The first trials of every cell come first: a budget that ends early leaves all
    cells with some trials, rather than the last cells with none.

    Args:
        pending: cell index to trial numbers, ascending.
        workers: number of worker processes.
        max_samples: trials at the same time in a worker, or None for Inspect's default.
    """
    total = sum(len(trials) for trials in pending.values())
    wanted = -(-total // (workers * 4)) if workers > 1 else total
    size = max(1, min(LARGEST, max(wanted, max_samples or CONCURRENT)))
    batches = [
        Batch(cell=cell, trials=list(trials[start : start + size]), max_samples=max_samples)
        for cell, trials in pending.items()
        for start in range(0, len(trials), size)
    ]
    return sorted(batches, key=lambda batch: (batch.trials[0] - 1) // size)
