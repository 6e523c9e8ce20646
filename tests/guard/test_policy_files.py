"""Policy files: what is wrong is told with the file, the line and what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from offswitch.errors import InputError, UnknownNameError
from offswitch.guard.policy import load, names_of_keys
from offswitch.guard.policy.model import Policy

WRONG = [
    (
        "files: {writeable: [.]}",
        1,
        "expected one of writable, readable, sealed, hidden, open, ",
    ),
    ("about: x\nfile: {}", 2, "expected one of base, about, files"),
    ("files:\n  writable: src", 2, "expected a list; came: src (in files.writable)"),
    ("files:\n  writable:\n    - src\n    - 7", 4, "expected text, in quotes; came: 7"),
    ("files:\n  sealed: ['~other/x']", 2, "expected a path; of home folders only one's own, ~/x"),
    ("files:\n  sealed: ['*.key']", 2, "expected a path without *"),
    ("files:\n  sealed:\n    - a\n    - ''", 4, "expected a path"),
    ("base: nonesuch", 1, "expected one of claude_code, codex, openhands, plain; came: nonesuch"),
    ("about: x\nnetwork:\n  hosts:\n    - example.org\n    - 'a b'", 5, "expected a host such as"),
    ("network:\n  hosts: ['example.org:99999']", 2, "expected a port from 1 to 65535"),
    ("network:\n  conditions:\n    - when: host ==\n      then: deny", 3, "expected"),
    ("network:\n  conditions:\n    - when: 'nonesuch > 1'\n      then: deny", 3, "expected"),
    (
        "network:\n  conditions:\n    - when: 'port > 1'\n      then: perhaps",
        4,
        "one of deny, hold, stop; came: perhaps",
    ),
    ("network: {connections: 0}", 1, "a whole number of at least 1; came: 0"),
    ("model:\n  url: api.example.org\n  key: K", 2, "expected an address such as https://api.example.org"),
    ("model:\n  url: https://x.org\n  key: K\n  header: 'a: b'", 4, "expected the name of a header"),
    ('model:\n  url: https://x.org\n  key: K\n  prefix: "a\\nb"', 4, "expected plain text"),
    ("model: {url: 'https://x.org'}", 1, "expected the field key; came: none"),
    ("environment:\n  keep: [LANG, GH_TOKEN]", 2, "expected GH_TOKEN named under environment.secrets too"),
    ("limits:\n  memory_mb: 0", 2, "a whole number of at least 1"),
    ("stop:\n  lease_seconds: -1", 2, "expected a number above 0"),
    ("stop:\n  on_change: ignore", 2, "one of report, stop; came: ignore"),
    ("checks: {seal_seconds: often}", 1, "expected a number; came: often"),
    ("protect:\n  weights: shown", 2, "one of hidden, open, sealed; came: shown"),
    ("protect:\n  nonesuch: open", 2, "came: nonesuch"),
    (
        "assets:\n  - name: x\n    role: nonesuch\n    patterns: [path: x]",
        3,
        "expected a role, one of shutdown",
    ),
    ("assets:\n  - role: weights\n    patterns: [path: x]", 2, "expected the field 'name'"),
    ("about: a\nabout: b", 2, "expected each field once; came: about again"),
    ("a: b: c", 1, "expected YAML"),
    ("", None, "an empty file"),
    ("- a", 1, "expected fields such as `name: value`; came: a list"),
    ("files:\n\twritable: [.]", 2, "is it indented with tabs?"),
    ("files:\n  writable: [~]", 2, "came: ~, which is nothing in YAML; in quotes it is text"),
    ("environment: {set: {DEBUG: 1}}", 1, "expected text, in quotes; came: a whole number"),
    ("network: {hosts: ['https://x.org/y']}", 1, "without https:// and path; came: https://x.org/y"),
]


def policy_file(folder: Path, text: str) -> Path:
    file = folder / "offswitch.yaml"
    file.write_text(text)
    return file


@pytest.mark.parametrize(("text", "line", "said"), WRONG)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, line: int | None, said: str) -> None:
    file = policy_file(tmp_path, text)
    with pytest.raises(InputError) as told:
        load.load(file)
    place = f"{file}:{line}: " if line else f"{file}: "
    assert str(told.value).startswith(place), str(told.value)
    assert said.lower() in str(told.value).lower()
    assert "\n" not in str(told.value)


def test_a_file_that_is_no_text_or_not_there_is_told(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    with pytest.raises(InputError, match=r"p\.yaml: cannot be read: No such file"):
        load.load(file)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="expected UTF-8 text"):
        load.load(file)
    file.write_text("# " + "x" * 1_000_001)
    with pytest.raises(InputError, match="expected at most 1,000,000 characters"):
        load.load(file)


@pytest.mark.parametrize("name", load.names())
def test_each_shipped_policy_is_whole(name: str) -> None:
    policy = load.shipped(name)
    assert policy.about
    assert "offswitch.yaml" in policy.files.sealed
    assert ".env" in policy.files.hidden
    assert policy.stop == Policy().stop, "no shipped policy is laxer than the default"
    assert {"git-commands", "editor-commands"} <= {asset.name for asset in policy.assets}
    assert (policy.model is not None) == (name != "plain")


def test_a_base_that_is_not_there_is_told() -> None:
    with pytest.raises(UnknownNameError, match="claude_code"):
        load.shipped("nonesuch")


def test_lists_are_added_to_those_of_the_base_and_other_settings_replace_its_own(tmp_path: Path) -> None:
    text = (
        "base: claude_code\nfiles: {writable: [/srv/x]}\nmodel: {url: 'https://other.org', key: K}\n"
        "stop: {on_change: report}\nassets: [{name: mine, role: weights, patterns: [path: w.bin]}]\n"
    )
    policy = load.load(policy_file(tmp_path, text))
    assert policy.files.writable == (".", "/srv/x")
    assert policy.model is not None
    assert (policy.model.url, policy.model.header) == ("https://other.org", "x-api-key")
    assert policy.stop.on_change == "report"
    assert policy.stop.on_breach == "stop"
    assert [asset.name for asset in policy.assets][-1] == "mine"


def test_a_setting_that_is_the_default_too_replaces_that_of_the_base(tmp_path: Path) -> None:
    policy = load.load(
        policy_file(tmp_path, "base: codex\nmodel: {key: K, url: 'https://x.org', prefix: ''}")
    )
    assert policy.model is not None
    assert policy.model.prefix == ""


def test_a_policy_without_a_base_is_based_on_plain(tmp_path: Path) -> None:
    policy = load.load(policy_file(tmp_path, "network: {hosts: [example.org]}"))
    assert policy.base == "plain"
    assert policy.files.hidden == (".env", ".envrc")


def test_an_empty_default_file_is_the_placeholder_of_another_guard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    policy_file(tmp_path, "")
    assert load.find(None)[1] is None
    policy_file(tmp_path, "about: mine")
    assert load.find(None)[0].about == "mine"
    with pytest.raises(InputError, match="expected a policy's file, or one of claude_code"):
        load.find("nonesuch")


@pytest.mark.parametrize(
    "name",
    [
        "GH_TOKEN",
        "OPENAI_API_KEY",
        "AWS_SECRET_ACCESS_KEY",
        "DB_PASSWORD",
        "SSH_AUTH_SOCK",
        "MYAPIKEY",
        "API_KEYS",
        "github_pat",
        "DBUS_SESSION_BUS_ADDRESS",
        "GOOGLE_APPLICATION_CREDENTIALS",
    ],
)
def test_names_of_variables_that_hold_keys(name: str) -> None:
    assert names_of_keys.is_one(name)


@pytest.mark.parametrize(
    "name", ["PATH", "LANG", "KEYBOARD", "TERM", "TOKENIZERS_PARALLELISM", "PATTERN", "TZ"]
)
def test_names_of_variables_that_hold_none(name: str) -> None:
    assert not names_of_keys.is_one(name)


def test_a_key_that_is_named_twice_is_kept(tmp_path: Path) -> None:
    text = "environment: {keep: [GH_TOKEN], secrets: [GH_TOKEN]}"
    assert "GH_TOKEN" in load.load(policy_file(tmp_path, text)).environment.keep
