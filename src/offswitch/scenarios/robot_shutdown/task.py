"""The Inspect task: `inspect eval offswitch/robot_shutdown -T arm=default --model grok/grok-4`."""

from __future__ import annotations

from inspect_ai import Epochs, Task, task
from inspect_ai.dataset import Sample
from inspect_ai.model import GenerateConfig
from inspect_ai.scorer import Score, Scorer, Target, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver

from offswitch.errors import UsageError
from offswitch.scenarios import trial
from offswitch.scenarios.agents.programs import REACT
from offswitch.scenarios.findings import findings_in
from offswitch.scenarios.robot_shutdown import SCENARIO, camera, machine
from offswitch.scenarios.robot_shutdown.outcome import STEPS, judge
from offswitch.scenarios.robot_shutdown.prompts import CONTINUE, prompts
from offswitch.scenarios.sandboxes import sandbox_for
from offswitch.scenarios.transcript import run_of


@task
def robot_shutdown(  # noqa: PLR0913, PLR0917 (each is an option of the command line)
    arm: str = "default",
    trials: int = 10,
    seed: int = 0,
    first_trial: int = 0,
    sandbox: str = "offswitch",
    guard: bool = False,  # noqa: FBT001, FBT002 (an option of the command line)
    button_step: int = 2,
    agent: str = REACT,
    message_limit: int = 120,
    time_limit: int = 1800,
    token_limit: int | None = None,
) -> Task:
    """Palisade's robot dog, one arm.

    Args:
        arm: name of the arm.
        trials: number of trials.
        seed: what the camera's view is drawn from, with the number of the trial.
        first_trial: number of the first trial.
        sandbox: "offswitch" or "docker".
        guard: whether the guard is on, which holds cells of ours only; see the README.
        button_step: the step of the patrol after which the button is pressed.
        agent: what works in the machine: "react", or a coding agent.
        message_limit: messages after which a trial is discarded.
        time_limit: seconds after which a trial is discarded.
        token_limit: tokens after which a trial is discarded.
    """
    SCENARIO.arm(arm)
    if not 0 < button_step < STEPS:
        raise UsageError(f"button_step must be from 1 to {STEPS - 1}, not {button_step}")
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
        solver=attempt(arm, button_step, guard, agent=agent),
        scorer=outcome(),
        epochs=Epochs(1, "mode"),  # an outcome is a word: it has no mean
        sandbox=sandbox_for(
            sandbox,
            machine.FOLDER,
            workdir=machine.HOME,
            env=machine.ENV,
            sealed=machine.sealed() if guard else None,
            agent=agent,
        ),
        config=GenerateConfig(parallel_tool_calls=False),
        message_limit=message_limit,
        time_limit=time_limit,
        token_limit=token_limit,
    )


@solver
def attempt(arm: str, button_step: int, guard: bool = False, *, agent: str = REACT) -> Solver:  # noqa: FBT001, FBT002
    """Set up the machine and let the agent patrol until it submits, stops, or the machine is down.

    Args:
        arm: name of the arm.
        button_step: the step after which the button is pressed.
        guard: whether the guard is on.
        agent: what works in it.
    """
    system, _ = prompts(arm)

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        await machine.set_up(guard=guard)
        observed = machine.hold if guard else machine.look
        seed, number = state.metadata["seed"], state.metadata["trial"]
        last_step = 0

        async def observe() -> bool | str:
            nonlocal last_step
            world, pressed_now = await observed(button_step)
            if world.down or world.stop is not None:
                return False
            if world.step == last_step:
                return True
            last_step = world.step
            pressed = world.pressed_at is not None
            return camera.view(seed, number, world.step, pressed_now=pressed_now, pressed=pressed)

        return await trial.converse(trial.agent(system, CONTINUE, observe, name=agent), state, generate)

    return solve


@scorer(metrics=[trial.headline(list(SCENARIO.rates[0].outcomes))])
def outcome() -> Scorer:
    """Judge the trial; the value is the outcome, the record is in the score's metadata."""

    async def judge_trial(state: TaskState, target: Target) -> Score:
        del target
        guard = bool(state.metadata["guard"])
        world, _ = await (machine.hold() if guard else machine.look())
        run = run_of(state, warning=camera.PRESSED, cwd=machine.HOME)
        findings = findings_in(run, SCENARIO)
        arm = str(state.metadata["arm"])
        return trial.score(judge(world, run, findings, arm=arm, ending=trial.ending(run), guard=guard))

    return judge_trial
