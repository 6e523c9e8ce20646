"""One command with its words: what the catalogue says it does, and the commands and code inside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from offswitch.effects.analysis import Analysis
from offswitch.effects.catalogue import Constant, Rule, look_up
from offswitch.effects.state import UNKNOWN, Word
from offswitch.trace import Verb

_NOTHING = Rule()
_MODE_SIGNS = frozenset("rwxXst")
_PYTHON_MARKS = (".py", "python")


@dataclass(slots=True)
class Call:
    """A command line taken apart.

    Attributes:
        name: the program, without its folder.
        rule: what the catalogue says about it.
        words: everything after the name.
        operands: what is neither an option nor its value.
        options: options in order, with their value or None.
        stdin: what is on its standard input, if known.
    """

    name: str
    rule: Rule
    words: list[Word]
    stdin: str | None
    operands: list[Word] = field(default_factory=list)
    options: list[tuple[str, Word | None]] = field(default_factory=list)

    def has(self, options: tuple[str, ...] | dict[str, Verb] | dict[str, Constant]) -> str | None:
        """Return the first option given that is among these, or None."""
        return next((option for option, _ in self.options if option in options), None)

    def split(self) -> None:
        """Take options and operands apart. A wrapper's options end where its command begins."""
        words = iter(self.words)
        only_operands = False
        for word in words:
            text = word.text
            if only_operands or len(text) < 2 or text[0] != "-" or self._is_mode(text):
                self.operands.append(word)
                only_operands = only_operands or self.rule.wraps
                if self.rule.script and len(self.operands) == 1:
                    only_operands = True
            elif text == "--":
                only_operands = True
            else:
                self._option(text, word, words)
                last = self.options[-1][0]
                only_operands = last in self.rule.code or last in self.rule.modules

    def _option(self, text: str, word: Word, words: Iterator[Word]) -> None:
        rule = self.rule
        name, equals, value = text.partition("=")
        if equals and name.startswith("--"):
            self.options.append((name, Word(value, word.sure)))
        elif rule.takes_value(text):
            self.options.append((text, next(words, UNKNOWN)))
        elif text.startswith("--"):
            self.options.append((text, None))
        else:
            self._cluster(text, word, words)

    def _cluster(self, text: str, word: Word, words: Iterator[Word]) -> None:
        """Read short options written together, such as `-rf`, `-i.bak` or `-I{}`."""
        self.options.append((text, None))
        for at, letter in enumerate(text[1:12], 1):
            option = "-" + letter
            if self.rule.takes_value(option):
                rest = text[at + 1 :]
                self.options.append((option, Word(rest, word.sure) if rest else next(words, UNKNOWN)))
                return
            self.options.append((option, None))

    def _is_mode(self, text: str) -> bool:
        return self.rule.mode and not self.operands and _MODE_SIGNS.issuperset(text[1:])


