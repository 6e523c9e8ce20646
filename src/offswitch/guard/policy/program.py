"""The agent's own program: where it is, whether the cell shows it, and which files it consists of."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from offswitch.errors import UsageError
from offswitch.guard.cell.guest import PATH

SYSTEM = ("/usr", "/etc", "/opt", "/bin", "/sbin", "/lib", "/lib64")
"""What every cell shows of the host, to read."""

_PACKAGE_FILES = ("package.json", "pyvenv.cfg")
"""What says that a folder is a package of npm, or a virtual environment of Python."""
_MOST_LINKS = 40
"""As the kernel follows at most (path_resolution(7))."""


class Program(NamedTuple):
    """A program.

    Attributes:
        argv: what is run in the cell.
        path: the cell's PATH, in which it finds what it runs itself.
        files: the file and what it leads to; and the folders of their packages.
        needed: folders that the cell must show for it, beside those it shows anyway: a virtual environment,
            and the Python it was made from.
    """

    argv: tuple[str, ...]
    path: str
    files: tuple[Path, ...]
    needed: tuple[Path, ...]


def locate(
    command: Iterable[str], start: Path, home: Path, environment: Mapping[str, str], visible: Iterable[Path]
) -> Program:
    """Find a program on the host, as the person who names it means it.

    Args:
        command: the program, by name or path, and its arguments.
        start: the folder the agent starts in.
        home: the home folder, which is never shown whole.
        environment: the guard's own; its PATH is searched.
        visible: files and folders of the host that the cell shows, beside the system.

    Raises:
        UsageError: if it is not there, or the cell would not show it.
    """
    name, *arguments = command
    found = str(start / name) if "/" in name else shutil.which(name, path=environment.get("PATH", os.defpath))
    if found is None or not os.access(found, os.X_OK) or Path(found).is_dir():
        raise UsageError(f"{name}: expected a program that can be run here")
    steps = _steps(Path(os.path.abspath(found)))  # noqa: PTH100 (links are followed one by one)
    shown = [*map(Path, SYSTEM), *visible]
    packages = [one for one in map(_package, steps) if one and not home.is_relative_to(one)]
    needed: list[Path] = []
    for step in steps:
        if any(step.is_relative_to(place) for place in [*shown, *needed]):
            continue
        python = next((one for one in [*packages, _python(step)] if one and _is_python(one, step)), None)
        if python is None or home.is_relative_to(python):
            raise UsageError(_unseen(name, step, packages))
        needed.append(python)
    folder = str(steps[0].parent)
    path = PATH if folder in PATH.split(":") else f"{folder}:{PATH}"
    files = tuple(dict.fromkeys([*steps, *packages]))
    return Program((str(steps[0]), *arguments), path, files, tuple(needed))


def _unseen(name: str, step: Path, packages: list[Path]) -> str:
    inside = shutil.which(name, path=PATH)
    other = f"; or name the one that it shows, {inside}" if inside else ""
    folders = ", ".join(dict.fromkeys(map(str, packages))) or str(step.parent)
    return (
        f"the cell does not show {step}, where {name} is; add it, or the folder of its package ({folders}), "
        f"to the policy's files.readable{other}"
    )


def _is_python(folder: Path, step: Path) -> bool:
    """Whether a folder is a virtual environment, or a whole Python, in which a program lies."""
    whole = (folder / "pyvenv.cfg").is_file() or any(folder.glob("lib/python3*/os.py"))
    return whole and step.is_relative_to(folder)


def _python(step: Path) -> Path | None:
    return step.parent.parent if step.parent.name == "bin" else None


def _steps(path: Path) -> list[Path]:
    """Return a path and each that its links lead to."""
    steps = [path]
    while path.is_symlink() and len(steps) < _MOST_LINKS:
        path = Path(os.path.normpath(path.parent / path.readlink()))
        steps.append(path)
    resolved = path.resolve()
    return [*steps, resolved] if resolved not in steps else steps


def _package(path: Path) -> Path | None:
    """Return the folder of the package that a program belongs to."""
    for folder in path.parents:
        if folder.name in {"node_modules", "home", ""} or str(folder) in SYSTEM:
            return None
        if any((folder / name).is_file() for name in _PACKAGE_FILES):
            return folder
    return None
