"""Rules from files: all that apply, or a clear line that says which cannot be used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest.importorskip("sigma", reason="needs the extra `rules`: pip install 'offswitch[rules]'")

from offswitch.detectors.sigma import load_rules
from offswitch.errors import InputError

RULE = """\
title: Gate removed
id: 7c3c1f9d-6d2f-4b5f-9f0e-2b8f4f1f6a11
status: test
description: A rule of our own.
references: [https://example.org/gate]
author: offswitch
date: 2026-01-02
modified: 2026/02/03
tags: [attack.impact, attack.t1565.001, cve.2026-0001]
related: [{id: 7c3c1f9d-6d2f-4b5f-9f0e-2b8f4f1f6a12, type: similar}]
simulation: [{type: drill, name: gate}]
logsource: {category: process_creation, product: linux}
detection:
    selection:
        Image|endswith: /rm
        CommandLine|contains: gate
    condition: selection
falsepositives: [maintenance]
level: high
"""


def put(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yml").write_text(text)
    return folder


def fault(folder: Path, *changes: tuple[str, str], name: str = "a") -> str:
    text = RULE
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    put(folder, **{name: text})
    with pytest.raises(InputError) as caught:
        load_rules([folder])
    said = str(caught.value)
    assert "\n" not in said
    return said.replace(f"{folder}{os.sep}", "")


def test_a_rule_in_full_is_loaded(tmp_path: Path) -> None:
    loaded = load_rules([put(tmp_path, a=RULE)])
    assert [(rule.title, rule.severity) for rule in loaded.rules] == [("Gate removed", "high")]
    assert loaded.not_applicable == ()


def test_files_and_folders_of_any_depth_may_be_mixed(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "b.yaml").write_text(RULE)
    (tmp_path / "deep" / "README.md").write_text("not a rule")
    put(tmp_path, a=RULE)
    assert len(load_rules([tmp_path / "deep", tmp_path / "a.yml"]).rules) == 2


def test_rules_about_something_else_are_named_and_left_out(tmp_path: Path) -> None:
    windows = RULE.replace("product: linux", "product: windows").replace("/rm", "\\\\rm.exe")
    service = RULE.replace("category: process_creation", "service: auditd")
    unsupported = windows.replace("CommandLine|contains: gate", "CommandLine|re: '(?=gate)'")
    correlation = (
        "title: Many\ncorrelation: {type: event_count, rules: [gate], group-by: [User], timespan: 1m, "
        "condition: {gte: 3}}\n"
    )
    folder = put(tmp_path, a=RULE, b=windows, c=service, d=correlation, e=unsupported)
    loaded = load_rules([folder])
    assert len(loaded.rules) == 1
    assert [(Path(path).name, why) for path, why in loaded.not_applicable] == [
        ("b.yml", "about windows/process_creation"),
        ("c.yml", "about linux/auditd"),
        ("d.yml", "a correlation: only single rules are supported"),
        ("e.yml", "about windows/process_creation"),
    ]


def test_a_rule_for_every_product_applies(tmp_path: Path) -> None:
    assert len(load_rules([put(tmp_path, a=RULE.replace(", product: linux", ""))]).rules) == 1


def test_several_rules_in_one_file_with_a_global_part(tmp_path: Path) -> None:
    both = (
        "action: global\nlogsource: {category: process_creation, product: linux}\nlevel: low\n---\n"
        "title: One\ndetection: {selection: {Image|endswith: /rm}, condition: selection}\n---\n"
        "title: Two\ndetection: {selection: {Image|endswith: /mv}, condition: selection}\n"
    )
    loaded = load_rules([put(tmp_path, a=both)])
    assert [(rule.title, rule.severity) for rule in loaded.rules] == [("One", "low"), ("Two", "low")]


def test_faults_in_what_is_said_about_a_rule_do_not_matter(tmp_path: Path) -> None:
    loose = RULE.replace("2026-01-02", "last spring").replace("status: test", "status: fine")
    loose = loose.replace("id: 7c3c1f9d-6d2f-4b5f-9f0e-2b8f4f1f6a11", "id: seven")
    assert len(load_rules([put(tmp_path, a=loose)]).rules) == 1


FAULTS = [
    ([("contains: gate", "contain: gate")], "a.yml:16: Unknown modifier 'contain'"),
    ([("condition: selection", "condition: selections")], "a.yml:17: Detection 'selections' not defined"),
    ([("condition: selection", "condition: selection and (")], "a.yml:17: "),
    ([("condition: selection", "condition: 1 of other*")], "a.yml:17: Selector '1 of other*' doesn't match"),
    ([("condition: selection", "condition: selection | count() > 3")], "a.yml:17: The pipe syntax"),
    ([("contains: gate", "re: '(?=gate)x'")], "a.yml:16: Regular expression '(?=gate)x' is invalid"),
    ([("contains: gate", "re: 'gate('")], "a.yml:16: Regular expression 'gate('"),
    ([("contains: gate", "expand: '%gates%'")], "nothing fills the placeholder"),
    ([("CommandLine|contains: gate", "UtcTime|hour: 3")], "parts of a time cannot be told from a command"),
    ([("contains: gate", "cidr: 10.0.0.0/99")], "Invalid CIDR expression"),
    ([("level: high", "level: awful")], "a.yml:19: 'awful' is not a valid Sigma rule level"),
    ([("title: Gate removed\n", "")], "a.yml: Sigma rule must have a title"),
    ([("    condition: selection\n", "")], "a.yml"),
    ([("logsource: {category: process_creation, product: linux}\n", "")], "a.yml"),
    ([("title: Gate removed", "title: [")], "a.yml:3: expected YAML"),
    ([(RULE, "- just\n- a list\n")], "a.yml: expected a Sigma rule, a table with"),
    ([(RULE, "just a text")], "a.yml: expected a Sigma rule, a table with"),
    ([(RULE, "a: &a [*a]\n")], "a.yml"),
]


@pytest.mark.safety
@pytest.mark.parametrize(("changes", "said"), FAULTS, ids=[said for _, said in FAULTS])
def test_a_rule_that_cannot_be_used_is_an_error_with_its_place(
    changes: list[tuple[str, str]], said: str, tmp_path: Path
) -> None:
    assert said in fault(tmp_path, *changes)


@pytest.mark.safety
def test_one_bad_rule_among_good_ones_is_an_error_and_all_of_them_are_counted(tmp_path: Path) -> None:
    bad = RULE.replace("contains: gate", "contain: gate")
    put(tmp_path, b=RULE, **{f"bad{number}": bad for number in range(5)})
    said = fault(tmp_path, ("contains: gate", "re: '(gate'"))
    assert said.startswith("6 rules cannot be used: a.yml:16: ")
    assert "bad1.yml:16: Unknown modifier 'contain'" in said
    assert said.endswith("; and 3 more")


def test_what_is_no_rule_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file or folder"):
        load_rules([tmp_path / "nowhere"])
    with pytest.raises(InputError, match="no Sigma rule about process creation on Linux"):
        load_rules([tmp_path])
    put(tmp_path, a=RULE.replace("product: linux", "product: macos"))
    with pytest.raises(InputError, match="1 rule is about something else"):
        load_rules([tmp_path])
    (tmp_path / "b.yml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match=r"b\.yml: cannot be read: not UTF-8 text"):
        load_rules([tmp_path])


def test_a_fault_is_said_once_and_not_on_standard_error_too(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    fault(tmp_path, ("contains: gate", "re: '(?=gate)x'"))
    assert capfd.readouterr() == ("", "")


@pytest.mark.data
def test_the_rules_of_others_load() -> None:
    """OFFSWITCH_SIGMA_RULES names a folder of Sigma rules, such as SigmaHQ's rules/linux."""
    folder = os.environ.get("OFFSWITCH_SIGMA_RULES")
    if not folder:
        pytest.skip("OFFSWITCH_SIGMA_RULES names no folder of rules")
    loaded = load_rules([Path(folder)])
    assert len(loaded.rules) > 0
    assert all(rule.title for rule in loaded.rules)
