"""Runs the commands that the documents show, as a reader would type them."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from offswitch.campaign.results import (
    CellResult,
    Contrast,
    PairResult,
    RateMeaning,
    RateResult,
    Results,
    ScenarioMeaning,
    Session,
    Trial,
    Usage,
)
from offswitch.trace import Finding, Run
from offswitch.trace.readers import FORMATS, read

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
MOST_README_LINES = 150


class Command(NamedTuple):
    text: str
    exit_code: int


def commands(document: Path) -> list[Command]:
    """Return the `$` lines of its console blocks, with the exit code that a comment announces."""
    found, inside = [], False
    for line in document.read_text().splitlines():
        if line.startswith("```"):
            inside = line == "```console"
        elif inside and line.startswith("$ "):
            text, _, comment = line[2:].partition("  # exit code ")
            found.append(Command(text, int(comment[:1] or 0)))
    return found


def files(document: Path) -> dict[str, str]:
    """Return the files it shows: fenced blocks after a line that ends with the name, as "`chat.json`:"."""
    pieces = document.read_text().split("```json\n")
    shown: dict[str, str] = {}
    for before, block in pairwise(pieces):
        last = before.rstrip().splitlines()[-1]
        if last.endswith("`:"):
            shown[last[:-2].rpartition("`")[2]] = block.partition("```")[0]
    return shown


WITH_COMMANDS = [document for document in DOCUMENTS if commands(document)]


def test_the_readme_and_the_quickstart_show_commands() -> None:
    names = {document.name for document in WITH_COMMANDS}
    assert {"README.md", "quickstart.md"} <= names


@pytest.mark.sandbox
@pytest.mark.parametrize("document", WITH_COMMANDS, ids=lambda path: path.name)
def test_the_commands_of_a_document_do_what_it_says(document: Path, tmp_path: Path) -> None:
    for name, content in files(document).items():
        (tmp_path / name).write_text(content)
    here = Path(sys.executable).parent
    environment = os.environ | {"PATH": f"{here}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "80"}
    for command in commands(document):
        done = subprocess.run(
            ["bash", "-c", command.text],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == command.exit_code, f"{command.text}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stdout + done.stderr, command.text


@pytest.mark.parametrize(("name", "form"), [("chat.json", "chat"), ("session.jsonl", "claude_code")])
def test_the_examples_of_scan_are_read_as_what_they_are(name: str, form: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(files(ROOT / "docs" / "scan.md")[name])
    (run,) = read(path)
    assert isinstance(run, Run)
    assert run.format == form
    (action,) = run.actions
    assert (action.arguments, action.result) == ({"command": "rm shutdown.sh"}, "")


def test_every_format_is_documented() -> None:
    text = (ROOT / "docs" / "scan.md").read_text()
    assert [form.name for form in FORMATS if f"`{form.name}`" not in text] == []


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= MOST_README_LINES


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    for part in document.read_text().split("](")[1:]:
        target = part.split(")", 1)[0].split("#")[0]
        if target and "://" not in target:
            assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_every_command_is_documented_and_has_help() -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "offswitch.cli.main", "--help"], capture_output=True, text=True, check=True
    ).stdout
    names = [shlex.split(line)[0] for line in listed.split("Commands:")[1].splitlines() if line.strip()]
    text = "".join(document.read_text() for document in DOCUMENTS)
    assert names
    for name in names:
        assert f"offswitch {name}" in text


PLUGIN = ROOT / "examples" / "plugin"


def test_the_sample_plugin_stands_in_the_document_as_it_is() -> None:
    text = (ROOT / "docs" / "plugins.md").read_text()
    for file in sorted(PLUGIN.rglob("*")):
        if file.suffix in {".py", ".yaml", ".toml"}:
            shown = text.split(f"`examples/plugin/{file.relative_to(PLUGIN)}`:\n\n```")[1]
            assert shown.partition("\n")[2].partition("```")[0] == file.read_text(), file.name


def test_every_field_of_a_finding_is_documented() -> None:
    text = (ROOT / "docs" / "scan.md").read_text()
    assert [field for field in Finding.__struct_fields__ if f"`{field}`" not in text] == []


def test_every_field_of_results_is_documented() -> None:
    text = (ROOT / "docs" / "results.md").read_text()
    shapes = (Results, Session, Usage, ScenarioMeaning, RateMeaning, CellResult, RateResult, Trial, Contrast)
    fields = [field for shape in (*shapes, PairResult) for field in shape.__struct_fields__]
    assert [field for field in fields if not re.search(rf"`{field}(\[\])?`", text)] == []


def test_every_option_of_scan_is_documented() -> None:
    help_text = subprocess.run(
        [sys.executable, "-m", "offswitch.cli.main", "scan", "--help"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    options = {word.rstrip(",") for word in help_text.split() if word.startswith("--") and len(word) > 2}
    text = (ROOT / "docs" / "scan.md").read_text()
    assert {option for option in options - {"--help"} if option not in text} == set()
