"""The versions that are installed for development also install on the oldest Python we promise."""

from __future__ import annotations

import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PINS = [Requirement(line) for line in (ROOT / "constraints.txt").read_text().splitlines() if line.strip()]
OLDEST = Version("3.11.0")


def test_the_oldest_python_promised_is_the_one_checked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    promised = SpecifierSet(project["requires-python"])
    assert OLDEST in promised
    assert Version("3.10.99") not in promised


def test_every_pin_is_one_exact_version_of_a_package_named_once() -> None:
    names = [pin.name.lower().replace("_", "-") for pin in PINS]
    assert len(names) == len(set(names))
    assert [str(pin) for pin in PINS if [one.operator for one in pin.specifier] != ["=="]] == []


def test_every_pinned_version_admits_the_oldest_python() -> None:
    refusing, other = [], []
    for pin in PINS:
        try:
            installed = metadata(pin.name)
        except PackageNotFoundError:
            other.append(f"{pin.name} is not installed")
            continue
        if not pin.specifier.contains(installed["Version"], prereleases=True):
            other.append(f"{pin} is pinned, {installed['Version']} installed")
        if OLDEST not in SpecifierSet(installed["Requires-Python"] or ""):
            refusing.append(f"{pin} needs Python {installed['Requires-Python']}")
    assert refusing == []
    assert other == [], "run: make setup-dev"
