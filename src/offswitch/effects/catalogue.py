"""What commands do to their operands: the tables in `commands/` and those of plug-ins, loaded once."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

import msgspec
import yaml

from offswitch.effects.tables import tables_of
from offswitch.errors import InputError
from offswitch.trace import TargetKind, Verb

Language = Literal["shell", "python", "patch"]

Handler = Literal[
    "alias",
    "base64",
    "cat",
    "cd",
    "echo",
    "eval",
    "find",
    "grep",
    "list",
    "printf",
    "read",
    "tee",
    "trap",
    "xargs",
]
"""Commands whose work a table cannot say; `handlers/` has one function for each."""


class Constant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An effect that does not depend on the operands."""

    verb: Verb
    kind: TargetKind
    value: str


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one command does. Options are written with their dashes.

    Attributes:
        operands: what happens to every operand.
        last: what happens to the last operand if there are several: it is where the others go.
        kind: what operands are.
        values: options that take a value.
        skip: operands at the front that are no targets, such as a pattern or a duration.
        skip_unless: options that make the skipped operand unnecessary.
        mode: the skipped operand is a file mode.
        into: options whose value is the folder the operands go to.
        targets: options whose value is itself a target.
        when: options that change what happens to the operands.
        flags: options that have an effect of their own.
        always: effects it has in any case.
        keys: operands of the form key=target.
        recursive: options that extend the effect to everything below.
        wraps: the remaining operands are a command.
        code: options whose value is code.
        joined: all operands together are code.
        script: the first operand is a script in this language; without one, standard input is.
        here: the script runs in the shell that calls it, which keeps its folder and variables.
        modules: options whose value is a Python module to run.
        handler: what a table cannot say.
    """

    operands: Verb | None = None
    last: Verb | None = None
    kind: TargetKind = "path"
    values: tuple[str, ...] = ()
    skip: int = 0
    skip_unless: tuple[str, ...] = ()
    mode: bool = False
    into: tuple[str, ...] = ()
    targets: dict[str, Verb] = {}
    when: dict[str, Verb] = {}
    flags: dict[str, Constant] = {}
    always: tuple[Constant, ...] = ()
    keys: dict[str, Verb] = {}
    recursive: tuple[str, ...] = ()
    wraps: bool = False
    code: dict[str, Language] = {}
    joined: Language | None = None
    script: Language | None = None
    here: bool = False
    modules: tuple[str, ...] = ()
    handler: Handler | None = None

    def takes_value(self, option: str) -> bool:
        """Say whether the next word belongs to an option."""
        return (
            option in self.values
            or option in self.code
            or option in self.targets
            or option in self.into
            or option in self.modules
        )


Catalogue = dict[str, Rule]


def load(text: str, source: str) -> Catalogue:
    """Read rules: command names, or a command and its subcommand, to what they do.

    One line may name several commands, separated by commas.

    Raises:
        InputError: if the text is not such a table.
    """
    try:
        table = yaml.load(text, Loader=_loader())  # noqa: S506 (a safe loader)
        rules = msgspec.convert(table, dict[str, Rule])
    except (yaml.YAMLError, msgspec.ValidationError) as failure:
        raise InputError(f"{source}: expected a table of commands: {failure}") from failure
    catalogue: Catalogue = {}
    for names, rule in rules.items():
        for name in names.split(","):
            if name.strip() in catalogue:
                raise InputError(f"{source}: {name.strip()!r} stands there twice")
            catalogue[name.strip()] = rule
    return catalogue


@cache
def catalogue() -> Catalogue:
    """Return the rules that come with this package, and those of installed plug-ins.

    A plug-in names a YAML file, a `Path` or `Traversable`, as entry point of the group `offswitch.commands`.

    Raises:
        InputError: if a table is broken, or two of them name one command.
        PluginError: if a plug-in cannot be loaded.
    """
    rules: Catalogue = {}
    for source in tables_of("commands", "offswitch.commands"):
        for name, rule in load(source.read_text(encoding="utf-8"), source.name).items():
            if name in rules:
                raise InputError(f"{source.name}: {name!r} stands in another table too")
            rules[name] = rule
    return rules


def look_up(name: str) -> Rule | None:
    """Return the rule for a program, by its name with or without a version."""
    known = catalogue()
    return known.get(name) or known.get(name.rstrip("0123456789."))


def _loader() -> Any:
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)
