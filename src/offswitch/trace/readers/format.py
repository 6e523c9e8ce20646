"""What a reader of one transcript format offers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from typing import BinaryIO, NamedTuple, Protocol

from offswitch.trace.readers.head import Head
from offswitch.trace.reading import Reading


class Share(NamedTuple):
    """A part of a file's runs, in their order: the `number`-th of `of` parts, from 0."""

    number: int = 0
    of: int = 1

    def slice(self, total: int) -> slice:
        """Return which of so many are in this part. All parts together hold each once."""
        return slice(total * self.number // self.of, total * (self.number + 1) // self.of)

    @property
    def first(self) -> bool:
        """Whether it is the first part."""
        return self.number == 0

    @property
    def last(self) -> bool:
        """Whether it is the last part."""
        return self.number == self.of - 1


WHOLE = Share()


class Source:
    """An open file that holds a transcript.

    Args:
        path: the file, as found under the path the user gave.
        file: the file, at its beginning; it can be sought in and has a file descriptor.
        head: its first bytes.
        share: the part of its runs that is wanted; only some formats look at it, see `can_share`.
    """

    def __init__(self, path: str, file: BinaryIO, head: Head, share: Share = WHOLE) -> None:
        self.path = path
        self.file = file
        self.head = head
        self.share = share
        self._names: dict[str, int] = {}

    @property
    def stem(self) -> str:
        """The file's name without folder and ending: names a run that has no name of its own."""
        return PurePath(self.path).stem

    def name(self, wanted: str) -> str:
        """A name for a run that no other run of this file has: the wanted one, or that and a number."""
        name = wanted = wanted or self.stem
        while name in self._names:
            self._names[wanted] += 1
            name = f"{wanted}#{self._names[wanted]}"
        self._names[name] = 1
        return name


class Format(Protocol):
    """One transcript format.

    Attributes:
        name: stable name, recorded in `Run.format`.
    """

    @property
    def name(self) -> str:
        """Stable name, recorded in `Run.format`."""
        ...

    def recognise(self, head: Head) -> bool:
        """Say whether a file that begins like this has this format; never raises."""
        ...

    def read(self, source: Source) -> Iterator[Reading]:
        """Yield the runs of a file, and what of it cannot be read.

        Raises:
            BrokenError: nothing more of the file can be read; the caller reports it.
            OSError: the file cannot be read any more; the caller reports it.
        """
        ...
