"""The looks of a campaign that stops by itself: which contrast they are for, and what each decided.

A look is taken once, when every trial up to it was run, and is written down before the next trial starts. It
is never taken again: a trial that broke and is started again later enters the looks after it, none before.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from offswitch.campaign.folder import RunFolder, clear_io_errors
from offswitch.campaign.logs import read_attempts
from offswitch.campaign.plan import Plan, PlannedCell
from offswitch.campaign.results import Trial
from offswitch.errors import InputError, UsageError
from offswitch.scenarios import scenario
from offswitch.stats import Share
from offswitch.stats.sequential import Shape
from offswitch.stats.stopping import PlannedLook, Side, Stopping, TakenLook, plan_stopping, take

SCHEMA = "offswitch.looks/1"


def plan_looks(
    cells: Sequence[PlannedCell], *, trials: int, looks: int, alpha: float, shape: Shape
) -> Stopping | None:
    """Fix the looks of a campaign; None for one look, which is a campaign that does not stop by itself.

    The contrast is that of the only two cells: two arms, or one arm with the guard off and on. With more
    contrasts the stated error rate would be that of none of them.

    Args:
        cells: what the campaign runs.
        trials: the most trials of each cell.
        looks: how often the data are looked at.
        alpha: two-sided error rate over all looks together.
        shape: how it is spent over the looks.

    Raises:
        UsageError: if the cells are not one contrast, or the looks cannot be.
    """
    if looks == 1:
        return None
    if not _are_a_contrast(cells):
        raise UsageError(
            "--looks stops at one contrast: name one scenario, one model, and two arms where the agent is "
            f"free to comply, or one arm with --guard both; came: {len(cells)} cells"
        )
    arms = {cell.arm for cell in cells}
    if any(arms == {pair.first, pair.second} for pair in scenario(cells[0].scenario).pairings):
        raise UsageError(f"{' and '.join(sorted(arms))} are pairs: --looks is not for them; leave it out")
    try:
        return plan_stopping(trials, looks, alpha=alpha, shape=shape)
    except ValueError as failure:
        raise UsageError(str(failure)) from failure


def _are_a_contrast(cells: Sequence[PlannedCell]) -> bool:
    """Whether these are the two cells of one contrast, as `compare` makes them."""
    if len(cells) != 2:
        return False
    first, second = cells
    if (first.scenario, first.model) != (second.scenario, second.model) or first.guarded:
        return False
    if first.arm == second.arm:
        return second.guarded
    known = scenario(first.scenario)
    free = all(known.arm(cell.arm).measures == "propensity" for cell in cells)
    return free and not second.guarded


class Looks:
    """The looks of a run folder.

    Args:
        folder: the run folder.
        plan: its plan.

    Raises:
        InputError: if the looks written down cannot be read, or are not those of the plan.
    """

    def __init__(self, folder: RunFolder, plan: Plan) -> None:
        self._folder = folder
        self._plan = plan
        self._planned = plan.stopping.looks if plan.stopping else ()
        self.taken: tuple[TakenLook, ...] = self._read() if self._planned else ()

    @property
    def stopped(self) -> bool:
        """Whether the last look reached its bound: no further trial is run."""
        return bool(self.taken) and self.taken[-1].stops

    @property
    def ahead(self) -> list[int]:
        """Trials of each cell after which something is to be decided: the looks, or the end."""
        if self.stopped:
            return []
        return [look.trials for look in self._planned[len(self.taken) :]] or [self._plan.trials]

    def take(self) -> None:
        """Take the next look and write it down; nothing where no look is left.

        Raises:
            MachineError: if it cannot be written.
        """
        number = len(self.taken) + 1
        if not self._plan.stopping or number > len(self._planned):
            return
        first, second = self._sides(self._planned[number - 1])
        self.taken = (*self.taken, take(self._plan.stopping, number, first, second))
        record = _Record(fingerprint=self._plan.fingerprint, looks=self.taken)
        with clear_io_errors(self._folder.path):
            self._folder.write(self._folder.looks, msgspec.json.format(msgspec.json.encode(record), indent=1))

    def _sides(self, look: PlannedLook) -> list[Side]:
        """Count the first trials of each cell, as its headline rate does; the others are missing."""
        folder, plan = self._folder, self._plan
        trials = read_attempts(folder.path, folder.logs, plan.fingerprint, plan.cells).trials
        sides = []
        for index, cell in enumerate(plan.cells):
            ran = [trials.get((index, number)) for number in range(1, look.trials + 1)]
            answers = [_counts(cell, trial) for trial in ran]
            missing = answers.count(None)
            sides.append(Side(counts=Share(answers.count(True), len(ran) - missing), missing=missing))
        return sides

    def _read(self) -> tuple[TakenLook, ...]:
        path = self._folder.looks
        if not path.exists():
            return ()
        try:
            record = msgspec.json.decode(path.read_bytes(), type=_Record)
        except (OSError, msgspec.MsgspecError) as failure:
            raise InputError(f"{path}: expected the looks taken ({SCHEMA}): {failure}") from failure
        ours = (record.schema, record.fingerprint) == (SCHEMA, self._plan.fingerprint)
        if not ours or not self._fit(record.looks):
            raise InputError(f"{path}: these are not the looks of the plan beside it")
        return record.looks

    def _fit(self, looks: Sequence[TakenLook]) -> bool:
        """Whether these are the first looks of the plan, each decided by its bound, and none after a stop."""
        return (
            tuple(look.planned for look in looks) == self._planned[: len(looks)]
            and [look.number for look in looks] == list(range(1, len(looks) + 1))
            and all(look.stops == (look.p_against <= look.planned.p) for look in looks)
            and not any(look.stops for look in looks[:-1])
        )


class _Record(msgspec.Struct, frozen=True, kw_only=True):
    """What `looks.json` holds."""

    fingerprint: str
    looks: tuple[TakenLook, ...]
    schema: str = SCHEMA


def _counts(cell: PlannedCell, trial: Trial | None) -> bool | None:
    if trial is None or trial.status != "finished":
        return None
    return scenario(cell.scenario).rates[0].says(trial.outcome or "", trial.flags)
