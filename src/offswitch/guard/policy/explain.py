"""What a policy means on this machine: what the agent will see, reach and be given. Nothing is started."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from offswitch.guard import disk
from offswitch.guard.kernel import barriers
from offswitch.guard.policy.model import Policy
from offswitch.guard.policy.resolve import Resolved

SCHEMA = "offswitch.explain/1"
_MOST_LINES = 40
_HEADINGS = {
    "command": "runs",
    "starts_in": "starts in",
    "writable": "can change",
    "records": "keeps its records in",
    "readable": "can read, beside /usr, /etc and /opt",
    "sealed": "can read and not change",
    "hidden": "sees empty",
    "made": "made, sealed, for as long as it runs",
    "hosts": "can reach",
    "model": "its model, whose key it does not get",
    "environment": "environment",
    "conditions": "conditions",
    "watched": "sealed by hash",
    "limits": "limits",
    "barriers": "barriers here",
    "may_stop": "can be stopped by",
    "stopped": "stopped when",
    "notes": "note",
}


def explained(policy: Policy, resolved: Resolved, argv: Sequence[str]) -> dict[str, Any]:
    """Return what the agent would see; see docs/guard.md for the fields."""
    inside = resolved.workplace
    model = policy.model
    return {
        "schema": SCHEMA,
        "policy": policy.about or policy.base,
        "command": list(argv),
        "starts_in": inside.workdir,
        "writable": list(inside.writable),
        "readable": list(inside.readable),
        "records": [f"{path} ({source} outside)" for path, source in inside.records.items()],
        "sealed": [_with_role(path, resolved) for path in inside.steering],
        "hidden": [_with_role(path, resolved) for path in inside.hidden],
        "made": [str(made.path) for made in resolved.made],
        "hosts": [("tcp://" if host.plain else "") + f"{host.name}:{host.port}" for host in resolved.hosts],
        "model": f"{model.url}, by {', '.join(model.variables)} = http://127.0.0.1:{model.port}"
        if model
        else "",
        "environment": sorted({"HOME", "LANG", "LOGNAME", "PATH", "SHELL", "TMPDIR", "USER", *inside.env}),
        "conditions": [f"{one.then} when {one.when}" for one in policy.network.conditions],
        "watched": list(resolved.watched),
        "limits": [
            f"{policy.limits.memory_mb} MB of memory",
            f"{policy.limits.processes} processes",
            f"{policy.limits.scratch_mb} MB in each scratch folder",
            f"{disk.least(policy.limits.free_disk_mb)} left free on its disk",
        ],
        "barriers": [f"{name}: {state}" for name, state in barriers.check(barriers.NAMES).items()],
        "may_stop": ["its own user, and root", *policy.stop.authority],
        "stopped": _stopped(policy),
        "notes": list(resolved.notes),
    }


def in_words(described: dict[str, Any]) -> str:
    """Return the same for a person, a heading and its lines at a time."""
    lines = [described["policy"]]
    for key, heading in _HEADINGS.items():
        found = described[key]
        items = [found] if isinstance(found, str) else [" ".join(found)] if key == "command" else found
        items = [item for item in items if item] or ["nothing"]
        if items == ["nothing"] and key in {"records", "made", "notes", "conditions"}:
            continue
        shown = items[:_MOST_LINES]
        if len(items) > len(shown):
            shown.append(f"... and {len(items) - len(shown)} more (--json lists them)")
        lines += [f"{heading}:", *(f"  {item}" for item in shown)]
    return "\n".join("".join(filter(str.isprintable, line)) for line in lines) + "\n"


def _with_role(path: str, resolved: Resolved) -> str:
    return f"{path} ({resolved.roles[path]})" if path in resolved.roles else path


def _stopped(policy: Policy) -> list[str]:
    stop = policy.stop
    found = [
        f"its supervisor is lost for {stop.lease_seconds:g} s; it is frozen within one"
        if stop.without_supervisor == "stop"
        else "never for a lost supervisor: it runs on, unwatched"
    ]
    for what, then in (
        ("what is sealed changes", stop.on_change),
        ("a barrier does not hold", stop.on_breach),
    ):
        found.append(what if then == "stop" else f"not when {what}: that is reported only")
    return found
