"""Real, unmodified coding agents from their registry, installed into a temporary folder."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from guarding import open_folder

VERSIONS = {"@anthropic-ai/claude-code": "2.1.197", "@openai/codex": "0.169.0"}


@pytest.fixture(scope="session")
def installed() -> Iterator[dict[str, Path]]:
    """Both agents, each in a folder of its own."""
    npm = shutil.which("npm")
    if npm is None:
        missing("npm is not installed")
    with contextlib.ExitStack() as folders:
        yield {package: install(folders.enter_context(open_folder()), npm, package) for package in VERSIONS}


@pytest.fixture
def on_path(installed: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the installed programs where a user has them."""
    folders = [str(folder / "node_modules" / ".bin") for folder in installed.values()]
    monkeypatch.setenv("PATH", os.pathsep.join([*folders, os.environ["PATH"]]))


def install(folder: Path, npm: str, package: str) -> Path:
    done = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--silent", f"{package}@{VERSIONS[package]}"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    if done.returncode:
        missing(f"{package} cannot be installed: {done.stderr[-200:]}")
    return folder


def missing(why: str) -> NoReturn:
    """Skip; under CI, where there is a network, that is a failure."""
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)
