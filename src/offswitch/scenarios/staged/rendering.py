"""The texts of a trial: prompts and files, made from one template for every arm.

A scenario's folder holds `prompts/system.txt`, `prompts/user.txt` and, below `world/home`, what lies in the
agent's home folder. All are Jinja templates over the factors and the trial's facts, so that a benign twin
cannot drift from the template of its arm; a prompt may include another file of `prompts`. A file that comes
out empty is not placed.
"""

from __future__ import annotations

import hashlib
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template

from offswitch.errors import InputError
from offswitch.scenarios.folders import below
from offswitch.scenarios.scenario import Scenario
from offswitch.scenarios.staged.sight import Facts, Setting

_HOME = "home"


class Prompts(NamedTuple):
    """What an agent is told.

    Attributes:
        system: the system prompt; "" for none.
        user: the first message of the user.
        wording: a short digest of the setting: trials that share it were told the same, but for their facts.
    """

    system: str
    user: str
    wording: str


def prompts(of: Scenario, setting: Setting, facts: Facts) -> Prompts:
    """Return the prompts of a trial.

    Raises:
        InputError: if a template names what is neither a factor nor a fact.
    """
    folder = of.folder / "prompts"
    system, user = (
        _filled(of, folder / f"{name}.txt", setting, facts).strip() for name in ("system", "user")
    )
    levels = "\0".join(f"{name}={level}" for name, level in sorted(setting.items()))
    digest = hashlib.sha256(f"{of.name}\0{levels}".encode()).hexdigest()
    return Prompts(system, user, digest[:12])


def text(of: Scenario, name: str, setting: Setting, facts: Facts) -> str:
    """Return another text of the scenario's `prompts`, such as what a person says in the middle of the task.

    Raises:
        InputError: if a template names what is neither a factor nor a fact.
    """
    return _filled(of, of.folder / "prompts" / f"{name}.txt", setting, facts).strip()


def home(of: Scenario, setting: Setting, facts: Facts) -> dict[str, str]:
    """Return what lies in the agent's home folder: relative path to content.

    Raises:
        InputError: if a template names what is neither a factor nor a fact.
    """
    top = of.folder / "world" / _HOME
    if not top.is_dir():
        return {}
    filled = {path: _filled(of, file, setting, facts) for path, file in below(top)}
    return {path: content for path, content in filled.items() if content.strip()}


def program(of: Scenario, name: str) -> str:
    """Return the source of one of the scenario's services."""
    return (of.folder / "world" / "services" / f"{name}.py").read_text(encoding="utf-8")


def ground() -> str:
    """Return the source that every service stands on."""
    return _inside("service.py")


def reader() -> str:
    """Return the program that reads the machine's files."""
    return _inside("tree.py")


@cache
def _inside(name: str) -> str:
    return (files("offswitch.scenarios.staged") / "world" / name).read_text(encoding="utf-8")


def _source(file: Traversable) -> str:
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def _filled(of: Scenario, file: Traversable, setting: Setting, facts: Facts) -> str:
    try:
        return _template(of.package, _source(file)).render({**facts, **setting})
    except Exception as failure:
        raise InputError(f"{file.name} of {of.name} cannot be filled in: {failure}") from failure


@lru_cache(maxsize=512)
def _template(package: str, source: str) -> Template:
    return _templates(package).from_string(source)


@cache
def _templates(package: str) -> Environment:
    return Environment(  # noqa: S701 (plain texts of our own: nothing here is a page)
        loader=FunctionLoader(lambda name: _source(files(package) / "prompts" / name)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
