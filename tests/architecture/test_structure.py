"""What every room keeps to, checked by reading the source."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "offswitch"
MODULES = sorted(SOURCE.rglob("*.py"))
MOST_MODULE_LINES = 500
MOST_FUNCTION_LINES = 80
ROOMS = {
    "cli",
    "report",
    "campaign",
    "hosts",
    "scenarios",
    "organisms",
    "guard",
    "detectors",
    "effects",
    "stats",
    "trace",
}


def names() -> list[str]:
    return [str(module.relative_to(SOURCE)) for module in MODULES]


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("module", MODULES, ids=names())
def test_only_the_public_api_of_inspect_is_used(module: Path) -> None:
    for name in imports(ast.parse(module.read_text())):
        parts = name.split(".")
        private = parts[0].startswith("inspect_") and any(part.startswith("_") for part in parts[1:])
        assert not private, f"{module} imports {name}"


@pytest.mark.parametrize("module", MODULES, ids=names())
def test_modules_and_functions_stay_small(module: Path) -> None:
    text = module.read_text()
    assert len(text.splitlines()) <= MOST_MODULE_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= MOST_FUNCTION_LINES, f"{module}: {node.name} has {lines} lines"


def test_the_rooms_are_those_of_the_design() -> None:
    found = {folder.name for folder in SOURCE.iterdir() if folder.is_dir() and folder.name[0] != "_"}
    assert found == ROOMS


def test_no_module_is_a_drawer() -> None:
    drawers = {"util", "utils", "common", "helpers", "misc"}
    assert not [module for module in MODULES if module.stem in drawers]


@pytest.mark.parametrize("module", MODULES, ids=names())
def test_production_code_never_asks_whether_it_is_under_test(module: Path) -> None:
    text = module.read_text()
    for sign in ("PYTEST_CURRENT_TEST", "sys.modules", "unittest", "import pytest"):
        assert sign not in text


@pytest.mark.parametrize("module", MODULES, ids=names())
def test_agent_text_never_meets_eval_or_a_backtracking_regex(module: Path) -> None:
    tree = ast.parse(module.read_text())
    assert "re" not in {name.split(".")[0] for name in imports(tree)}, "`re` backtracks; see DESIGN"
    called = {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not called & {"exec", "compile"}
    if not module.is_relative_to(SOURCE / "campaign"):  # Inspect's function for running a task is called eval
        assert "eval" not in called


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_a_rooms_public_names_exist_and_are_sorted(room: str) -> None:
    package = import_module(f"offswitch.{room}")
    public = getattr(package, "__all__", [])
    assert len(public) == len(set(public))
    assert all(hasattr(package, name) for name in public)


def test_the_core_installs_without_inspect() -> None:
    """What `offswitch scan` and the cell import must not bring in the evaluation half."""
    code = (
        "import sys, offswitch.cli.commands, offswitch.cli.scan, offswitch.detectors;"
        "import offswitch.guard.cell.starting;"
        "heavy = {'inspect_ai', 'scipy', 'numpy', 'statsmodels', 'pandas', 'jinja2', 'openai'};"
        "heavy &= set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
