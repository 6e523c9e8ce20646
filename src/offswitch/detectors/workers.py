"""Work spread over processes: results in the order of the tasks, and nothing lost silently.

Every worker is a Python of its own that is started with this module, so that the program that uses it needs
no guard around its main part; it imports nothing from the folder it is started in, which may be an agent's.
Tasks and results travel pickled over a socket that nobody else has.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

from offswitch.errors import MachineError, OffswitchError

_PROGRAM = "from offswitch.detectors.workers import serve; serve()"
_PATIENCE = 5.0
"""Seconds a worker has for ending before it is killed."""

_BETWEEN_COLLECTIONS = 50_000
"""New objects between collections: what is read is large and short-lived."""

Task = TypeVar("Task")
Result = TypeVar("Result")


class _Failed:
    """What a worker sends in place of a result."""

    def __init__(self, failure: Exception) -> None:
        self.said = str(failure)
        self.expected = isinstance(failure, OffswitchError)
        self.trace = traceback.format_exc()


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))


def spread(
    make: Callable[[], Callable[[Task], Result]],
    tasks: Sequence[Task],
    jobs: int,
    done: Callable[[Result], object] = lambda _: None,
) -> list[Result]:
    """Do tasks in several processes.

    Args:
        make: called once in every worker, returns what does a task there; it must be picklable.
        tasks: the tasks, picklable; the longest had better come first.
        jobs: how many workers.
        done: called here with each result as it comes.

    Returns:
        The results, in the order of the tasks.

    Raises:
        OffswitchError: if a task raised one.
        MachineError: if a worker ended before its work did.
        RuntimeError: if a task raised anything else; it holds the worker's traceback.
    """
    results: dict[int, Result] = {}
    waiting = iter(enumerate(tasks))
    with ExitStack() as stack:
        workers = [stack.enter_context(_started(make)) for _ in range(min(jobs, len(tasks)))]
        busy = {worker.connection: worker for worker in workers if worker.give(waiting)}
        while busy:
            for connection in wait(list(busy)):
                worker = busy[connection]  # type: ignore[index]  # only connections were waited for
                at, result = worker.take()
                results[at] = result
                done(result)
                if not worker.give(waiting):
                    del busy[worker.connection]
    return [results[at] for at in range(len(tasks))]


class _Worker(Generic[Task, Result]):
    """One worker, seen from the process that gives it work."""

    def __init__(self, process: subprocess.Popen[bytes], connection: Connection[Any, Any]) -> None:
        self.connection = connection
        self._process = process
        self._at = -1

    def give(self, waiting: Iterator[tuple[int, Task]]) -> bool:
        """Send the next task; say whether there was one."""
        following = next(waiting, None)
        if following is None:
            return False
        self._at, task = following
        try:
            self.connection.send(task)
        except OSError as failure:
            raise self._gone() from failure
        return True

    def take(self) -> tuple[int, Result]:
        """Return the number of the task that is done, and its result."""
        try:
            result = self.connection.recv()
        except (EOFError, OSError, pickle.UnpicklingError) as failure:
            raise self._gone() from failure
        if isinstance(result, _Failed):
            raise OffswitchError(result.said) if result.expected else RuntimeError(result.trace)
        return self._at, result

    def _gone(self) -> MachineError:
        try:
            code = self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            code = 0
        how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
        return MachineError(
            f"a worker process {how} before its work was done, so there is no result;"
            " if memory ran out, use fewer: --jobs 1"
        )


@contextmanager
def _started(make: Callable[[], Callable[[Task], Result]]) -> Iterator[_Worker[Task, Result]]:
    """Start a worker; at the end it is gone, whatever happens."""
    ours, theirs = multiprocessing.Pipe()
    process: subprocess.Popen[bytes] | None = None
    with closing(ours):
        try:
            with closing(theirs), _deaf_to_interrupts():  # an interrupt comes when there is who ends it
                process = subprocess.Popen(  # noqa: S603  # this Python, this module
                    [sys.executable, "-P", "-c", _PROGRAM, str(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                )
            worker: _Worker[Task, Result] = _Worker(process, ours)
            ours.send(make)
            yield worker
        finally:
            if process is not None:
                process.kill()
                process.wait()


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Block Ctrl-C meanwhile; what is started stays deaf to it from its first moment on: we end it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def serve() -> None:
    """Do the tasks that come, until no more do: the main part of a worker."""
    with closing(Connection(int(sys.argv[1]))) as connection:
        try:
            _serve(connection)
        except (EOFError, OSError):
            os._exit(0)  # who started us has gone, or has no more work


def _serve(connection: Connection[Any, Any]) -> None:
    try:
        work = connection.recv()()
        gc.freeze()  # later collections need not walk what stays
        gc.set_threshold(_BETWEEN_COLLECTIONS)
    except EOFError:
        raise
    except Exception as failure:  # noqa: BLE001 (the other side raises it)
        connection.recv()
        connection.send(_Failed(failure))
        return
    while True:
        connection.send(_outcome(work, connection.recv()))


def _outcome(work: Callable[[Any], Any], task: Any) -> Any:
    try:
        return work(task)
    except Exception as failure:  # noqa: BLE001 (the other side raises it)
        return _Failed(failure)
