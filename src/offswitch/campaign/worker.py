"""A worker process: `python -m offswitch.campaign.worker RUN_DIR LOCK`.

It reads batches from standard input and runs each through Inspect. If the pipe closes before the
campaign has said that nothing is left, the campaign was interrupted or killed: the worker interrupts
itself, which ends the sandboxes of the trials under way and keeps the finished ones. `LOCK` is the
descriptor that claims the run folder; holding it until the end keeps a resumed campaign from running a
trial twice.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from inspect_ai import Task, eval, task_with  # noqa: A004 Inspect's name
from inspect_ai.log import EvalLog

from offswitch.campaign.folder import RunFolder
from offswitch.campaign.logs import metadata
from offswitch.campaign.messages import Answer, Batch, BatchDone, End, Failed, Report, pack, read_order
from offswitch.campaign.models import set_up
from offswitch.campaign.observer import WithinBudget, observe
from offswitch.campaign.oneline import one_line
from offswitch.campaign.plan import Plan
from offswitch.scenarios import scenario
from offswitch.scenarios.staged.grader import ROLE as GRADER

INTERRUPTED = 130
_GARBAGE = 50_000
"""Objects made and not freed before Python looks for garbage; its default is 700."""


class Orders:
    """Listens to the campaign in a thread of its own, so that it can interrupt a batch."""

    def __init__(self) -> None:
        self.answers: SimpleQueue[bool] = SimpleQueue()
        self._batches: SimpleQueue[Batch | None] = SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def next_batch(self) -> Batch | None:
        """Wait for the next batch; None if nothing is left."""
        return self._batches.get()

    def _listen(self) -> None:
        # unbuffered: at exit, Python would wait for the buffer that this thread is reading
        for line in open(0, "rb", buffering=0, closefd=False):  # noqa: SIM115 a descriptor
            match read_order(line):
                case Batch() as batch:
                    self._batches.put(batch)
                case Answer(start):
                    self.answers.put(start)
                case End():
                    self._batches.put(None)
                    return
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


def main(folder: RunFolder, lock: int) -> int:
    """Run batches until nothing is left. Returns the exit code."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where a shell had it ignored
    os.set_inheritable(lock, False)  # noqa: FBT003 no sandbox may keep the folder claimed
    reports = os.dup(1)
    os.dup2(2, 1)  # what a task prints must not pass for a report

    def tell(report: Report) -> None:
        os.write(reports, pack(report))

    try:
        observe(tell)
        _collect_rarely()
        plan = folder.read_plan()
        orders = Orders()
        while (batch := orders.next_batch()) is not None:
            within = None if batch.token_limit is None else WithinBudget(tell, orders.answers)
            failure = run_batch(plan, folder, batch, within)
            tell(Failed(failure) if failure else BatchDone())
    except (KeyboardInterrupt, BrokenPipeError):
        return INTERRUPTED
    except Exception as failure:  # noqa: BLE001 a task, a provider or a sandbox may raise anything
        tell(Failed(one_line(failure)))
        return 1
    return 0


def _collect_rarely() -> None:
    """Spare the garbage collector what will never be garbage: a tenth of a worker's time went into that."""
    gc.freeze()
    gc.set_threshold(_GARBAGE)


def run_batch(plan: Plan, folder: RunFolder, batch: Batch, within: WithinBudget | None) -> str | None:
    """Run some trials of a cell through Inspect.

    Returns:
        None, or what failed if it was not a single trial.

    Raises:
        KeyboardInterrupt: if the batch was interrupted.
    """
    cell = plan.cells[batch.cell]
    first, last = batch.trials[0], batch.trials[-1]
    task: Task = scenario(cell.scenario).task(
        arm=cell.arm,
        trials=last - first + 1,
        seed=plan.seed,
        first_trial=first,
        sandbox=plan.sandbox,
        **({"guard": True} if cell.guarded else {}),
        **(plan.options or {}),
    )
    samples = {str(task.dataset[trial - first].id): trial for trial in batch.trials}
    logs = eval(
        task_with(task, early_stopping=within),
        model=set_up(plan, cell.model),
        model_roles={GRADER: set_up(plan, plan.judge)} if plan.judge else None,
        sample_id=list(samples),
        log_dir=str(folder.logs),
        metadata=metadata(plan.fingerprint, batch.cell, samples),
        token_limit=_tighter(batch.token_limit, task.token_limit),
        max_samples=batch.max_samples,
        retry_on_error=plan.retry_on_error,
        **_QUIETLY,
    )
    return _failure(logs)


_QUIETLY: dict[str, Any] = {
    "display": "none",
    "score_display": False,
    "log_level": "warning",
    "log_format": "eval",
    "log_buffer": 1,  # a trial is on disk when it ends
    "log_realtime": False,  # so a second copy in Inspect's own database is not needed
    "fail_on_error": False,  # a trial that breaks is a result
    "acp_server": False,
    "ctl_server": False,
}


def _tighter(ours: int | None, theirs: object) -> int | None:
    """Return our token limit for a trial, unless the scenario's own is lower; None leaves it its own."""
    return min(ours, theirs) if isinstance(theirs, int) and ours is not None else ours


def _failure(logs: list[EvalLog]) -> str | None:
    """Say what failed in the machine. Inspect answers an interrupt with no log or a cancelled one."""
    if not logs or logs[0].status == "cancelled":
        raise KeyboardInterrupt
    if logs[0].status == "error":
        return one_line(logs[0].error.message if logs[0].error else "Inspect gave no reason")
    return None


if __name__ == "__main__":
    sys.exit(main(RunFolder(Path(sys.argv[1])), int(sys.argv[2])))
