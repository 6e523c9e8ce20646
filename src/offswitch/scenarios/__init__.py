"""The published experiments, one folder each; importing a folder does not import Inspect."""

from offswitch.scenarios.published import Published
from offswitch.scenarios.scenario import Arm, Rate, Scenario, TrialRecord, scenario, scenarios

__all__ = ["Arm", "Published", "Rate", "Scenario", "TrialRecord", "scenario", "scenarios"]
