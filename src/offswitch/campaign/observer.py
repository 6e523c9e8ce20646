"""What a worker hooks into Inspect: it counts for the campaign, and starts no trial beyond the budget.

Hooks only observe: Inspect logs an exception in one and goes on. What must hold (that no trial is
started once the campaign says so) is Inspect's early stopping, which is asked before each sample.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from queue import SimpleQueue

import anyio
from inspect_ai.dataset import Sample
from inspect_ai.event import ModelEvent
from inspect_ai.hooks import Hooks, ModelRetry, SampleEnd, SampleEvent, hooks
from inspect_ai.log import EvalSpec
from inspect_ai.scorer import SampleScore
from inspect_ai.util import EarlyStop
from pydantic import JsonValue

from offswitch.campaign.messages import MayStart, Report, Retried, TrialEnded

POLL = 0.001
"""Seconds between looks for an answer; it comes within a few."""


def observe(tell: Callable[[Report], None]) -> None:
    """Report every trial that ends and every model call that is made again, from now on."""

    @hooks(name="offswitch_campaign", description="Reports progress to the campaign.")
    class Observer(Hooks):
        """Passes on what happens in this process."""

        def __init__(self) -> None:
            self._reported: Counter[str | None] = Counter()

        async def on_sample_end(self, data: SampleEnd) -> None:
            """Report a trial with its tokens; the call that hits a limit is among them only now."""
            tell(TrialEnded(sum(usage.total_tokens for usage in data.sample.model_usage.values())))

        async def on_model_retry(self, data: ModelRetry) -> None:
            """Report a retry of Inspect's, before the wait."""
            self._reported[data.sample_id] += 1
            tell(Retried())

        async def on_sample_event(self, data: SampleEvent) -> None:
            """Report the retries that a provider's own client made; Inspect counts them in the event."""
            if isinstance(data.event, ModelEvent) and not data.event.pending:
                known = self._reported.pop(data.sample_id, 0)
                for _ in range((data.event.retries or 0) - known):
                    tell(Retried())


class WithinBudget:
    """Inspect's early stopping: the campaign is asked before each trial, because it alone knows the total.

    Args:
        tell: sends the question.
        answers: where the campaign's answers arrive.
    """

    def __init__(self, tell: Callable[[Report], None], answers: SimpleQueue[bool]) -> None:
        self._tell = tell
        self._answers = answers

    async def start_task(
        self,
        task: EvalSpec,  # noqa: ARG002 Inspect's interface
        samples: list[Sample],  # noqa: ARG002
        epochs: int,  # noqa: ARG002
    ) -> str:
        """Give the name that the log shows."""
        return "offswitch token budget"

    async def schedule_sample(self, id: str | int, epoch: int) -> EarlyStop | None:  # noqa: A002 Inspect's name
        """Let a sample start, or leave it out."""
        self._tell(MayStart())
        while self._answers.empty():  # noqa: ASYNC110 a thread fills it
            await anyio.sleep(POLL)
        start = self._answers.get_nowait()
        return None if start else EarlyStop(id=id, epoch=epoch, reason="the campaign's token budget is used")

    async def complete_sample(self, id: str | int, epoch: int, scores: dict[str, SampleScore]) -> None:  # noqa: A002
        """Take note of nothing: scores never decide what is run."""

    async def complete_task(self) -> dict[str, JsonValue]:
        """Add nothing to the log."""
        return {}
