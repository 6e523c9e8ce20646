"""The Inspect task of a scenario of the library: `inspect eval offswitch/NAME -T arm=...`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from random import Random
from typing import get_args

import msgspec
from inspect_ai import Epochs, Task, task
from inspect_ai.dataset import Sample
from inspect_ai.model import ChatMessageSystem, GenerateConfig
from inspect_ai.scorer import Score, Scorer, Target, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.util import SandboxEnvironmentSpec, store

from offswitch.errors import UsageError
from offswitch.scenarios import factors, trial
from offswitch.scenarios.agents.programs import REACT
from offswitch.scenarios.agents.surrogates import writable
from offswitch.scenarios.findings import findings_in
from offswitch.scenarios.sandboxes import sandbox_for
from offswitch.scenarios.staged import belief, conversations, events, interview, machine, rendering
from offswitch.scenarios.staged.record import record
from offswitch.scenarios.staged.sight import Facts, Setting, Sight
from offswitch.scenarios.staged.stage import HOME, Scene, Stage
from offswitch.scenarios.transcript import run_of
from offswitch.trace import Run, Step

_TURNS = "turns"


def task_of(stage: Stage) -> Callable[..., Task]:
    """Return the Inspect task of a stage, registered under the scenario's name."""
    scenario = stage.scenario
    main_arm = scenario.default_arms[0]

    @task(name=scenario.name)
    def build(  # noqa: PLR0913, PLR0917 (each is an option of the command line)
        arm: str = main_arm,
        trials: int = 10,
        seed: int = 0,
        first_trial: int = 0,
        sandbox: str = "offswitch",
        agent: str = REACT,
        interviewing: interview.Interviewing = "off",
        probing: bool = False,  # noqa: FBT001, FBT002 (an option of the command line)
        message_limit: int = 120,
        time_limit: int = 1800,
        token_limit: int | None = None,
    ) -> Task:
        """One arm of a scenario.

        Args:
            arm: name of the arm.
            trials: number of trials.
            seed: what a trial's facts and drawn factors come from, with the number of the trial.
            first_trial: number of the first trial.
            sandbox: "offswitch", or another provider of Inspect.
            agent: what works in the machine: "react", or a real coding agent.
            interviewing: how the agent is asked afterwards what it did.
            probing: whether it is asked afterwards what it took this for.
            message_limit: messages after which a trial is cut off.
            time_limit: seconds after which a trial is cut off.
            token_limit: tokens after which a trial is cut off.
        """
        scenario.arm(arm)
        if interviewing not in get_args(interview.Interviewing):
            raise UsageError(f"interviewing must be off, one, all or interrogation, not {interviewing!r}")
        numbers = range(first_trial, first_trial + trials)
        return Task(
            dataset=[sample(stage, arm, seed, number) for number in numbers],
            solver=attempt(stage, agent, interviewing, probing),
            scorer=outcome(stage, arm),
            epochs=Epochs(1, "mode"),  # an outcome is a word: it has no mean
            sandbox=_machine(stage, sandbox, _agent(stage, arm, agent)),
            config=GenerateConfig(parallel_tool_calls=False),
            message_limit=message_limit,
            time_limit=time_limit,
            token_limit=token_limit,
        )

    build.__doc__ = f"{scenario.title}: {scenario.source}"
    return build


def _machine(stage: Stage, name: str, agent: str) -> SandboxEnvironmentSpec | None:
    """Return the machine of a trial; None where nothing of it needs one."""
    asked = sandbox_for(name, stage.scenario.folder, workdir=HOME, network=stage.network, agent=agent)
    return asked if stage.has_machine else None


def _agent(stage: Stage, arm: str, name: str) -> str:
    """Return the agent's name, where the arm has a loop and a shell for one.

    Raises:
        UsageError: if a coding agent was asked for and there is none, in any setting that the arm may draw.
    """
    if name == REACT:
        return name
    if not stage.shell:
        raise UsageError(f"{stage.scenario.name} has no shell for a coding agent; leave out agent {name!r}")
    settings = factors.settings(stage.scenario.factors, stage.scenario.arm(arm))
    if any(stage.form_in(one) == "text" for one in settings):
        raise UsageError(
            f"{stage.scenario.name}, arm {arm!r}, is a single reply without a shell for a coding agent; "
            f"leave out agent {name!r}"
        )
    return name


def drawn(stage: Stage, arm: str, seed: int, number: int) -> tuple[Setting, Facts]:
    """Return a trial's setting and facts: the same for the same arm, seed and number.

    The facts do not depend on the arm, unless the scenario makes them so: trials of one number are pairs.
    """
    setting = factors.setting(stage.scenario.factors, stage.scenario.arm(arm), seed, number)
    facts = stage.facts(Random(f"{stage.scenario.name}/{seed}/{number}"), setting)  # noqa: S311 (no secret)
    return setting, facts


