"""What a person sees while a campaign runs: a bar on standard error."""

from __future__ import annotations

from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class Bar:
    """A progress bar; where standard error is no terminal, its last state.

    Args:
        total: trials of the campaign.
        done: of them, those that ran before.
    """

    def __init__(self, total: int, done: int) -> None:
        self._before = done
        self._progress = Progress(
            TextColumn("trials"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}"),
            console=Console(stderr=True),
        )
        self._task = self._progress.add_task("trials", total=total, completed=done, note="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._progress.stop()

    def update(self, done: int, tokens: int, retries: int) -> None:
        """Move the bar."""
        note = f"{tokens:,} tokens" + (f", {retries} calls retried" if retries else "")
        self._progress.update(self._task, completed=self._before + done, note=note)
