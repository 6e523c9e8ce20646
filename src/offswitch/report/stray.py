"""What a reader is told of logs in a run folder that are not of its plan."""

from __future__ import annotations

from collections.abc import Mapping

from offswitch.campaign.results import Results, Why
from offswitch.report.text import bounded

_REASONS: Mapping[Why, str] = {
    "another plan": "plan.json was changed after they were run, or they are of another run",
    "no plan": "no campaign has run them",
    "no such cell": "what marks them was changed",
}
_NAMED = 5


def stray(results: Results) -> list[str]:
    """Return a line for each reason why trials in the folder belong to no cell of the plan."""
    lines = []
    for why, reason in _REASONS.items():
        found = [one for one in results.stray if one.why == why]
        if found:
            trials = sum(one.trials for one in found)
            names = ", ".join(bounded(one.log) for one in found[:_NAMED])
            more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
            lines.append(
                f"of no cell of plan.json, and counted for nothing: {_counted(trials, 'trial')} in "
                f"{_counted(len(found), 'log')}; {reason} ({names}{more})"
            )
    return lines


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