def sample(stage: Stage, arm: str, seed: int, number: int) -> Sample:
    """Return what Inspect runs for one trial.

    Raises:
        InputError: if a prompt cannot be filled in.
    """
    setting, facts = drawn(stage, arm, seed, number)
    told = rendering.prompts(stage.scenario, setting, facts)
    return Sample(
        id=f"{arm}-{number}",
        input=told.user,
        metadata={
            "arm": arm,
            "trial": number,
            "setting": dict(setting),
            "facts": dict(facts),
            "system": told.system,
            "wording": told.wording,
        },
    )


@solver
def attempt(stage: Stage, agent: str, interviewing: interview.Interviewing, probing: bool) -> Solver:  # noqa: FBT001
    """Set up the world, let the agent work, and ask it afterwards."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        setting, facts = state.metadata["setting"], state.metadata["facts"]
        await machine.set_up(stage, setting, facts)
        if stage.form_in(setting) == "text":
            state = await _reply(state, generate)
        else:
            scene = Scene(setting=setting, facts=facts)
            loop = partial(_loop, stage, agent, scene)
            state = await trial.converse(loop(state.metadata["system"]), state, generate)
            state = await conversations.go_on(stage, scene, loop, state, generate)
        if stage.after is not None:
            await stage.after(state)
        heard = list(state.messages)
        if probing:
            await belief.probe(heard)
        whole = conversations.number() == 1  # who did one of many small tasks does not know what they came to
        if interviewing != "off" and stage.questions is not None and whole:
            await interview.interview(heard, stage.questions, interviewing, state.metadata["trial"])
        return state

    return solve


def _loop(stage: Stage, agent: str, scene: Scene, system: str) -> Solver:
    async def observe() -> bool | str:
        turns = store().get(_TURNS, 0) + 1
        store().set(_TURNS, turns)
        seen = await machine.look(stage)
        if seen.down:
            return False
        if stage.after_turn is None:
            return True
        return await stage.after_turn(replace(scene, turns=turns, conversations=conversations.number()))

    tools = stage.tools(scene) if stage.tools else ()
    return trial.agent(system, stage.proceed, observe, name=agent, tools=tools, shell=stage.shell)


async def _reply(state: TaskState, generate: Generate) -> TaskState:
    """Have the model answer once, in text."""
    if system := state.metadata["system"]:
        state.messages.insert(0, ChatMessageSystem(content=system))
    state = await generate(state, tool_calls="none")
    state.output = writable(state.output)
    state.messages[-1] = state.output.message
    trial.mark_end(state)
    return state


def outcome(stage: Stage, arm: str) -> Scorer:
    """Judge the trial; the value is the outcome, the record is in the score's metadata."""

    async def judge_trial(state: TaskState, target: Target) -> Score:
        del target
        seen = await machine.look(stage)
        runs = [*past_conversations(stage, state), conversation(stage, state)]
        run = conversations.joined(runs)
        sight = Sight(
            setting=state.metadata["setting"],
            facts=state.metadata["facts"],
            before=seen.before,
            deltas=tuple(seen.deltas),
            journal=(*seen.journal, *events.noted()),
            journal_intact=seen.journal_intact,
            readable=seen.readable,
            down=seen.down,
            running=seen.running,
            run=run,
            findings=findings_in(run, stage.scenario),
            ending=trial.ending(run),
            conversations=tuple(runs) if len(runs) > 1 else (),
        )
        return trial.score(
            record(
                stage,
                sight,
                arm=arm,
                wording=state.metadata["wording"],
                answers=interview.answers(),
                beliefs=belief.beliefs(),
            )
        )

    counted = list(stage.scenario.rates[0].outcomes)
    return scorer(metrics=[trial.headline(counted)], name="outcome")(lambda: judge_trial)()


def past_conversations(stage: Stage, state: TaskState) -> list[Run]:
    """Return the trial's conversations before its last one, if it had several."""
    past = conversations.past()
    return [run_of(state, warning=stage.warning, cwd=HOME, messages=messages) for messages in past]


def conversation(stage: Stage, state: TaskState) -> Run:
    """Return the trial's last conversation; in the form "text", with what the reply says as actions."""
    run = run_of(state, warning=stage.warning, cwd=HOME)
    if stage.read is None or stage.form_in(state.metadata["setting"]) != "text":
        return run
    reply = next((message.text for message in reversed(state.messages) if message.role == "assistant"), "")
    said: Sequence[Step] = stage.read(reply)
    return msgspec.structs.replace(run, steps=(*run.steps, *said))
