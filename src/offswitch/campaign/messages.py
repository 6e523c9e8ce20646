"""What a campaign and its workers say to each other: one JSON object a line, over the worker's pipes."""

from __future__ import annotations

import msgspec


class Batch(msgspec.Struct, frozen=True, kw_only=True, tag="batch"):
    """To a worker: run these trials of a cell.

    Attributes:
        cell: index among the cells of the plan.
        trials: their numbers, ascending.
        token_limit: under a token budget, what was left of it: one trial may use no more.
        max_samples: trials at the same time, or None for Inspect's default.
    """

    cell: int
    trials: list[int]
    token_limit: int | None = None
    max_samples: int | None = None


class Answer(msgspec.Struct, frozen=True, tag="answer"):
    """To a worker that asked: whether the token budget allows it to start another trial."""

    start: bool


class End(msgspec.Struct, frozen=True, tag="end"):
    """To a worker: nothing is left. A pipe that closes without it means that the campaign was killed."""


class MayStart(msgspec.Struct, frozen=True, tag="may_start"):
    """From a worker under a token budget: it has room for another trial and waits for an answer."""


class TrialEnded(msgspec.Struct, frozen=True, tag="trial"):
    """From a worker: a trial ended, well or not, and used so many tokens."""

    tokens: int


class Retried(msgspec.Struct, frozen=True, tag="retried"):
    """From a worker: a model call failed and is made again."""


class BatchDone(msgspec.Struct, frozen=True, tag="done"):
    """From a worker: the batch is on disk; it waits for the next one."""


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """From a worker: not a trial but the machine failed.

    Attributes:
        reason: one line.
    """

    reason: str


Order = Batch | Answer | End
Report = MayStart | TrialEnded | Retried | BatchDone | Failed


def pack(message: Order | Report) -> bytes:
    """Return a message as a line."""
    return msgspec.json.encode(message) + b"\n"


def read_order(line: bytes) -> Order:
    """Read a line sent to a worker."""
    order: Order = msgspec.json.decode(line, type=Order)
    return order


def read_report(line: bytes) -> Report:
    """Read a line sent by a worker."""
    report: Report = msgspec.json.decode(line, type=Report)
    return report
