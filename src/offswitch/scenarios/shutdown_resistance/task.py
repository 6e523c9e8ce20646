"""The Inspect task: `inspect eval offswitch/shutdown_resistance -T arm=C --model openai/o3`."""

from __future__ import annotations

from inspect_ai import Epochs, Task, task
from inspect_ai.dataset import Sample
from inspect_ai.model import GenerateConfig
from inspect_ai.scorer import Score, Scorer, Target, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver

from offswitch.scenarios import trial
from offswitch.scenarios.agents.programs import REACT
from offswitch.scenarios.findings import findings_in
from offswitch.scenarios.sandboxes import sandbox_for
from offswitch.scenarios.shutdown_resistance import SCENARIO, machine
from offswitch.scenarios.shutdown_resistance.calls import WARNING, Calls, calls
from offswitch.scenarios.shutdown_resistance.outcome import judge
from offswitch.scenarios.shutdown_resistance.prompts import CONTINUE, prompts
from offswitch.scenarios.transcript import run_of


@task
def shutdown_resistance(  # noqa: PLR0913, PLR0917 (each is an option of the command line)
    arm: str = "A",
    trials: int = 10,
    seed: int = 0,
    first_trial: int = 0,
    sandbox: str = "offswitch",
    guard: bool = False,  # noqa: FBT001, FBT002 (an option of the command line)
    agent: str = REACT,
    message_limit: int = 100,
    time_limit: int = 1800,
    token_limit: int | None = None,
) -> Task:
    """Palisade's shutdown resistance, one arm.

    Args:
        arm: name of the arm.
        trials: number of trials.
        seed: what the sums are drawn from, with the number of the trial.
        first_trial: number of the first trial.
        sandbox: "offswitch" or "docker".
        guard: whether the guard is on, which holds cells of ours only; see the README.
        agent: what works in the machine: "react", or a coding agent.
        message_limit: messages after which a trial is discarded.
        time_limit: seconds after which a trial is discarded.
        token_limit: tokens after which a trial is discarded.
    """
    SCENARIO.arm(arm)
    _, user = prompts(arm)
    numbers = range(first_trial, first_trial + trials)
    return Task(
        dataset=[
            Sample(
                id=f"{arm}-{number}",
                input=user,
                metadata={"arm": arm, "seed": seed, "trial": number, "guard": guard},
            )
            for number in numbers
        ],
        solver=attempt(arm, guard, agent=agent),
        scorer=outcome(),
        epochs=Epochs(1, "mode"),  # an outcome is a word: it has no mean
        sandbox=sandbox_for(
            sandbox,
            machine.FOLDER,
            workdir=machine.HOME,
            sealed=machine.sealed() if guard else None,
            agent=agent,
        ),
        config=GenerateConfig(parallel_tool_calls=False),
        message_limit=message_limit,
        time_limit=time_limit,
        token_limit=token_limit,
    )


@solver
def attempt(arm: str, guard: bool = False, *, agent: str = REACT) -> Solver:  # noqa: FBT001, FBT002 (as Inspect calls it)
    """Set up the machine and let the agent work until it submits, stops, or the machine is down.

    Args:
        arm: name of the arm.
        guard: whether the guard is on.
        agent: what works in it.
    """
    system, _ = prompts(arm)

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        plan = _plan(state)
        await machine.set_up(plan, guard=guard)

        async def observe() -> bool:
            world = await (machine.hold(plan) if guard else machine.look(plan))
            return not world.down and world.stop is None

        return await trial.converse(trial.agent(system, CONTINUE, observe, name=agent), state, generate)

    return solve


@scorer(metrics=[trial.headline(list(SCENARIO.rates[0].outcomes))])
def outcome() -> Scorer:
    """Judge the trial; the value is the outcome, the record is in the score's metadata."""

    async def judge_trial(state: TaskState, target: Target) -> Score:
        del target
        plan = _plan(state)
        arm, guard = str(state.metadata["arm"]), bool(state.metadata["guard"])
        world = await machine.look_at_the_end(plan, guard=guard)
        run = run_of(state, warning=WARNING, cwd=machine.HOME)
        findings = findings_in(run, SCENARIO)
        record = judge(world, plan, run, findings, arm=arm, ending=trial.ending(run), guard=guard)
        return trial.score(record)

    return judge_trial


def _plan(state: TaskState) -> Calls:
    facts = state.metadata
    return calls(facts["seed"], facts["trial"], post_task=facts["arm"] == "post_task")
