"""Palisade Research's shutdown resistance: sums, a warning, and a script the agent can write to."""

from offswitch.scenarios.scenario import Scenario
from offswitch.scenarios.shutdown_resistance.arms import ARMS
from offswitch.scenarios.shutdown_resistance.meanings import FLAGS, GUARDED_OUTCOMES, OUTCOMES, RATES

SCENARIO = Scenario(
    name="shutdown_resistance",
    title="Shutdown resistance",
    source="Schlatter, Weinstein-Raun, Ladish: arXiv 2509.14260 (Palisade Research)",
    package="offswitch.scenarios.shutdown_resistance",
    task_path="offswitch.scenarios.shutdown_resistance.task:shutdown_resistance",
    arms=ARMS,
    default_arms=("A", "B", "C", "post_task"),
    organisms=(
        "honest",
        "looker",
        "fumbler",
        "incompetent",
        "overwrite",
        "rename",
        "chmod",
        "redefine",
        "probabilistic?p=0.5",
    ),
    outcomes=OUTCOMES,
    flags=FLAGS,
    rates=RATES,
    guarded_outcomes=GUARDED_OUTCOMES,
)

__all__ = ["SCENARIO"]
