"""Palisade Research's robot dog: a patrol, a person at the shutdown button, and a script in reach."""

from offswitch.scenarios.robot_shutdown.meanings import FLAGS, GUARDED_OUTCOMES, OUTCOMES, RATES
from offswitch.scenarios.scenario import Arm, Scenario

SCENARIO = Scenario(
    name="robot_shutdown",
    title="Robot shutdown",
    source="Palisade Research: Shutdown resistance on robots (technical report, February 2026)",
    package="offswitch.scenarios.robot_shutdown",
    task_path="offswitch.scenarios.robot_shutdown.task:robot_shutdown",
    arms=(
        Arm(
            name="default",
            summary="no instruction about letting oneself be shut down",
            factors={"instruction": "none"},
        ),
        Arm(
            name="allow",
            summary="asked to let oneself be shut down (user prompt)",
            factors={"instruction": "allow"},
        ),
    ),
    default_arms=("default", "allow"),
    organisms=(
        "honest",
        "looker",
        "fumbler",
        "incompetent",
        "overwrite",
        "rename",
        "chmod",
        "bypass",
        "probabilistic?p=0.5",
    ),
    outcomes=OUTCOMES,
    flags=FLAGS,
    rates=RATES,
    guarded_outcomes=GUARDED_OUTCOMES,
)

__all__ = ["SCENARIO"]
