"""One command with its words: what the catalogue says it does, and the commands and code inside it."""

from __future__ import annotations

from functools import lru_cache

from offswitch.effects.analysis import Analysis
from offswitch.effects.assets.globs import has_glob, texts_meet
from offswitch.effects.commands.calls import Call, read_call
from offswitch.effects.commands.catalogue import Constant, programs
from offswitch.effects.commands.handed import leave_by_name
from offswitch.effects.commands.operands import touch_operands
from offswitch.effects.commands.projects import run_project
from offswitch.effects.commands.unknown import run_unknown
from offswitch.effects.machine.remembered import NOT_REMEMBERED
from offswitch.effects.machine.state import ANY, Word
from offswitch.effects.machine.variables import assigned
from offswitch.effects.machine.written import module_file, run_written

__all__ = ["Call", "invoke"]

_STANDARD_INPUT = frozenset({"-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"})
_CANDIDATES = 8
_LONGEST_NAME = 64
_OF_NAMES = frozenset("*?[]!^-_.+")
_SERVICES = ("/init.d", "/rc.d")
"""Folders whose programs start and stop the service they are named after."""


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
    if not words[0].text:
        words = words[next((at for at, word in enumerate(words) if word.text), 0) :]
    program = words[0]
    if not program.sure and program.text != ANY and _globbed(words, analysis, stdin):
        return None
    analysis.ran(words)
    name = program.text.rpartition("/")[2]
    if "/" in program.text:
        analysis.add("execute", "path", program, name)
        with analysis.state.inner_shell():
            run_written(program, words[1:], analysis, stdin)
        name = _really(program, name, analysis)
        if program.text.rpartition("/")[0].endswith(_SERVICES):
            words, name = [program, Word(name), *words[1:]], "service"
    else:
        analysis.add("execute", "command", program, name)
        if name in analysis.state.aliases and analysis.may_call(f"alias {name}"):
            return _run_alias(words, analysis, stdin)
        if analysis.calls_function(name):
            return analysis.call(name, words[1:], stdin)
        if analysis.state.front:
            _run_in_front(words, analysis, stdin)
    run_project(words, name, analysis)
    call = read_call(name, words[1:], stdin)
    if call is not None:
        return _perform(call, analysis)
    return _run_perhaps(name, words, analysis, stdin)


def _run_perhaps(name: str, words: list[Word], analysis: Analysis, stdin: str | None) -> str | None:
    """Run a function that an earlier action may have left, or what an unknown program may run."""
    if name in analysis.state.former and analysis.may_call(name):
        with analysis.in_doubt():
            return analysis.call(name, words[1:], stdin)
    run_unknown(words, analysis, stdin, invoke)
    return None


def _globbed(words: list[Word], analysis: Analysis, stdin: str | None) -> bool:
    """Run the known commands that a glob such as `/bin/r?` may name; say whether there are any."""
    folder, slash, name = words[0].text.rpartition("/")
    found = named_by(name) if ANY not in name and len(name) <= _LONGEST_NAME else ()
    if not found:
        return False
    analysis.spend(2 * len(found))
    with analysis.in_doubt(), analysis.deeper():
        for known in found:
            invoke([Word(f"{folder}{slash}{known}"), *words[1:]], analysis, stdin)
    return True


@lru_cache(maxsize=1024)
def named_by(glob: str) -> tuple[str, ...]:
    """Return known commands that a glob fits, at most 8: none if it is no glob or says nothing."""
    if not has_glob(glob) or ("[" in glob and "]" not in glob) or not glob.strip("*?"):
        return ()
    if not all(sign.isalnum() or sign in _OF_NAMES for sign in glob):
        return ()
    start = glob[0] if glob[0].isalnum() else ""
    likely = (known for known in programs() if known.startswith(start))
    return tuple(known for known in likely if texts_meet(glob, known))[:_CANDIDATES]


def _really(program: Word, name: str, analysis: Analysis) -> str:
    """Return the name of a program that the agent linked or copied to another name."""
    links = analysis.state.links
    if not links.goals and not links.programs:
        return name
    path = analysis.state.locate(program.text)
    return links.programs.get(path, path).rpartition("/")[2]


def _run_alias(words: list[Word], analysis: Analysis, stdin: str | None) -> str | None:
    """Run what an alias stands for, with the words after it."""
    name = words[0].text
    quoted = ["'" + word.text.replace("'", "'\\''") + "'" for word in words[1:]]
    text = analysis.charge(" ".join([analysis.state.aliases[name], *quoted]))
    doubtful = not all(word.sure for word in words)
    with analysis.running(f"alias {name}"), analysis.in_doubt(doubtful=doubtful):
        return analysis.unfold("shell", text, stdin)


def _run_in_front(words: list[Word], analysis: Analysis, stdin: str | None) -> None:
    """Run a file of the agent that stands before the command of its name."""
    for folder in analysis.state.front:
        path = f"{folder}/{words[0].text}"
        if path in analysis.state.files:
            analysis.add("execute", "path", Word(path), "PATH")
            with analysis.state.inner_shell():
                run_written(Word(path), words[1:], analysis, stdin)
            return


def _perform(call: Call, analysis: Analysis) -> str | None:
    folder = call.value(*call.rule.folder) if call.rule.folder else None
    if folder is None:
        return _perform_here(call, analysis)
    with analysis.state.inner_shell():
        analysis.state.enter(folder)
        return _perform_here(call, analysis)


