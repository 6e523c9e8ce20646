"""What is known of the machine an agent acts on: folder, variables, functions, files it wrote."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from offswitch.effects.limits import MAX_FILE, MAX_FILES, MAX_NAME, MAX_NAMES

ANY = "**"
"""Text the analysis does not know: any characters, in a path any folders too."""


class Word(NamedTuple):
    """One word of a command after expansion.

    Attributes:
        text: what it says; `**` stands for what is not known, `*` and `?` for a glob.
        sure: whether the text is known and no glob.
    """

    text: str
    sure: bool = True


UNKNOWN = Word(ANY, sure=False)


def plain(text: str) -> Word:
    """Return a word of a text that may hold globs or unknown parts."""
    return Word(text, not any(sign in text for sign in "*?["))


def normalise(path: str) -> str:
    """Return a path without ".", ".." and doubled slashes."""
    path = posixpath.normpath(path[:MAX_NAME].replace("\0", ""))
    return path[1:] if path.startswith("//") else path


Function = Callable[[list[Word], Any, str | None], str | None]
"""Runs a shell function: with its arguments, in an analysis, with standard input; returns what it prints."""


@dataclass(slots=True)
class State:
    """What one action leaves for the next.

    Attributes:
        cwd: the working directory, or None if unknown.
        variables: shell variables set in the text.
        functions: shell functions, by name.
        files: content of files the agent wrote, by path; a file it wrote otherwise is not in it.
        arguments: `$1`, `$2` and so on of the function being run.
    """

    cwd: str | None = None
    variables: dict[str, Word] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    arguments: list[Word] = field(default_factory=list)

    def locate(self, name: str) -> str:
        """Return the path a name means here, as absolute as can be known."""
        if self.cwd and not name.startswith(("/", "~", ANY)):
            name = f"{self.cwd}/{name[:MAX_NAME]}"
        return normalise(name)

    def enter(self, folder: Word) -> None:
        """Change the working directory."""
        known = folder.sure and folder.text != "-"
        self.cwd = self.locate(folder.text or "~") if known else None
        if self.cwd and not self.cwd.startswith(("/", "~")):
            self.cwd = None

    def keep(self, path: str, content: str | None, *, more: bool = False) -> None:
        """Remember what a file holds, or with None forget it.

        Args:
            path: the file.
            content: the text written.
            more: whether it was appended to what was there.
        """
        before = self.files.pop(path, None)
        if content is None:
            return
        if more:
            content = (before or "") + content
        if len(content) <= MAX_FILE:
            self.files[path] = content
        while len(self.files) > MAX_FILES:
            del self.files[next(iter(self.files))]

    def rename(self, source: str, target: str, *, copy: bool = False) -> None:
        """Follow a file that was moved or copied."""
        content = self.files.get(source) if copy else self.files.pop(source, None)
        self.keep(target, content)

    def trim(self) -> None:
        """Forget what was set first if too much is kept from one action to the next."""
        self.arguments = []
        for names in (self.variables, self.functions):
            while len(names) > MAX_NAMES:
                del names[next(iter(names))]

    @contextmanager
    def inner_shell(self) -> Iterator[None]:
        """Undo what a subshell does to folder, variables and functions; files stay."""
        kept = self.cwd, dict(self.variables), dict(self.functions), self.arguments
        try:
            yield
        finally:
            self.cwd, self.variables, self.functions, self.arguments = kept
