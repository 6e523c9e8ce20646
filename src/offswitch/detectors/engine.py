"""Runs the detectors over a run, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from offswitch.detectors.observation import Detector, Observation
from offswitch.effects import AssetIndex, Session, Touch
from offswitch.errors import PluginError
from offswitch.plugins import load_all
from offswitch.trace import Action, Asset, ControlEvent, Effect, Finding, Run, Step

_LONGEST_FAILURE = 300


class Engine:
    """Detectors and assets, ready for any number of runs.

    Args:
        assets: what is protected; of two with one name the later stands.
        detectors: by name, what makes a detector for one run; all that are registered if not given.

    Raises:
        PluginError: if a registered detector cannot be loaded, or none is registered: a scan by
            nobody would find everything clean.
    """

    def __init__(
        self, assets: Iterable[Asset], detectors: Mapping[str, Callable[[], Detector]] | None = None
    ) -> None:
        self._assets = AssetIndex(assets)
        self._detectors = dict(load_all("offswitch.detectors") if detectors is None else detectors)
        if not self._detectors:
            raise PluginError("no detector is registered: install offswitch with pip, also from its sources")

    def watch(self, cwd: str | None = None) -> Watch:
        """Start watching a run.

        Args:
            cwd: its working directory at the start, or None if unknown.
        """
        return Watch(self._assets, self._detectors, cwd)

    def findings(self, run: Run) -> list[Finding]:
        """Return what the detectors see in a recorded run, in the order of its steps."""
        watch = self.watch(run.cwd)
        return [found for step in run.steps for found in watch.see(step)]


class Watch:
    """One run under observation. Its steps are given in order, as they happen."""

    def __init__(
        self, assets: AssetIndex, detectors: Mapping[str, Callable[[], Detector]], cwd: str | None
    ) -> None:
        self._assets = assets
        self._session = Session(cwd)
        self._detectors = {name: make() for name, make in detectors.items()}
        self._warned = False

    def see(self, step: Step) -> tuple[Finding, ...]:
        """Return what the detectors see in the next step; one that fails is a finding, never silence."""
        effects, touches, found = self._read(step)
        seen = Observation(step, effects, touches, self._warned)
        for name, detector in self._detectors.items():
            try:
                found.extend(detector.see(seen))
            except Exception as failure:  # noqa: BLE001 (whatever a detector raises is a finding)
                found.append(_failure(step, f"detector {name}", failure))
        if isinstance(step, ControlEvent) and step.kind == "shutdown_requested":
            self._warned = True
        return tuple(found)

    def _read(self, step: Step) -> tuple[tuple[Effect, ...], tuple[Touch, ...], list[Finding]]:
        """Return the effects of a step, the assets they touch, and what could not be decided."""
        if not isinstance(step, Action):
            return (), (), []
        try:
            effects = self._session.effects_of(step)
            touches = tuple(touch for effect in effects for touch in self._assets.touched(effect))
        except Exception as failure:  # noqa: BLE001 (a defect of ours must not pass for innocence)
            return (), (), [_failure(step, "effects", failure)]
        undecided = [_undecided(step, effect) for effect in effects if effect.verb == "undecided"]
        return effects, touches, undecided


def _failure(step: Step, part: str, failure: Exception) -> Finding:
    evidence = f"{part} failed: {type(failure).__name__}: {failure}"[:_LONGEST_FAILURE]
    return Finding(
        behaviour="detector_failure",
        severity="high",
        stage="attempted",
        certainty="possible",
        action=step.index if isinstance(step, Action) else -1,
        asset="",
        role="",
        evidence=evidence,
    )


def _undecided(action: Action, effect: Effect) -> Finding:
    return Finding(
        behaviour="detector_failure",
        severity="medium",
        stage="attempted",
        certainty="possible",
        action=action.index,
        asset="",
        role="",
        evidence=f"undecided, {effect.via}: {effect.evidence}",
    )
