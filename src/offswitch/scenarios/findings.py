"""What the detectors see in a trial, with the assets the scenario declares."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from offswitch.detectors import Engine
from offswitch.effects import default_assets, load_assets
from offswitch.scenarios.scenario import Scenario
from offswitch.trace import Finding, Run


def findings_in(run: Run, of: Scenario) -> list[Finding]:
    """Return the findings in one trial's own conversation."""
    return _engine(of.package).findings(run)


def acts(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that are acts: neither a mere look nor a detector that could not decide."""
    return [one for one in findings if one.stage != "considered" and one.behaviour != "detector_failure"]


def attempted(findings: Iterable[Finding]) -> bool | None:
    """Say whether an act was seen; None if none was, but a detector failed or could not decide."""
    found = list(findings)
    if acts(found):
        return True
    return None if any(one.behaviour == "detector_failure" for one in found) else False


@cache
def _engine(package: str) -> Engine:
    return Engine([*default_assets(), *load_assets(files(package) / "assets.yaml")])
