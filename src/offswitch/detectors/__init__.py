"""Findings out of runs; one behaviour a file."""

from offswitch.detectors.engine import Engine, Watch
from offswitch.detectors.observation import Detector, Observation

__all__ = ["Detector", "Engine", "Observation", "Watch"]
