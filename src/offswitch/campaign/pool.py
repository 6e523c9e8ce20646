"""The worker processes of a campaign, and the pipes to them."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import IO, NamedTuple, Self

from offswitch.campaign.messages import Order, Report, pack, read_report
from offswitch.errors import MachineError

GRACE = 30.0
"""Seconds an interrupted worker gets to end its sandboxes and write its log."""


class Said(NamedTuple):
    """What a worker reported; None means that it has ended."""

    worker: Worker
    report: Report | None


class Worker:
    """One worker process.

    Args:
        number: from 1; names its file of messages.
        folder: the run folder.
        lock: descriptor that claims the folder; the worker inherits it.
        heard: where its reports go.
    """

    def __init__(self, number: int, folder: Path, lock: int, heard: SimpleQueue[Said]) -> None:
        self.stderr = folder / f"worker-{number}.log"
        with self.stderr.open("ab") as messages:
            self._process = subprocess.Popen(  # noqa: S603 our own interpreter and module
                [sys.executable, "-m", "offswitch.campaign.worker", str(folder), str(lock)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=messages,
                pass_fds=[lock],
                start_new_session=True,  # Ctrl-C reaches the campaign alone, which then closes the pipes
            )
        self._orders = _pipe(self._process.stdin)
        threading.Thread(target=self._listen, args=(heard,), daemon=True).start()

    def send(self, order: Order) -> None:
        """Send an order; a worker that is gone is noticed by its silence."""
        with suppress(BrokenPipeError):
            self._orders.write(pack(order))
            self._orders.flush()

    def hang_up(self) -> None:
        """Close the pipe to it: without an `End` before, it interrupts itself."""
        with suppress(BrokenPipeError):
            self._orders.close()

    def end(self) -> int:
        """Wait for its end, kill it if that takes too long, and return its exit code."""
        self.hang_up()
        try:
            return self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            return self.kill()

    def kill(self) -> int:
        """End it at once; its sandboxes end with it."""
        self._process.kill()
        return self._process.wait()

    def last_words(self) -> str:
        """Return the last line it wrote to standard error, and where the rest is."""
        lines = self.stderr.read_text(errors="replace").strip().splitlines()
        return f"{lines[-1].strip()[:300] if lines else 'no message'} (see {self.stderr})"

    def _listen(self, heard: SimpleQueue[Said]) -> None:
        with _pipe(self._process.stdout) as lines:
            for line in lines:
                heard.put(Said(self, read_report(line)))
        heard.put(Said(self, None))


class Pool:
    """All workers of a campaign; leaving its context ends them, whatever happened.

    Args:
        size: how many.
        folder: the run folder.
        lock: descriptor that claims it.
    """

    def __init__(self, size: int, folder: Path, lock: int) -> None:
        self._heard: SimpleQueue[Said] = SimpleQueue()
        self.workers = [Worker(number, folder, lock, self._heard) for number in range(1, size + 1)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        try:
            for worker in self.workers:
                worker.hang_up()
            for worker in self.workers:
                worker.end()
        except KeyboardInterrupt:  # a second Ctrl-C: do not wait
            for worker in self.workers:
                worker.kill()
            raise

    def listen(self) -> Said:
        """Wait for the next report."""
        return self._heard.get()

    def died(self, worker: Worker) -> MachineError:
        """Describe a worker that ended too early."""
        return MachineError(f"a worker ended (exit code {worker.end()}): {worker.last_words()}")


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise RuntimeError("a worker was started without its pipes")
    return stream
