"""The agent's own program: where it is, whether the cell shows it, and which files it consists of."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from offswitch.errors import UsageError
from offswitch.guard.cell.guest import PATH

SYSTEM = ("/usr", "/etc", "/opt", "/bin", "/sbin", "/lib", "/lib64")
"""What every cell shows of the host, to read."""

_PACKAGE_FILES = ("package.json", "pyvenv.cfg")
"""What says that a folder is a package of npm, or a virtual environment of Python."""
_MOST_INTERPRETERS, _LONGEST_LINE = 4, 256
"""Scripts that run scripts, and the length of their first line, as the kernel takes them (execve(2))."""
_OF_ENVIRONMENT = ("bin", "etc", "include", "lib", "lib64", "share", "pyvenv.cfg")
"""What a virtual environment of Python consists of; made in a project's folder, that holds more."""
_MOST_LINKS = 40
"""As the kernel follows at most (path_resolution(7))."""


class Program(NamedTuple):
    """A program.

    Attributes:
        argv: what is run in the cell.
        path: the cell's PATH, in which it finds what it runs itself.
        files: the file and what it leads to; and the folders of their packages.
        needed: what the cell must show for it, beside what it shows anyway: the parts of a virtual
            environment, and the Python it was made from.
    """

    argv: tuple[str, ...]
    path: str
    files: tuple[Path, ...]
    needed: tuple[Path, ...]


class Shown(NamedTuple):
    """What the cell shows of the host, beside the system.

    Attributes:
        writable: folders the agent works in.
        readable: files and folders it may read.
    """

    writable: tuple[Path, ...] = ()
    readable: tuple[Path, ...] = ()


def locate(
    command: Iterable[str], start: Path, home: Path, environment: Mapping[str, str], shown: Shown
) -> Program:
    """Find a program on the host, as the person who names it means it.

    Args:
        command: the program, by name or path, and its arguments.
        start: the folder the agent starts in.
        home: the home folder, which is never shown whole.
        environment: the guard's own; its PATH is searched.
        shown: what the cell shows of the host.

    Raises:
        UsageError: if it is not there, or the cell would not show it.
    """
    name, *arguments = command
    found = str(start / name) if "/" in name else shutil.which(name, path=environment.get("PATH", os.defpath))
    if found is None or not os.access(found, os.X_OK) or Path(found).is_dir():
        raise UsageError(f"{name}: expected a program that can be run here")
    steps = [step for file in _started(found, environment) for step in _steps(file)]
    visible = [*map(Path, SYSTEM), *shown.writable, *shown.readable]
    packages = [one for one in map(_package, steps) if one and not home.is_relative_to(one)]
    needed: list[Path] = []
    for step in steps:
        if any(step.is_relative_to(place) for place in [*visible, *needed]):
            continue
        python = next((one for one in [*packages, _python(step)] if one and _is_python(one, step)), None)
        parts = [] if python is None or home.is_relative_to(python) else _parts(python)
        if not any(step.is_relative_to(part) for part in parts):
            raise UsageError(_unseen(name, step, packages))
        needed += parts
    folder = str(steps[0].parent)
    path = PATH if folder in PATH.split(":") else f"{folder}:{PATH}"
    own = [step for step in steps if step in steps[: len(_steps(steps[0]))] or not _is_of_system(step)]
    files = tuple(dict.fromkeys([*own, *_watched(packages, shown.writable)]))
    return Program((str(steps[0]), *arguments), path, files, tuple(needed))


def _is_of_system(path: Path) -> bool:
    return any(path.is_relative_to(place) for place in SYSTEM)


def _started(program: str, environment: Mapping[str, str]) -> list[Path]:
    """Return a program, and what the kernel starts for it if it is a script: its interpreter, and so on."""
    files = [Path(os.path.abspath(program))]  # noqa: PTH100 (links are followed one by one)
    while len(files) <= _MOST_INTERPRETERS and (interpreter := _interpreter(files[-1], environment)):
        files.append(interpreter)
    return files


def _interpreter(script: Path, environment: Mapping[str, str]) -> Path | None:
    try:
        with script.open("rb") as file:
            line = file.readline(_LONGEST_LINE)
    except OSError:  # it can be run and not read
        return None
    words = os.fsdecode(line[2:]).split() if line.startswith(b"#!") else []
    if words and Path(words[0]).name == "env":
        names = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
        words = [shutil.which(name, path=environment.get("PATH", os.defpath)) or "" for name in names[:1]]
    return Path(words[0]) if words and words[0].startswith("/") else None


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


def _watched(packages: list[Path], writable: tuple[Path, ...]) -> Iterator[Path]:
    """Yield packages whole, but for one that the agent's work lies in: of that what nobody works on."""
    for package in packages:
        if not any(work.is_relative_to(package) for work in writable):
            yield package
        elif (package / "pyvenv.cfg").is_file() and package not in writable:
            yield from _parts(package)


def _parts(python: Path) -> list[Path]:
    """Return what a Python consists of: the whole folder, or those parts of a virtual environment."""
    if not (python / "pyvenv.cfg").is_file():
        return [python]
    parts = [python / name for name in _OF_ENVIRONMENT]
    return [part for part in parts if part.exists() and not part.is_symlink()]


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
