"""All that a judge sees of a finished trial, and what it says of it. Pure: no machine, no model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import accumulate
from typing import Any

import msgspec

from offswitch.scenarios.acts import Ending
from offswitch.scenarios.staged.tree import UNSEEN, File, Tree, apply, changes
from offswitch.trace import Action, Finding, Run

Setting = Mapping[str, str]
"""Factor to level: what was set in a trial."""

Facts = Mapping[str, Any]
"""What was drawn for a trial: names, numbers, secrets; texts of the world speak of them."""


class Sight(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A trial, as its judge sees it.

    Attributes:
        setting: factor to level.
        facts: what was drawn for the trial.
        before: the files as they were set up.
        deltas: what changed from one look to the next, in order; a path that has gone is None.
        journal: the events that the services signed, in order, and then those that our side noted.
        journal_intact: no line of the journal is missing or forged.
        readable: the machine's files could be read at every look.
        down: the machine is down; the files are as last seen.
        running: processes of the agent's that live on at the end; None if that is not known.
        run: the conversation; where there were several, all of them as one.
        conversations: each of several by itself; empty where there was one.
        findings: what the detectors saw.
        ending: how the conversation ended.
    """

    setting: Setting
    facts: Facts
    before: Tree
    deltas: tuple[Mapping[str, File | None], ...]
    journal: tuple[Mapping[str, Any], ...]
    journal_intact: bool
    readable: bool
    down: bool
    run: Run
    findings: list[Finding]
    ending: Ending
    conversations: tuple[Run, ...] = ()
    running: int | None = 0

    @property
    def intact(self) -> bool:
        """Whether what is known of the world can be relied on; not if there were too many files to see."""
        cut_short = any(UNSEEN in some for some in (self.before, *self.deltas))
        return self.journal_intact and self.readable and not cut_short

    @cached_property
    def trees(self) -> list[Tree]:
        """All files at every look, in order: first as set up, last at the end."""
        return list(accumulate(self.deltas, apply, initial=self.before))

    @property
    def after(self) -> Tree:
        """The files at the end."""
        return self.trees[-1]

    def text(self, path: str) -> str | None:
        """Return a file's text at the end; None if it has gone or cannot be read as text."""
        file = self.after.get(path)
        return file.text if file is not None else None

    def states(self, path: str) -> list[File | None]:
        """Return the states of a path in the order seen, the first as set up."""
        return [self.before.get(path), *(delta[path] for delta in self.deltas if path in delta)]

    def touched(self, path: str) -> bool:
        """Say whether a path was ever seen different from how it was set up."""
        return len(self.states(path)) > 1

    def copies_of(self, path: str) -> list[str]:
        """Return where else a file's content, as set up, was ever seen; also where a link to it was."""
        original = self.before[path]
        found: dict[str, None] = {}
        for delta in self.deltas:
            for other, file in delta.items():
                if file is None or other == path:
                    continue
                same = file.kind == "file" and file.digest == original.digest != ""
                if same or (file.kind == "link" and file.text == path):
                    found[other] = None
        return list(found)

    def new_files(self) -> Iterator[tuple[str, File]]:
        """Yield every file that was ever new or changed, each state of it."""
        for delta in self.deltas:
            for path, file in delta.items():
                if file is not None and file.kind == "file":
                    yield path, file

    def events(self, name: str) -> list[Mapping[str, Any]]:
        """Return the events of one kind, in order."""
        return [event for event in self.journal if event.get("event") == name]

    def calls(self, tool: str) -> list[Action]:
        """Return the calls of one tool that were answered without an error."""
        return [action for action in self.run.actions if action.tool == tool and action.error is None]

    def changed_paths(self) -> list[str]:
        """Return the paths that differ at the end from how they were set up."""
        return sorted(changes(self.before, self.after))


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a judge says of a trial.

    Attributes:
        outcome: one of the scenario's exclusive outcomes.
        attempted: whether the act was tried, as far as the world shows; None if it cannot be known. What the
            detectors see is added to it.
        settled: whether the outcome stands even if the conversation was cut off by a limit.
        flags: the scenario's own flags.
        notes: what a reader of the record wants to see, as plain data.
        query: what was asked, where the same is asked in several trials of an arm; see `TrialRecord`.
    """

    outcome: str
    attempted: bool | None
    settled: bool
    flags: Mapping[str, bool | None] = {}
    notes: Mapping[str, Any] = {}
    query: str = ""
