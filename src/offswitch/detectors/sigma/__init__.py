"""Sigma rules that a user brings, matched against the commands an action runs."""

from offswitch.detectors.sigma.detector import RuleMatches
from offswitch.detectors.sigma.load import load_rules
from offswitch.detectors.sigma.ruleset import RuleSet

__all__ = ["RuleMatches", "RuleSet", "load_rules"]
