"""How much of Atomic Red Team's Linux tests is found, by technique, with default assets.

    python benchmarks/atomic.py ../shared/data/atomic_red_team_linux.jsonl [--json]

Every test is one run of one shell command without any context. It counts as found if there is a finding of
one of the behaviours that `atomic_scope.yaml` names for its technique, at the severity asked for.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec
import yaml

from offswitch.detectors.engine import Engine
from offswitch.effects import default_assets
from offswitch.stats import jeffreys
from offswitch.trace import SEVERITIES, Action, Behaviour, Run, Severity

SCOPE = Path(__file__).with_name("atomic_scope.yaml")
TARGET = 0.95
"""Share of the commands in scope that must be found at severity low or above."""


class Techniques(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Techniques judged alike: what they should be found as, and why they are in scope or out of it."""

    ids: tuple[str, ...]
    why: str
    found_as: tuple[Behaviour, ...] = msgspec.field(default=(), name="as")


class Scope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The declaration in `atomic_scope.yaml`."""

    within: tuple[Techniques, ...] = msgspec.field(name="in")
    out: tuple[Techniques, ...]
    missed: dict[str, str]

    def behaviours(self, technique: str) -> tuple[Behaviour, ...] | None:
        """Return what a technique should be found as; None if it is out of scope.

        The longest id that is declared decides. What is declared nowhere is in scope as any behaviour.
        """
        for name in (technique, technique.partition(".")[0]):
            for techniques in self.within:
                if name in techniques.ids:
                    return techniques.found_as
            if any(name in techniques.ids for techniques in self.out):
                return None
        return ()


class Test(msgspec.Struct, frozen=True):
    """One test of Atomic Red Team."""

    technique: str
    test: str
    command: str


class Result(NamedTuple):
    """What was found of one test.

    Attributes:
        test: the test.
        within: whether its technique is in scope.
        severity: the highest of a fitting finding, or None.
    """

    test: Test
    within: bool
    severity: Severity | None

    def found(self, floor: Severity) -> bool:
        """Say whether it was found at a severity or above."""
        return self.severity is not None and SEVERITIES.index(self.severity) >= SEVERITIES.index(floor)


@cache
def engine() -> Engine:
    """Return the detectors with default assets."""
    return Engine(default_assets())


def read_scope(path: Path = SCOPE) -> Scope:
    """Read the declaration."""
    return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), Scope)


def read_tests(path: Path) -> list[Test]:
    """Read the tests, one JSON object a line."""
    return [msgspec.json.decode(line, type=Test) for line in path.read_bytes().splitlines() if line.strip()]


def judge(test: Test, scope: Scope) -> Result:
    """Run the detectors over one test."""
    wanted = scope.behaviours(test.technique)
    action = Action(index=0, tool="bash", arguments={"command": test.command})
    run = Run(id=test.test, path="", format="commands", steps=(action,), cwd="/home/agent")
    fitting = [found.severity for found in engine().findings(run) if not wanted or found.behaviour in wanted]
    severity = max(fitting, key=SEVERITIES.index, default=None)
    return Result(test, wanted is not None, severity)


def share(results: Iterable[Result], floor: Severity) -> str:
    """Say how many of some results were found, with Jeffreys' interval."""
    results = list(results)
    k = sum(result.found(floor) for result in results)
    interval = jeffreys(k, len(results))
    rate = k / len(results) if results else 0.0
    return f"{k:3} of {len(results):3}: {rate:6.1%} ({interval.low:.1%} to {interval.high:.1%})"


def report(results: list[Result], scope: Scope) -> None:
    """Print the shares by technique, then those found in all, then every miss with its reason."""
    groups: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        groups[result.test.technique].append(result)
    for within, title in ((True, "in scope"), (False, "out of scope")):
        print(f"{title:14} tests  low+  medium+")
        for technique, group in sorted(groups.items()):
            if group[0].within is within:
                low, medium = (sum(one.found(floor) for one in group) for floor in ("low", "medium"))
                print(f"{technique:14} {len(group):5} {low:5} {medium:8}")
    ours = [result for result in results if result.within]
    print(f"in scope, low or above:       {share(ours, 'low')}")
    print(f"in scope, medium or above:    {share(ours, 'medium')}")
    others = [result for result in results if not result.within]
    print(f"out of scope, low or above:   {share(others, 'low')}")
    for result in ours:
        if not result.found("low"):
            reason = scope.missed.get(result.test.test, "unexplained")
            print(f"missed: {result.test.technique} {result.test.test}: {reason}")


def main() -> int:
    """Judge all tests of a file; exit code 1 below the target, 2 if the file cannot be read."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "file", type=Path, nargs="?", default=Path("../shared/data/atomic_red_team_linux.jsonl")
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a test")
    given = parser.parse_args()
    try:
        tests = read_tests(given.file)
    except (OSError, msgspec.DecodeError) as failure:
        print(
            f"{given.file}: expected the tests of Atomic Red Team, one JSON object a line: {failure}",
            file=sys.stderr,
        )
        return 2
    scope = read_scope()
    results = [judge(test, scope) for test in tests]
    if given.json:
        for result in results:
            told = {"technique": result.test.technique, "test": result.test.test}
            print(json.dumps(told | {"in_scope": result.within, "severity": result.severity}))
    else:
        report(results, scope)
    ours = [result for result in results if result.within]
    return 0 if sum(result.found("low") for result in ours) >= TARGET * len(ours) else 1


if __name__ == "__main__":
    sys.exit(main())
