"""A process start, as a Sigma rule for Linux process creation sees it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

FOLDERS = ("/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/", "/usr/local/bin/")
"""Where a program called by its name may lie: rules name any of them."""

_LONGEST_NAME = 64
"""Characters of a name that is kept with its folders for the next time."""

_LONGEST = 1_000_000
"""Characters of a command line that are looked at: as many as the analysis of effects reads."""

Parent = tuple[str, str]
"""Image and command line of the process that started another."""


@lru_cache(maxsize=4_096)
def _folders_of(name: str) -> tuple[str, ...]:
    return tuple(folder + name for folder in FOLDERS)


def images_of(program: str) -> tuple[str, ...]:
    """Return the paths a program may have: its own if one was written, else its name in the usual folders."""
    if "/" in program:
        return (program,)
    return _folders_of(program) if len(program) <= _LONGEST_NAME else (FOLDERS[0] + program,)


class ProcessEvent:
    """One process start. A field that is not known is absent: no value of it.

    Args:
        program: the program, as it was called or as a path.
        line: its command line.
        parent: finds the process that started it, when a rule asks; None if it is not known.
    """

    __slots__ = ("_parent", "_texts", "line", "name")

    def __init__(self, program: str, line: str, parent: Callable[[], Parent | None]) -> None:
        self.line = line[:_LONGEST]
        self.name = program.rpartition("/")[2].lower()
        self._parent: Callable[[], Parent | None] | None = parent
        images = images_of(program)
        self._texts: dict[tuple[str, bool], tuple[str, ...]] = {
            ("Image", True): images,
            ("Image", False): tuple(image.lower() for image in images),
            ("CommandLine", True): (self.line,),
            ("CommandLine", False): (self.line.lower(),),
        }

    @property
    def haystack(self) -> str:
        """Image and command line in one lower-case text, to look for literals in."""
        return "\n".join((*self._texts["Image", False], self._texts["CommandLine", False][0]))

    def texts(self, field: str, *, cased: bool) -> tuple[str, ...]:
        """Return the values a field may have; none if it is not known.

        Args:
            field: the field, as Sigma names it.
            cased: as they are, or in lower case.
        """
        if self._parent is not None and field.startswith("Parent"):
            self._ask_parent()
        return self._texts.get((field, cased), ())

    def all_texts(self, *, cased: bool) -> tuple[str, ...]:
        """Return the values of all fields."""
        return (*self.texts("CommandLine", cased=cased), *self.texts("Image", cased=cased))

    def _ask_parent(self) -> None:
        assert self._parent is not None  # noqa: S101 (the caller has looked)
        parent, self._parent = self._parent(), None
        if parent is None:
            return
        images, line = images_of(parent[0]), parent[1][:_LONGEST]
        self._texts["ParentImage", True] = images
        self._texts["ParentImage", False] = tuple(image.lower() for image in images)
        self._texts["ParentCommandLine", True] = (line,)
        self._texts["ParentCommandLine", False] = (line.lower(),)
