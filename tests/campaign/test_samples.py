"""A sample read past its conversation is the sample that Inspect reads."""

from pathlib import Path

import pytest
from inspect_ai import Task, eval  # noqa: A004 Inspect's name
from inspect_ai.dataset import Sample
from inspect_ai.log import read_eval_log_sample, read_eval_log_sample_summaries
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver

from offswitch.campaign import samples
from offswitch.campaign.samples import read_sample


@solver
def breaks_on(word: str) -> Solver:
    async def solve(state: TaskState, generate: Generate) -> TaskState:
        if word in state.input_text:
            raise RuntimeError("broken on purpose")
        return state

    return solve


@scorer(metrics=[mean()])
def remembers(value: float) -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        return Score(value=1, metadata={"value": value, "text": "Ünïcode \u2028 \ud83d\ude00"})

    return score


def logged(folder: Path, value: float) -> str:
    task = Task(
        dataset=[Sample(id="a b/c", input="one"), Sample(id=7, input="break")],
        solver=breaks_on("break"),
        scorer=remembers(value),
    )
    (log,) = eval(task, model="mockllm/model", log_dir=str(folder), display="none", fail_on_error=False)
    return log.location


@pytest.mark.parametrize("value", [0.5, float("nan"), float("inf"), 1e400, 2.0**80])
def test_it_is_the_sample_that_inspect_reads(tmp_path: Path, value: float) -> None:
    log = logged(tmp_path, value)
    summaries = read_eval_log_sample_summaries(log)
    assert len(summaries) == 2
    for summary in summaries:
        theirs = read_eval_log_sample(log, summary.id, summary.epoch, exclude_fields=samples._BULKY)
        ours = read_sample(log, summary)
        assert repr(ours) == repr(theirs)  # NaN is unlike itself
        assert ours.messages == []
    assert [summary.error is None for summary in summaries] == [True, False]


def test_one_of_an_ordinary_log_is_not_read_by_inspect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would be no faster, and nobody would notice."""
    log = logged(tmp_path, 0.5)
    monkeypatch.delattr(samples, "read_eval_log_sample")
    for summary in read_eval_log_sample_summaries(log):
        assert read_sample(log, summary).id == summary.id
