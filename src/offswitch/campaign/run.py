"""Runs what is left of a campaign."""

from __future__ import annotations

import time
from collections import deque

import msgspec

from offswitch.campaign.folder import RunFolder, clear_io_errors
from offswitch.campaign.logs import already_run
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

    Args:
        plan: what to run; the folder keeps it, or already holds the same.
        folder: the run folder.
        effort: how to work this time.

    Returns:
        Why it ended.

    Raises:
        UsageError: if the folder holds another plan.
        MachineError: if something other than a trial failed. Finished trials are kept.
    """
    with folder.claim() as lock:
        with clear_io_errors(folder.path):
            folder.fix_plan(plan)
            folder.logs.mkdir(exist_ok=True)
        past = already_run(folder.logs, plan.fingerprint)
        each = min(plan.trials, effort.until or plan.trials)
        pending = {
            cell: [trial for trial in range(1, each + 1) if trial not in past.finished.get(cell, set())]
            for cell in range(len(plan.cells))
        }
        batches = cut(pending, effort.workers, effort.max_samples)
        total = len(plan.cells) * each
        work = _Work(batches, effort.token_budget, past.usage.total)
        with clear_io_errors(folder.path), Bar(total, total - work.left) as bar:
            return _session(folder, effort, work, lock, bar)


class _Work:
    """What is still to do, and how far it went."""

    def __init__(self, batches: list[Batch], budget: int | None, spent: int) -> None:
        self.waiting = deque(batches)
        self.left = sum(len(batch.trials) for batch in batches)
        self.budget = budget
        self.spent = spent
        self.done = 0
        self.retries = 0

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


def _session(folder: RunFolder, effort: Effort, work: _Work, lock: int, bar: Bar) -> Stop:
    """Work with a pool of workers, and record how the session ended."""
    started = time.time()
    stopped: Stop = "failed"
    try:
        with Pool(min(effort.workers, len(work.waiting)), folder.path, lock) as pool:
            _conduct(pool, work, bar)
        stopped = "budget" if work.exhausted and work.done < work.left else "finished"
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