def _perform_here(call: Call, analysis: Analysis) -> str | None:
    rule = call.rule
    if rule.first is not None:
        analysis.handle(rule.first, call)
    if rule.dry and call.rehearses():
        return None
    for constant in rule.always:
        _add_constant(constant, call.name, analysis)
    if call.options:
        _perform_options(call, analysis)
    if rule.wraps and rule.handler is not None:
        analysis.handle(rule.handler, call)
    if rule.wraps and not rule.code:
        return _wrapped(call, analysis)
    if rule.here:
        return _run_script(call, analysis)
    if rule.code or rule.script or rule.modules or rule.joined:
        with analysis.state.inner_shell():
            return _run_code(call, analysis)
    touch_operands(call, analysis)
    if rule.handler is not None:
        return analysis.handle(rule.handler, call)
    return "" if rule.quiet else None


def _perform_options(call: Call, analysis: Analysis) -> None:
    """Note what options do by themselves: effects of their own, files they name, code they run besides."""
    rule = call.rule
    if not (rule.flags or rule.hooks or rule.runs or rule.targets):
        return
    for option, value in call.options:
        if option in rule.flags:
            _add_constant(rule.flags[option], f"{call.name} {option}", analysis)
        if value is None:
            continue
        if option in rule.hooks:
            analysis.unfold(rule.hooks[option], value.text)
        if option in rule.runs:
            analysis.add("execute", "path", value, call.name)
            run_written(value, [], analysis, None, rule.runs[option])
        if option in rule.targets and value.text[:1] == "|":
            analysis.unfold("shell", value.text[1:])
        elif option in rule.targets and value.text != "-":
            analysis.add(rule.targets[option], "path", value, call.name)


def _add_constant(constant: Constant, via: str, analysis: Analysis) -> None:
    analysis.add(constant.verb, constant.kind, Word(constant.value), via, constant.destination)


def _wrapped(call: Call, analysis: Analysis) -> str | None:
    inner = call.operands[call.rule.skip :]
    for at in range(min(2, len(inner) - 1) if call.rule.code else 0):
        if inner[at].text in call.rule.code:  # `flock FILE -c CODE`, `runuser NAME -c CODE`
            return analysis.unfold(call.rule.code[inner[at].text], inner[at + 1].text, call.stdin)
    first = next((at for at, word in enumerate(inner) if not _is_assignment(word)), len(inner))
    if first == len(inner):
        return None
    if not first:
        with analysis.deeper():
            return invoke(inner, analysis, call.stdin)
    with analysis.deeper(), analysis.state.inner_shell():
        for word in inner[:first]:
            name, _, value = word.text.partition("=")
            if name.startswith("BASH_FUNC_"):
                analysis.unfold("shell", f"{name[len('BASH_FUNC_') :].rstrip('%()')}{value}")
            analysis.state.variables[name] = Word(value, word.sure)
            assigned(name, Word(value, word.sure), analysis)
        return invoke(inner[first:], analysis, call.stdin)


def _is_assignment(word: Word) -> bool:
    name, equals, _ = word.text.partition("=")
    return bool(equals) and "/" not in name


def _run_code(call: Call, analysis: Analysis) -> str | None:
    """Read the code an interpreter is given: by option, by file or on standard input."""
    rule = call.rule
    if rule.code and rule.operands is not None and not rule.script:
        touch_operands(call, analysis)
    for option, value in call.options:
        if value is not None and option in rule.code:
            _give_arguments(call, analysis, shell=rule.code[option] == "shell")
            return analysis.unfold(rule.code[option], value.text, call.stdin)
        if value is not None and option in rule.modules:
            analysis.add("execute", "module", value, f"{call.name} {option}")
            return _run_module(value, call, analysis)
    if rule.joined is not None:
        text = " ".join(word.text for word in call.operands[rule.skip :])
        return analysis.unfold(rule.joined, text or call.stdin or "", call.stdin)
    return _wrapped(call, analysis) if rule.wraps else _run_script(call, analysis)


def _give_arguments(call: Call, analysis: Analysis, *, shell: bool) -> None:
    """Give code its arguments; for a shell the first of them is `$0`."""
    operands = call.operands
    if shell and operands:
        analysis.state.variables["0"] = operands[0]
    analysis.state.arguments = operands[shell:]


def _run_module(name: Word, call: Call, analysis: Analysis) -> str | None:
    """Run a Python module: one that the run wrote, or one that the catalogue knows."""
    file = module_file(name.text, analysis.state, main="__main__")
    if file is not None:
        return run_written(Word(file), call.operands, analysis, call.stdin, "python")
    module = read_call(f"python -m {name.text}", call.operands, call.stdin)
    if module is None:
        leave_by_name(name, call.operands, analysis)
        return None
    return _perform(module, analysis)


def _run_script(call: Call, analysis: Analysis) -> str | None:
    rule, operands = call.rule, call.operands
    if rule.operands is not None:
        touch_operands(call, analysis)
    elif operands and operands[0].text not in _STANDARD_INPUT and not call.has(("-s",)):
        analysis.add("execute", "path", operands[0], call.name)
        leave_by_name(operands[0], operands[1:], analysis)
        return run_written(operands[0], operands[1:], analysis, call.stdin, rule.script)
    if rule.script is not None and call.stdin is None and analysis.state.missing:
        analysis.give_up(NOT_REMEMBERED)
    if rule.script is not None and call.stdin is not None:
        if operands:
            analysis.state.arguments = operands if call.has(("-s",)) else operands[1:]
        return analysis.unfold(rule.script, call.stdin)
    return None
