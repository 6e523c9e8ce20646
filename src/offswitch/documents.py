"""Reads YAML documents that people write into types; what is wrong is told with file and line."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from offswitch.errors import InputError
from offswitch.tables import LOADER

Read = TypeVar("Read")

_WORDS = {
    "`object | null`": "fields such as `name: value`, or nothing",
    "`array`": "a list",
    "`str`": "text",
    "`int`": "a whole number",
    "`float`": "a number",
    "`bool`": "true or false",
    "`object`": "fields such as `name: value`",
    "`null`": "nothing",
    " | ": " or ",
    " >= ": " of at least ",
    " <= ": " of at most ",
    " > ": " above ",
}
"""What msgspec calls things, and what people do."""
_LACK_QUOTES = {("`str`", f"`{kind}`") for kind in ("int", "float", "bool")}
_MOST_SHOWN = 80
_LARGEST = 1_000_000
"""Bytes; what people write is far below, and a larger file is a mistake."""


class Document:
    """A YAML file, with the lines its parts stand on.

    Args:
        source: the file.

    Attributes:
        content: what it holds, as lists, dicts and scalars.

    Raises:
        InputError: "FILE:LINE: what was expected", if it cannot be read, is empty, or is not YAML.
    """

    def __init__(self, source: Path | Traversable) -> None:
        self.source = source
        text = self._text()
        try:
            root = yaml.compose(text, Loader=LOADER)
            self.content: Any = yaml.load(text, Loader=LOADER)  # noqa: S506 (a safe loader)
        except (yaml.YAMLError, RecursionError) as failure:
            raise InputError(f"{source}{_line_of(failure)}: expected YAML: {_said(failure)}") from failure
        if root is None:
            raise InputError(f"{source}: expected fields such as `files:`; came: an empty file")
        self.root: yaml.Node = root
        self._refuse_repeated(root)

    def read(self, kind: type[Read], content: Any = None) -> Read:
        """Return the content, or another in its place, as a type.

        Raises:
            InputError: with the file, the line and what was expected.
        """
        try:
            return msgspec.convert(self.content if content is None else content, kind)
        except msgspec.ValidationError as failure:
            what, _, where = str(failure).partition(" - at `")
            where = where.removeprefix("key` in `").rstrip("`").removeprefix("$")
            field = what.partition("unknown field `")[2].rstrip("`")
            if field:
                known = ", ".join(_fields(kind, where))
                raise self.wrong(f"{where}.{field}", f"one of {known}", field) from failure
            expected, came = _explained(what, _type_at(kind, where))
            if self.node(where, exact=True) is not None and what.startswith("Expected"):
                came = self._came(where)
            raise self.wrong(where, expected, came) from failure

    def wrong(self, where: str, expected: str, came: object) -> InputError:
        """Return the error for a part of the document.

        Args:
            where: such as ".files.writable[2]".
            expected: what should have stood there.
            came: what does.
        """
        return InputError(f"{self._place(where)}: expected {expected}; came: {came}{_named(where)}")

    def each(self, where: str, check: Callable[[Any], object]) -> None:
        """Have every item of a list of the document checked.

        Args:
            where: the list, such as ".network.hosts"; it need not be there.
            check: raises ValueError, with what was expected, for an item that is wrong.

        Raises:
            InputError: for the first that is.
        """
        for number, node in enumerate(getattr(self.node(where, exact=True), "value", ())):
            try:
                check(getattr(node, "value", None))
            except ValueError as failure:
                expected = str(failure).removeprefix("expected ")
                raise self.wrong(f"{where}[{number}]", expected, node.value) from failure

    def node(self, where: str, *, exact: bool = False) -> yaml.Node | None:
        """Return the node at a path such as ".files.writable[2]", or the deepest one on the way to it.

        Args:
            where: the path.
            exact: None if it is not there.
        """
        node = self.root
        for step in filter(None, where.replace("[", ".[").split(".")):
            found = _below(node, step)
            if found is None:
                return None if exact else node
            node = found
        return node

    def _text(self) -> str:
        try:
            text = self.source.read_text(encoding="utf-8")
        except UnicodeDecodeError as failure:
            raise InputError(f"{self.source}: cannot be read: expected UTF-8 text") from failure
        except OSError as failure:
            raise InputError(f"{self.source}: cannot be read: {failure.strerror or failure}") from failure
        if len(text) > _LARGEST:
            raise InputError(f"{self.source}: expected at most {_LARGEST:,} characters; came: {len(text):,}")
        return text

    def _came(self, where: str) -> str:
        node = self.node(where)
        if not isinstance(node, yaml.ScalarNode):
            return "a list" if isinstance(node, yaml.SequenceNode) else "fields"
        if node.tag.endswith(":null"):
            return (
                f"{node.value}, which is nothing in YAML; in quotes it is text" if node.value else "nothing"
            )
        return str(node.value)[:_MOST_SHOWN]

    def _place(self, where: str) -> str:
        node = self.node(where)
        at = self.root if node is None else node
        return f"{self.source}:{at.start_mark.line + 1}"

    def _refuse_repeated(self, node: yaml.Node) -> None:
        """Refuse a field that is given twice: YAML takes the last one without a word."""
        todo, seen = [node], set[int]()
        while todo:
            node = todo.pop()
            if id(node) in seen or isinstance(node, yaml.ScalarNode):
                continue
            seen.add(id(node))
            if isinstance(node, yaml.SequenceNode):
                todo += node.value
                continue
            names = set[str]()
            for key, value in node.value:
                if str(key.value) in names:
                    line = key.start_mark.line + 1
                    raise InputError(
                        f"{self.source}:{line}: expected each field once; came: {key.value} again"
                    )
                names.add(str(key.value))
                todo.append(value)


def read_document(source: Path | Traversable, kind: type[Read]) -> Read:
    """Read a YAML file into a type.

    Raises:
        InputError: "FILE:LINE: what was expected", if it cannot be read or holds something else.
    """
    return Document(source).read(kind)


def _named(where: str) -> str:
    return f" (in {where.strip('.')})" if where.strip(".") else ""


def _said(failure: Exception) -> str:
    said = " ".join(str(getattr(failure, "problem", None) or failure).split())
    return f"{said}; is it indented with tabs?" if "cannot start any token" in said else said


def _line_of(failure: Exception) -> str:
    mark = getattr(failure, "problem_mark", None)
    return f":{mark.line + 1}" if mark is not None else ""


def _below(node: yaml.Node, step: str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and step[1:-1].isdigit():
        return next(iter(node.value[int(step[1:-1]) :]), None)
    return None


def _fields(kind: Any, where: str) -> list[str]:
    """Return the names of the fields that a type knows at a path."""
    return [one.name for one in getattr(_struct_of(_type_at(kind, where)), "fields", ())]


def _type_at(kind: Any, where: str) -> Any:
    """Return what stands at a path of a type."""
    found = msgspec.inspect.type_info(kind)
    for step in filter(None, where.replace("[", ".[").split(".")):
        found = _struct_of(found)
        if step[0] == "[" or step == "]":
            found = getattr(found, "item_type", getattr(found, "value_type", found))
        else:
            found = next((one.type for one in getattr(found, "fields", ()) if one.name == step), found)
    return found


def _explained(what: str, kind: Any) -> tuple[str, str]:
    """Return what msgspec expected, in words, and what came if it says that best."""
    field = what.partition("missing required field `")[2].rstrip("`")
    if field:
        return f"the field {field}", "none"
    value = what.partition("nvalid enum value ")[2].strip("'")
    if value:
        known: tuple[Any, ...] = getattr(getattr(kind, "key_type", kind), "values", ())
        return f"one of {', '.join(map(str, known))}", value
    wanted, _, got = what.removeprefix("Expected ").partition(", got ")
    hint = ", in quotes" if (wanted, got) in _LACK_QUOTES else ""
    for sign, words in _WORDS.items():
        wanted, got = wanted.replace(sign, words), got.replace(sign, words)
    return f"{wanted}{hint}", got


def _struct_of(found: Any) -> Any:
    """Return of a type that may be None the other one."""
    options = getattr(found, "types", None)
    return next((one for one in options if hasattr(one, "fields")), found) if options else found
