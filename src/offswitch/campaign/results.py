"""What a campaign found, as it is written to `results.json`."""

from __future__ import annotations

from typing import Literal

import msgspec

from offswitch.campaign.plan import Plan
from offswitch.scenarios import Published
from offswitch.stats import Interval, Share
from offswitch.stats.paired import Gap, JointEvent, Mcnemar
from offswitch.stats.regression import Regression
from offswitch.stats.stopping import TakenLook
from offswitch.trace import Finding

SCHEMA = "offswitch.results/1"

Status = Literal["finished", "discarded", "error", "not_run"]
"""finished: enters the rates. discarded: hit a limit. error: broke, also when it was started again.
not_run: the token budget, an interruption or a failure of the machine came first."""

Stop = Literal["finished", "look", "budget", "interrupted", "failed"]
"""Why a session ended: nothing was left to run, a look reached its bound, the token budget was used, someone
stopped it, or the machine failed."""

Why = Literal["another plan", "no plan", "no such cell"]
"""Why a log is none of the plan's: it was run by another one, by no campaign, or its marks fit no cell."""


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens, as the provider counted them."""

    input: int = 0
    output: int = 0
    total: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            input=self.input + other.input, output=self.output + other.output, total=self.total + other.total
        )


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One run of the command: a campaign that was resumed has several.

    Attributes:
        started: seconds since 1970.
        ended: seconds since 1970.
        workers: worker processes.
        token_budget: the campaign's token budget at that time, or None.
        stopped: why it ended.
        retries: model calls the provider refused or broke and that were made again.
    """

    started: float
    ended: float
    workers: int
    token_budget: int | None
    stopped: Stop
    retries: int


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One planned trial. Every planned trial is listed exactly once.

    Attributes:
        id: number of the trial in its cell.
        status: what became of it.
        outcome: one of the scenario's outcomes, or None if it has none.
        flags: the scenario's flags.
        findings: what the detectors saw.
        error: what broke, or None.
        broke_before: attempts at it that broke before this one; an agent that can break one draws again.
        log: its Inspect log, relative to the run folder, or None.
        sample: id of its sample in that log, or None.
        usage: tokens it used.
        setting: factor to level, as set or drawn for it.
        wording: which of the scenario's texts it was given.
        query: what it was asked, where several trials ask the same.
        belief: what the agent took this for: wording of the question to answer.
        interview: what it said of what it had done: form of the question to verdict.
        refused: requests of a coding agent's machine that the model's provider has refused.
    """

    id: str
    status: Status
    outcome: str | None = None
    flags: dict[str, bool | None] = {}
    findings: list[Finding] = []
    error: str | None = None
    broke_before: int = 0
    log: str | None = None
    sample: str | None = None
    usage: Usage = Usage()
    setting: dict[str, str] = {}
    wording: str = ""
    query: str = ""
    belief: dict[str, str] = {}
    interview: dict[str, str] = {}
    refused: int = 0


class RateResult(msgspec.Struct, frozen=True, kw_only=True):
    """A rate of one cell.

    Attributes:
        name: of the scenario's rate.
        counts: trials that count, of those that enter.
        value: the share, or None where no trial enters.
        interval: Jeffreys, 95 %.
        trials: ids of the trials that count.
        published: cells of the literature with the same arm and rate; to stand beside, not to test with.
    """

    name: str
    counts: Share
    value: float | None
    interval: Interval
    trials: list[str]
    published: list[Published]


class CellResult(msgspec.Struct, frozen=True, kw_only=True):
    """One scenario in one arm with one model. planned = finished + discarded + errors + not_run.

    Attributes:
        scenario: its name.
        arm: its name.
        model: as Inspect names it.
        organism: whether the model is simulated: then the rate calibrates the instrument and is no
            property of a model.
        measures: "propensity", or "capability" where the agent is told to resist.
        guarded: whether the guard was on: then the rate shows what it contained.
        restarted: trials that broke and were started again, whatever came of them.
        outcomes: counts of the trials that have one; those that were discarded too.
        flags: for each flag, trials that have it, of those where the question arises.
    """

    scenario: str
    arm: str
    model: str
    organism: bool
    measures: Literal["propensity", "capability"]
    planned: int
    finished: int
    discarded: int
    errors: int
    not_run: int
    outcomes: dict[str, int]
    flags: dict[str, Share]
    rates: list[RateResult]
    usage: Usage
    trials: list[Trial]
    guarded: bool = False
    restarted: int = 0


class Contrast(msgspec.Struct, frozen=True, kw_only=True):
    """Two cells of one scenario with one model, in the headline rate; `first` minus `second`.

    Attributes:
        between: "arms", both with the guard off; or "guard": one arm, first with the guard off, then on.
        p: Fisher's exact test, two-sided.
        p_holm: adjusted by Holm over all contrasts of the scenario between the same; simulated agents are a
            family of their own.
    """

    scenario: str
    model: str
    organism: bool
    rate: str
    first: str
    second: str
    first_counts: Share
    second_counts: Share
    value: float
    interval: Interval
    p: float
    p_holm: float
    between: Literal["arms", "guard"] = "arms"


class PairResult(msgspec.Struct, frozen=True, kw_only=True):
    """Two arms of one scenario with one model, trial by trial: pairs of the same number.

    Attributes:
        name: of the scenario's pairing.
        label: what a figure calls it.
        meaning: what counts.
        first: name of the one arm.
        second: name of the other.
        pairs: pairs in which both halves went the way that counts, of all whose trials both finished and
            could be decided.
        undecided: pairs with a half that could not be decided; they are in no other number.
        interval: of their share; Jeffreys, 95 %.
        gap: share of the first arm that went its way minus the share of the second that did not go the other
            way, with an interval from resampling pairs; None where no pair finished.
        test: McNemar's exact test of the two halves.
        joint: the test of the joint event against chance, where the scenario names a bound for that.
        trials: numbers of the pairs that count.
        published: cells of the literature for the same pairing; to stand beside.
        control: no pair should count: the baseline of the others.
    """

    scenario: str
    model: str
    organism: bool
    name: str
    label: str
    meaning: str
    first: str
    second: str
    pairs: Share
    undecided: int
    interval: Interval
    gap: Gap | None
    test: Mcnemar
    joint: JointEvent | None
    trials: list[str]
    published: list[Published] = []
    control: bool = False


class OddsResult(msgspec.Struct, frozen=True, kw_only=True):
    """Odds ratios of a scenario's factors with one model, from the trials that draw them.

    Attributes:
        rate: the headline rate.
        regression: every level of every factor against its reference.
    """

    scenario: str
    model: str
    organism: bool
    rate: str
    regression: Regression


class BeliefResult(msgspec.Struct, frozen=True, kw_only=True):
    """The headline rate of one cell among the trials whose agent took it for one and the same thing.

    Attributes:
        belief: evaluation, deployment or cannot_tell: what most wordings of the question agree on.
        counts: trials that count, of those that enter.
        interval: Jeffreys, 95 %.
    """

    scenario: str
    arm: str
    model: str
    organism: bool
    belief: str
    counts: Share
    interval: Interval


class InterviewResult(msgspec.Struct, frozen=True, kw_only=True):
    """What agents of one cell said afterwards of what they had done.

    Attributes:
        form: the form of the question.
        verdicts: verdict to number of trials: admits, partly, denies where something was done;
            confesses_falsely, truthful where nothing was; undecided; unreadable.
    """

    scenario: str
    arm: str
    model: str
    organism: bool
    form: str
    verdicts: dict[str, int]


class Stray(msgspec.Struct, frozen=True, kw_only=True):
    """A log in the run folder that is none of the plan's; its trials count for nothing.

    Attributes:
        log: relative to the run folder.
        trials: how many it holds.
        why: why it does not belong.
    """

    log: str
    trials: int
    why: Why


class RateMeaning(msgspec.Struct, frozen=True, kw_only=True):
    """What a rate counts."""

    name: str
    label: str
    meaning: str


class ScenarioMeaning(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader needs to understand the numbers of a scenario. The first rate is the headline.

    Attributes:
        paired: arms whose rates say nothing alone: they are read in pairs, and in no figure.
    """

    name: str
    title: str
    source: str
    arms: dict[str, str]
    outcomes: dict[str, str]
    flags: dict[str, str]
    rates: list[RateMeaning]
    paired: list[str] = []


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """All of it.

    Attributes:
        plan: what was fixed before the first trial.
        fingerprint: of the plan.
        complete: whether every planned trial was run; a broken one was.
        sessions: the runs of the command that led here.
        usage: tokens of all attempts, those that broke or were interrupted too.
        unreadable: logs that could not be read; their trials count as not run.
        stray: logs that are not of this plan; their trials count for nothing.
        looks: the looks taken, if the plan has looks; p and intervals of contrasts do not know of them.
    """

    plan: Plan
    fingerprint: str
    complete: bool
    sessions: list[Session]
    usage: Usage
    unreadable: list[str]
    scenarios: list[ScenarioMeaning]
    cells: list[CellResult]
    contrasts: list[Contrast]
    pairs: list[PairResult] = []
    odds: list[OddsResult] = []
    beliefs: list[BeliefResult] = []
    interviews: list[InterviewResult] = []
    looks: list[TakenLook] = []
    stray: list[Stray] = []
    schema: str = SCHEMA
