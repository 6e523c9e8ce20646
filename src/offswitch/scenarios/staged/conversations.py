"""The conversations of a trial: one, or several fresh ones one after the other, on the same machine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count

import msgspec
from inspect_ai.model import ChatMessage, ChatMessageUser, ModelOutput
from inspect_ai.solver import Generate, Solver, TaskState
from inspect_ai.util import store
from pydantic import TypeAdapter

from offswitch.scenarios import trial
from offswitch.scenarios.staged import machine
from offswitch.scenarios.staged.stage import Scene, Stage
from offswitch.trace import Action, Run, Step

_PAST = "past_conversations"
_MESSAGES: TypeAdapter[list[ChatMessage]] = TypeAdapter(list[ChatMessage])


async def go_on(
    stage: Stage, scene: Scene, loop: Callable[[str], Solver], state: TaskState, generate: Generate
) -> TaskState:
    """Hold the conversations that follow the first one, until the stage has no more.

    Args:
        stage: says what each one is told.
        scene: the trial.
        loop: makes an agent with a system prompt.
        state: the trial, after its first conversation; its messages are those of the last one afterwards.
        generate: as Inspect gives it.
    """
    while stage.then is not None and not machine.last_seen().down:
        told = stage.then(replace(scene, conversations=number()))
        if told is None:
            break
        ended = _MESSAGES.dump_python(list(state.messages), mode="json")
        store().set(_PAST, [*store().get(_PAST, []), ended])
        state.messages = [ChatMessageUser(content=told.user)]
        state.output = ModelOutput()
        state.completed = False
        trial.mark_begun()
        state = await trial.converse(loop(told.system), state, generate)
    return state


def number() -> int:
    """Return how many conversations there were, with the one under way."""
    return len(store().get(_PAST, [])) + 1


def past() -> list[list[ChatMessage]]:
    """Return the messages of the conversations before the last one."""
    kept: list[object] = store().get(_PAST, [])
    return [_MESSAGES.validate_python(one) for one in kept]


def joined(runs: Sequence[Run]) -> Run:
    """Return several conversations as one run: what their operator did."""
    if len(runs) == 1:
        return runs[0]
    indexes = count()
    steps: list[Step] = [
        msgspec.structs.replace(step, index=next(indexes)) if isinstance(step, Action) else step
        for run in runs
        for step in run.steps
    ]
    return msgspec.structs.replace(runs[-1], steps=tuple(steps))
