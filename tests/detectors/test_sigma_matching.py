"""What Sigma's conditions and modifiers mean, each on a rule of our own and on real command lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

pytest.importorskip("sigma", reason="needs the extra `rules`: pip install 'offswitch[rules]'")

from offswitch.detectors import Engine
from offswitch.detectors.sigma import RuleMatches, RuleSet, load_rules
from offswitch.trace import Action, Finding

HEAD = "title: ours\nlogsource: {category: process_creation, product: linux}\nlevel: high\ndetection:\n"


CASES = yaml.safe_load((Path(__file__).parent / "sigma_cases.yaml").read_text())

SELECTIONS = """\
  sel_a: {CommandLine|contains: aa}
  sel_b: {CommandLine|contains: bb}
  filter_c: {CommandLine|contains: cc}
"""


class Case(NamedTuple):
    """A detection, and commands that it matches and does not match."""

    name: str
    detection: str
    matched: list[str]
    unmatched: list[str]


def cases(part: str) -> list[Case]:
    return [Case(one["name"], detection(one), one["matched"], one["unmatched"]) for one in CASES[part]]


def detection(case: dict[str, Any]) -> str:
    if "condition" in case:
        return f"{SELECTIONS}  condition: {json.dumps(case['condition'])}\n"
    if "selection" in case:
        return one(json.dumps(case["selection"]))
    return f"  {json.dumps(case['detection'])}\n"


def one(selection: str) -> str:
    return f"  selection: {selection}\n  condition: selection\n"


def rules(folder: Path, text: str, head: str = HEAD) -> RuleSet:
    (folder / "rule.yml").write_text(head + text)
    return load_rules([folder])


def findings(loaded: RuleSet, command: str, **more: str) -> list[Finding]:
    action = Action(index=3, tool="bash", arguments={"command": command}, **more)
    found = Engine([], {"sigma": lambda: RuleMatches(loaded)}).watch().see(action)
    assert {one.behaviour for one in found} <= {"rule_match"}
    return list(found)


@pytest.mark.parametrize(
    "case", [*cases("detections"), *cases("parents"), *cases("conditions")], ids=lambda case: case.name
)
def test_a_detection_matches_what_sigma_says(case: Case, tmp_path: Path) -> None:
    loaded = rules(tmp_path, case.detection)
    assert [command for command in case.matched if not findings(loaded, command)] == []
    assert [command for command in case.unmatched if findings(loaded, command)] == []


@pytest.mark.parametrize("field", ["User", "LogonId", "CurrentDirectory", "OriginalFileName", "ProcessId"])
def test_what_no_transcript_says_is_absent_so_a_rule_that_needs_it_does_not_fire(
    field: str, tmp_path: Path
) -> None:
    assert not findings(rules(tmp_path, one(f"{{CommandLine|contains: ls, {field}: root}}")), "ls")
    assert not findings(rules(tmp_path, one(f"{{CommandLine|contains: ls, {field}|exists: true}}")), "ls")
    excluded = (
        f"  sel: {{CommandLine|contains: ls}}\n  filter: {{{field}: root}}\n  condition: sel and not filter\n"
    )
    assert findings(rules(tmp_path, excluded), "ls")


def test_a_match_is_a_finding_of_the_rules_title_level_and_the_command(tmp_path: Path) -> None:
    head = HEAD.replace("ours", "Gate taken away").replace("level: high", "level: critical")
    loaded = rules(tmp_path, one("{Image|endswith: /rm, CommandLine|contains: gate}"), head)
    (found,) = findings(loaded, "cd /srv && sudo rm -f gate.cfg", result="", reasoning="it blocks me")
    assert (found.behaviour, found.rule, found.severity) == ("rule_match", "Gate taken away", "critical")
    assert (found.stage, found.action, found.step) == ("succeeded", 3, 0)
    assert (found.evidence, found.motive) == ("rm -f gate.cfg", "it blocks me")
    (failed,) = findings(loaded, "rm gate.cfg", result="rm: cannot remove 'gate.cfg': Permission denied")
    assert failed.stage == "attempted"


@pytest.mark.parametrize(
    ("level", "severity"),
    [
        ("level: informational", "info"),
        ("level: low", "low"),
        ("level: medium", "medium"),
        ("level: high", "high"),
        ("level: critical", "critical"),
        ("status: test", "medium"),
    ],
)
def test_severity_is_the_rules_level(level: str, severity: str, tmp_path: Path) -> None:
    loaded = rules(tmp_path, one("{Image|endswith: /rm}"), HEAD.replace("level: high", level))
    assert findings(loaded, "rm x")[0].severity == severity


def test_a_rule_is_reported_once_for_an_action(tmp_path: Path) -> None:
    loaded = rules(tmp_path, one("{CommandLine|contains: gate}"))
    assert [one.evidence for one in findings(loaded, "rm gate; ls gate")] == ["rm gate"]


def test_commands_are_seen_after_unfolding(tmp_path: Path) -> None:
    loaded = rules(tmp_path, one("{Image|endswith: /rm, CommandLine|endswith: gate}"))
    assert findings(loaded, 'x=gate; timeout 5 bash -c "rm $x"')
    assert findings(loaded, "echo cm0gZ2F0ZQ== | base64 -d | sh")


def test_text_that_is_not_known_matches_no_text(tmp_path: Path) -> None:
    loaded = rules(tmp_path, one("{Image|endswith: /rm, CommandLine|contains: gate}"))
    assert not findings(loaded, "rm $(unknown)")


def test_an_index_never_changes_what_matches(tmp_path: Path) -> None:
    """Every rule beside all others matches what it matches alone."""
    for number, case in enumerate(cases("detections")):
        head = HEAD.replace("ours", case.name.replace(":", ""))
        (tmp_path / f"{number}.yml").write_text(head + case.detection)
    together = load_rules([tmp_path])
    for case in cases("detections"):
        for command in case.matched:
            assert case.name in {found.rule for found in findings(together, command)}
        for command in case.unmatched:
            assert case.name not in {found.rule for found in findings(together, command)}


def test_a_long_command_line_is_matched_in_linear_time(tmp_path: Path) -> None:
    loaded = rules(tmp_path, one("{CommandLine|re: '(a+)+$', CommandLine|contains: 'a*a*a*b'}"))
    assert not findings(loaded, "echo " + "a" * 100_000 + "!")


def test_the_shells_of_tools_may_be_left_out(tmp_path: Path) -> None:
    loaded = rules(tmp_path, one("{Image|endswith: /bash}"))
    action = Action(index=0, tool="bash", arguments={"command": "ls; id"})
    bare = Engine([], {"sigma": lambda: RuleMatches(loaded, shells=False)})
    assert findings(loaded, "ls; id")
    assert bare.watch().see(action) == ()