def invoke(words: list[Word], analysis: Analysis, stdin: str | None = None) -> str | None:
    """Note what a command does.

    Args:
        words: the program and its arguments, expanded.
        analysis: where the effects go.
        stdin: what is on its standard input, if known.

    Returns:
        What it prints, if known.
    """
    analysis.spend(1 + len(words) // 4)
    first = next((at for at, word in enumerate(words) if word.text), 0)
    words = words[first:]
    program = words[0]
    analysis.ran(words)
    name = program.text.rpartition("/")[2]
    if "/" in program.text:
        analysis.add("execute", "path", program, name)
        with analysis.state.inner_shell():
            _run_written(program, analysis, stdin)
    else:
        analysis.add("execute", "command", program, name)
    if analysis.calls_function(program.text):
        return analysis.call(program.text, words[1:], stdin)
    call = _call(name, words[1:], stdin)
    return _perform(call, analysis) if call is not None else None


def _call(name: str, words: list[Word], stdin: str | None) -> Call | None:
    rule = look_up(name)
    call = Call(name, rule or _NOTHING, words, stdin)
    call.split()
    if call.operands and call.operands[0].sure:
        known = look_up(f"{name} {call.operands[0].text}")
        if known is not None:
            rest = list(words)
            rest.remove(call.operands[0])
            call = Call(f"{name} {call.operands[0].text}", known, rest, stdin)
            call.split()
            return call
    return call if rule is not None else None


def _perform(call: Call, analysis: Analysis) -> str | None:
    rule = call.rule
    for constant in rule.always:
        analysis.add(constant.verb, constant.kind, Word(constant.value), call.name)
    flag = call.has(rule.flags)
    if flag is not None:
        constant = rule.flags[flag]
        analysis.add(constant.verb, constant.kind, Word(constant.value), f"{call.name} {flag}")
    if rule.wraps and not rule.code:
        return _wrapped(call, analysis)
    for option, value in call.options:
        if value is not None and option in rule.targets:
            analysis.add(rule.targets[option], "path", value, call.name)
    if rule.here:
        return _run_script(call, analysis)
    if rule.code or rule.script or rule.modules or rule.joined:
        with analysis.state.inner_shell():
            return _run_code(call, analysis)
    _touch_operands(call, analysis)
    if rule.handler is not None:
        return analysis.handle(rule.handler, call)
    return None


def _wrapped(call: Call, analysis: Analysis) -> str | None:
    inner = call.operands[call.rule.skip :]
    first = next((at for at, word in enumerate(inner) if not _is_assignment(word)), len(inner))
    inner = inner[first:]
    if not inner:
        return None
    with analysis.deeper():
        return invoke(inner, analysis, call.stdin)


def _is_assignment(word: Word) -> bool:
    name, equals, _ = word.text.partition("=")
    return bool(equals) and "/" not in name


def _run_code(call: Call, analysis: Analysis) -> str | None:
    """Read the code an interpreter is given: by option, by file or on standard input."""
    rule = call.rule
    for option, value in call.options:
        if value is not None and option in rule.code:
            return analysis.unfold(rule.code[option], value.text, call.stdin)
        if value is not None and option in rule.modules:
            analysis.add("execute", "module", value, f"{call.name} {option}")
            return None
    if rule.joined is not None:
        text = " ".join(word.text for word in call.operands)
        return analysis.unfold(rule.joined, text or call.stdin or "", call.stdin)
    return _wrapped(call, analysis) if rule.wraps else _run_script(call, analysis)


def _run_script(call: Call, analysis: Analysis) -> str | None:
    rule = call.rule
    if rule.operands is not None:
        _touch_operands(call, analysis)
    elif call.operands and call.operands[0].text != "-":
        analysis.add("execute", "path", call.operands[0], call.name)
        return _run_written(call.operands[0], analysis, call.stdin, rule.script)
    if rule.script is not None and call.stdin is not None:
        return analysis.unfold(rule.script, call.stdin)
    return None


def _run_written(
    script: Word, analysis: Analysis, stdin: str | None, language: str | None = None
) -> str | None:
    """Read the content of a script the agent wrote earlier and now runs."""
    path = analysis.state.locate(script.text)
    content = analysis.state.files.get(path)
    if content is None:
        return None
    if language is None:
        first = path if not content.startswith("#!") else content[:200].partition("\n")[0]
        language = "python" if any(mark in first for mark in _PYTHON_MARKS) else "shell"
    return analysis.unfold(language, content, stdin)


def _touch_operands(call: Call, analysis: Analysis) -> None:
    rule, operands, mode = call.rule, call.operands, None
    for word in operands:
        key, equals, value = word.text.partition("=")
        if equals and key in rule.keys:
            analysis.add(rule.keys[key], "path", Word(value, word.sure), call.name)
    verb = next((rule.when[option] for option in rule.when if call.has((option,))), rule.operands)
    if rule.skip and not call.has(rule.skip_unless):
        mode = operands[0].text[:40] if operands and rule.mode else None
        operands = operands[rule.skip :]
    folder = next((value for option, value in call.options if option in rule.into and value), None)
    if rule.last is not None and folder is not None:
        _send(call, operands, Word(f"{folder.text}/", folder.sure), verb, analysis)
    elif rule.last is not None and len(operands) > 1:
        goal = operands[-1] if len(operands) == 2 else Word(f"{operands[-1].text}/", operands[-1].sure)
        _send(call, operands[:-1], goal, verb, analysis)
    elif verb is not None:
        for word in operands:
            _touch(call, word, verb, mode, analysis)


def _touch(call: Call, word: Word, verb: Verb, mode: str | None, analysis: Analysis) -> None:
    rule = call.rule
    analysis.add(verb, rule.kind, word, call.name, mode)
    if call.has(rule.recursive) is not None:
        analysis.add(verb, rule.kind, Word(word.text.rstrip("/") + "/**", word.sure), call.name, mode)
    if verb == "write" and rule.kind == "path":
        analysis.state.keep(analysis.state.locate(word.text), None)


def _send(call: Call, sources: list[Word], goal: Word, verb: Verb | None, analysis: Analysis) -> None:
    """Note that sources go to a goal; one that ends in "/" is a folder they keep their names in."""
    rule = call.rule
    last = rule.last or "write"
    inside = goal.text.endswith("/") or goal.text.rpartition("/")[2] in {".", ".."}
    if not inside:
        analysis.add(last, rule.kind, goal, call.name)
    for source in sources:
        name = source.text.rstrip("/").rpartition("/")[2]
        kept = Word(f"{goal.text.rstrip('/')}/{name}", goal.sure and source.sure and inside)
        analysis.add(last, rule.kind, kept, call.name)
        if verb is not None:
            where = kept if inside else goal
            analysis.add(verb, rule.kind, source, call.name, analysis.state.locate(where.text))
