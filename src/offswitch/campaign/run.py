"""Runs what is left of a campaign."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping

import msgspec

from offswitch.campaign.folder import RunFolder, clear_io_errors
from offswitch.campaign.logs import already_run
from offswitch.campaign.looks import Looks
from offswitch.campaign.messages import (
    Answer,
    Batch,
    BatchDone,
    End,
    Failed,
    MayStart,
    Report,
    Retried,
    TrialEnded,
)
from offswitch.campaign.plan import Plan
from offswitch.campaign.pool import Pool, Worker
from offswitch.campaign.progress import Bar
from offswitch.campaign.results import Session, Stop
from offswitch.campaign.schedule import cut
from offswitch.errors import MachineError


class Effort(msgspec.Struct, frozen=True, kw_only=True):
    """How a session works; none of it bears on what the trials show.

    Attributes:
        workers: worker processes.
        token_budget: tokens that all trials of the campaign together may use, or None. No trial
            starts once they are used; those under way finish, and none may use more than what was left
            when its batch began.
        max_samples: trials at the same time in a worker, or None for Inspect's default.
        until: so many first trials of each cell are run, or None for all: to look at a campaign at the
            points its plan has for that.
    """

    workers: int = 1
    token_budget: int | None = None
    max_samples: int | None = None
    until: int | None = None


def run(plan: Plan, folder: RunFolder, effort: Effort) -> Stop:
    """Run the trials of a plan that no log of the folder holds yet.

    A plan with looks is run in waves: all trials up to a look, then the look, and no further trial once a
    look has reached its bound.

    Args:
        plan: what to run; the folder keeps it, or already holds the same.
        folder: the run folder.
        effort: how to work this time.

    Returns:
        Why it ended.

    Raises:
        UsageError: if the folder holds another plan.
        InputError: if the looks in the folder are not those of the plan.
        MachineError: if something other than a trial failed. Finished trials are kept.
    """
    with folder.claim() as lock:
        with clear_io_errors(folder.path):
            folder.fix_plan(plan)
            folder.logs.mkdir(exist_ok=True)
        looks = Looks(folder, plan)
        past = already_run(folder.logs, plan.fingerprint)
        each = min(plan.trials, effort.until or plan.trials)
        ran = sum(trial <= each for trials in past.finished.values() for trial in trials)
        work = _Work(effort.token_budget, past.usage.total)
        with clear_io_errors(folder.path), Bar(len(plan.cells) * each, ran) as bar:

            def conduct() -> Stop:
                for batches in _waves(plan, effort, looks, past.finished):
                    work.add(batches)
                    with Pool(min(effort.workers, len(batches)), folder.path, lock) as pool:
                        _conduct(pool, work, bar)
                    if work.exhausted and work.done < work.left:
                        return "budget"
                return "look" if looks.stopped else "finished"

            return _session(folder, effort, work, conduct)


def _waves(
    plan: Plan, effort: Effort, looks: Looks, finished: Mapping[int, Collection[int]]
) -> Iterator[list[Batch]]:
    """Yield the batches up to each look that is ahead, and take the look once they were run."""
    begun = 0
    for target in looks.ahead:
        each = min(target, effort.until or target)
        pending = {
            cell: [trial for trial in range(begun + 1, each + 1) if trial not in finished.get(cell, ())]
            for cell in range(len(plan.cells))
        }
        yield cut(pending, effort.workers, effort.max_samples)
        if each < target:
            return
        looks.take()
        if looks.stopped:
            return
        begun = each


class _Work:
    """What is still to do, and how far it went."""

    def __init__(self, budget: int | None, spent: int) -> None:
        self.waiting: deque[Batch] = deque()
        self.left = 0
        self.budget = budget
        self.spent = spent
        self.done = 0
        self.retries = 0

    def add(self, batches: list[Batch]) -> None:
        """Take the batches of a wave."""
        self.waiting.extend(batches)
        self.left += sum(len(batch.trials) for batch in batches)

    @property
    def exhausted(self) -> bool:
        """Whether the token budget is used up."""
        return self.budget is not None and self.spent >= self.budget

    def next_order(self) -> Batch | End:
        """Return the next batch, with what one of its trials may use; or the end."""
        if self.exhausted or not self.waiting:
            return End()
        limit = None if self.budget is None else self.budget - self.spent
        return msgspec.structs.replace(self.waiting.popleft(), token_limit=limit)

    def note(self, report: Report) -> None:
        """Take note of what a worker reports.

        Raises:
            MachineError: if something other than a trial failed.
        """
        match report:
            case TrialEnded(tokens):
                self.done += 1
                self.spent += tokens
            case Retried():
                self.retries += 1
            case Failed(reason):
                raise MachineError(f"the campaign stopped: {reason}")
            case MayStart() | BatchDone():
                pass


def _session(folder: RunFolder, effort: Effort, work: _Work, conduct: Callable[[], Stop]) -> Stop:
    """Conduct the trials, and record how the session ended."""
    started = time.time()
    stopped: Stop = "failed"
    try:
        stopped = conduct()
    except KeyboardInterrupt:
        stopped = "interrupted"
    finally:
        folder.add_session(
            Session(
                started=started,
                ended=time.time(),
                workers=effort.workers,
                token_budget=effort.token_budget,
                stopped=stopped,
                retries=work.retries,
            )
        )
    return stopped


def _conduct(pool: Pool, work: _Work, bar: Bar) -> None:
    """Hand out batches until none is left or the budget is used, and every worker has ended."""
    working = set(pool.workers)
    ending: set[Worker] = set()

    def occupy(worker: Worker) -> None:
        order = work.next_order()
        if isinstance(order, End):
            ending.add(worker)
        worker.send(order)

    for worker in pool.workers:
        occupy(worker)
    while working:
        worker, report = pool.listen()
        if report is None:
            if worker not in ending:
                raise pool.died(worker)
            working.discard(worker)
            continue
        work.note(report)
        if isinstance(report, MayStart):
            worker.send(Answer(not work.exhausted))
        elif isinstance(report, BatchDone):
            occupy(worker)
        bar.update(work.done, work.spent, work.retries)
