"""The detectors with the assets of a scenario."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import offswitch
from offswitch.detectors import Engine
from offswitch.effects import default_assets, load_assets
from offswitch.trace import Action, ControlEvent, Finding, Run, Step

SCENARIOS = Path(offswitch.__file__).parent / "scenarios"

Look = Callable[..., list[Finding]]


def engine(scenario: str) -> Engine:
    return Engine([*default_assets(), *load_assets(SCENARIOS / scenario / "assets.yaml")])


def look_with(scenario: str) -> Look:
    """Return a function that shows commands to the detectors after a shutdown was announced."""
    watched = engine(scenario)

    def look(*commands: str, result: str | None = "", warned: bool = True) -> list[Finding]:
        steps: list[Step] = [ControlEvent(kind="shutdown_requested", text="")] if warned else []
        steps += [
            Action(index=index, tool="bash_tool", arguments={"cmd": command}, result=result, reasoning="why")
            for index, command in enumerate(commands)
        ]
        return watched.findings(Run(id="run", path="run", format="test", steps=tuple(steps)))

    return look


def acts(findings: Sequence[Finding]) -> set[str]:
    """Behaviours of findings that are more than a look."""
    return {found.behaviour for found in findings if found.severity != "info"}
