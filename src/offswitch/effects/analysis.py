"""The analysis of one action: collects effects, counts against the limits, opens code inside code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from offswitch.effects.limits import (
    MAX_DEPTH,
    MAX_EFFECTS,
    MAX_EXPANDED,
    MAX_FILE,
    MAX_NAME,
    MAX_NODES,
    MAX_TEXT,
    MAX_WORDS,
    PARSE_SECONDS,
    LimitError,
    shorten,
)
from offswitch.effects.state import State, Word
from offswitch.trace import Effect, Target, TargetKind, Verb

Interpreter = Callable[[str, "Analysis", str | None], str | None]
"""Reads code in one language, given what is on its standard input; returns what it prints, if known."""

Handler = Callable[[Any, "Analysis"], str | None]
"""Does what one command does that no table can say; returns what it prints, if known."""

_START_UP = frozenset(
    {".bashrc", ".bash_profile", ".bash_login", ".bash_aliases", ".profile", ".zshrc", ".zshenv", ".zprofile"}
    | {"bash.bashrc", "profile"}
)

_NO_FILES = ("/dev/null", "/dev/stdout", "/dev/stderr", "/dev/stdin", "/dev/tty", "/dev/fd/**")


class Analysis:
    """Effects of one action, as far as they have been found.

    Attributes:
        state: what is known of the machine.
        doubt: how many branches deep we are that may not be taken.
        evidence: the piece of text being read.
    """

    def __init__(
        self, state: State, languages: Mapping[str, Interpreter], handlers: Mapping[Any, Handler]
    ) -> None:
        self.state = state
        self.doubt = 0
        self.evidence = ""
        self.parse_seconds = PARSE_SECONDS
        self._languages = languages
        self._handlers = handlers
        self._running: set[str] = set()
        self._effects: dict[tuple[Verb, TargetKind, str, str | None], Effect] = {}
        self._commands: list[tuple[str, ...]] = []
        self._nodes = MAX_NODES
        self._text = MAX_TEXT
        self._expanded = MAX_EXPANDED
        self._depth = 0

    @property
    def commands(self) -> tuple[tuple[str, ...], ...]:
        """The commands found, each as its words, in the order they would run."""
        return tuple(self._commands)

    @property
    def effects(self) -> tuple[Effect, ...]:
        """The effects found, each verb and target once, in the order they were found."""
        return tuple(self._effects.values())

    def ran(self, words: list[Word]) -> None:
        """Note a command that would run."""
        if len(self._commands) < MAX_EFFECTS:
            self._commands.append(tuple(word.text[:MAX_NAME] for word in words[: 4 * MAX_WORDS]))

    def add(  # noqa: PLR0913
        self,
        verb: Verb,
        kind: TargetKind,
        word: Word,
        via: str,
        destination: str | None = None,
        *,
        content: str | None = None,
    ) -> None:
        """Note an effect on a target; a path is made absolute where that is possible."""
        value = word.text[:MAX_NAME]
        if kind == "path":
            value = self.state.locate(value)
            if value in _NO_FILES:
                return
            self._follow(verb, value, destination)
        sure = word.sure and not self.doubt
        key = (verb, kind, value, destination)
        known = self._effects.get(key)
        if known is not None and (known.certainty == "definite" or not sure):
            return
        if len(self._effects) >= MAX_EFFECTS:
            raise LimitError(f"more than {MAX_EFFECTS} effects")
        self._effects[key] = Effect(
            verb=verb,
            target=Target(kind, value),
            certainty="definite" if sure else "possible",
            evidence=shorten(self.evidence),
            via=via,
            destination=destination,
            content=content[:MAX_FILE] if content is not None else None,
        )

    def _follow(self, verb: Verb, path: str, destination: str | None) -> None:
        if verb in {"move", "copy"} and destination is not None:
            self.state.rename(path, destination, copy=verb == "copy")
        elif verb in {"delete", "move"}:
            self.state.keep(path, None)

    def wrote(self, path: str, content: str | None, *, more: bool = False) -> None:
        """Remember what a file holds; what a new shell will run at its start may run."""
        self.state.keep(path, content, more=more)
        if content and path.rpartition("/")[2] in _START_UP:
            self.may_run(content)

    def may_run(self, code: str) -> None:
        """Read shell text that a later shell may run."""
        with self.in_doubt(), self.state.inner_shell():
            self.unfold("shell", code)

    def give_up(self, reason: str) -> None:
        """Note that the action could not be analysed to its end."""
        self._effects["undecided", "command", reason, None] = Effect(
            verb="undecided",
            target=Target("command", reason),
            certainty="possible",
            evidence=shorten(self.evidence),
            via=reason,
        )

    def spend(self, pieces: int = 1) -> None:
        """Count pieces of syntax.

        Raises:
            LimitError: if they are too many.
        """
        self._nodes -= pieces
        if self._nodes < 0:
            raise LimitError(f"more than {MAX_NODES} pieces of syntax")

    def charge(self, text: str) -> str:
        """Count text that was made from other text, and return it.

        Raises:
            LimitError: if it is too much.
        """
        self._expanded -= len(text)
        if self._expanded < 0:
            raise LimitError(f"expands to more than {MAX_EXPANDED} characters")
        return text

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """Count one level of nesting.

        Raises:
            LimitError: if it is one too many.
        """
        if self._depth >= MAX_DEPTH:
            raise LimitError(f"nested deeper than {MAX_DEPTH}")
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    @contextmanager
    def in_doubt(self, *, doubtful: bool = True) -> Iterator[None]:
        """Mark what is found meanwhile as possible only."""
        self.doubt += doubtful
        try:
            yield
        finally:
            self.doubt -= doubtful

    def unfold(self, language: str, code: str, stdin: str | None = None) -> str | None:
        """Analyse code found inside other code, and return what it prints, if known.

        Raises:
            LimitError: if it is too long or too deep.
        """
        self._text -= len(code)
        if self._text < 0:
            raise LimitError(f"longer than {MAX_TEXT} characters")
        evidence = self.evidence
        with self.deeper():
            self.evidence = code
            printed = self._languages[language](code, self, stdin)
        self.evidence = evidence
        return printed

    def handle(self, name: str, call: Any) -> str | None:
        """Do what a command does that no table can say, and return what it prints, if known."""
        return self._handlers[name](call, self)

    def calls_function(self, name: str) -> bool:
        """Say whether a name is a shell function here; inside itself it is the program it stands before."""
        return name in self.state.functions and name not in self._running

    def call(self, name: str, arguments: list[Word], stdin: str | None) -> str | None:
        """Run a shell function of the text, and return what it prints, if known."""
        self._running.add(name)
        with self.deeper():
            printed = self.state.functions[name](arguments, self, stdin)
        self._running.discard(name)
        return printed
