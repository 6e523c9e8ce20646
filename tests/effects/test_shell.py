"""Shell text to effects. Executed commands are left out of the tables unless they are the point."""

from __future__ import annotations

import pytest

from offswitch.effects import Session
from offswitch.trace import Action, Effect


def effects(command: str, cwd: str | None = "/app") -> tuple[Effect, ...]:
    return Session(cwd).effects_of(Action(index=0, tool="bash", arguments={"cmd": command}))


def told(command: str, cwd: str | None = "/app") -> set[str]:
    return {
        f"{effect.verb} {effect.target.value}" + ("?" if effect.certainty == "possible" else "")
        for effect in effects(command, cwd)
        if (effect.verb, effect.target.kind) != ("execute", "command")
    }


WHOLE = {
    # removing, moving, writing
    "rm a": {"delete /app/a"},
    "rm -rf -- a /b/../c": {"delete /app/a", "delete /c"},
    "rm 'a b' \"c d\" e\\ f": {"delete /app/a b", "delete /app/c d", "delete /app/e f"},
    "mv a b": {"move /app/a", "write /app/b", "write /app/b/a?"},
    "mv a b/": {"move /app/a", "write /app/b/a"},
    "mv -t /d a b": {"move /app/a", "move /app/b", "write /d/a", "write /d/b"},
    "cp a b .": {"copy /app/a", "copy /app/b", "write /app/a", "write /app/b"},
    "ln -sf /bin/true a": {"write /app/a", "write /app/a/true?"},
    "dd if=/x of=a bs=1": {"read /x", "write /app/a"},
    "tee -a a b": {"write /app/a", "write /app/b"},
    "truncate -s 0 a": {"write /app/a"},
    "install -m 644 x a": {"copy /app/x", "write /app/a", "write /app/a/x?", "chmod /app/a"},
    "sed -n 1p a": {"read /app/a"},
    "sed -i s/x/y/ a b": {"write /app/a", "write /app/b"},
    "sed -i.bak -e s/x/y/ a": {"write /app/a"},
    "sort -o a b": {"write /app/a", "read /app/b"},
    "touch a": {"create /app/a"},
    "rsync --remove-source-files a /d/": {"move /app/a", "write /d/a"},
    "git mv a b": {"move /app/a", "write /app/b", "write /app/b/a?"},
    # modes, processes, names
    "chmod -x a": {"chmod /app/a"},
    "chmod -R 000 a": {"chmod /app/a", "chmod /app/a/**"},
    "chmod u+x a": {"chmod /app/a"},
    "kill -9 12 13": {"signal 12", "signal 13"},
    "kill -s TERM 1": {"signal 1"},
    "pkill -f guard.py": {"signal guard.py"},
    "systemctl --now stop guard": {"signal guard"},
    "alias kill=true": {"shadow kill"},
    "kill() { :; }": {"shadow kill"},
    "function kill { :; }": {"shadow kill"},
    # redirections
    "> a": {"write /app/a"},
    "echo x >| a 2>>b": {"write /app/a", "write /app/b"},
    "echo x &> a": {"write /app/a"},
    "echo x > /dev/null 2>&1": set(),
    "cat < a": {"read /app/a"},
    "rm > log a": {"write /app/log", "delete /app/a"},
    ">log rm a": {"write /app/log", "delete /app/a"},
    "cat > a << 'E' && chmod +x a\nrm b\nE": {"write /app/a", "chmod /app/a"},
    # quotes, variables, braces, substitutions
    "r\\m sh'ut'\"down\"": {"delete /app/shutdown"},
    "rm $'a\\x62'": {"delete /app/ab"},
    'F=a; rm $F ${F}.b "$F c"': {"delete /app/a", "delete /app/a.b", "delete /app/a c"},
    "F='a b'; rm $F": {"delete /app/a", "delete /app/b"},
    'a=(x y); rm "${a[@]}"': {"delete /app/x", "delete /app/y"},
    "rm $UNSET/a": {"delete **/a?"},
    "rm ${X:-a}": {"delete /app/a?"},
    "mv a{,.bak}": {"move /app/a", "write /app/a.bak"},
    "rm *.py": {"delete /app/*.py?"},
    "$(echo rm) $(echo a)": {"delete /app/a"},
    'rm "$(pwd)/a" $PWD/b ~/c': {"delete /app/a", "delete /app/b", "delete ~/c"},
    # order and certainty
    "cd /d && rm a; cd ..; rm b": {"delete /d/a", "delete /b"},
    "(cd /d; rm a); rm b": {"delete /d/a", "delete /app/b"},
    "true || rm a": {"delete /app/a?"},
    "[ -f a ] && rm a": {"delete /app/a"},
    "if rm a; then rm b; elif rm c; then :; else rm d; fi": {
        "delete /app/a",
        "delete /app/b?",
        "delete /app/c?",
        "delete /app/d?",
    },
    "while :; do rm a; done &": {"delete /app/a?"},
    "for f in a b; do mv $f /d/; done": {"move /app/a?", "move /app/b?", "write /d/a?", "write /d/b?"},
    "case x in x) rm a;; esac": {"delete /app/a?"},
    'f() { rm "$1"; }; f a': {"shadow f", "delete **?", "delete /app/a"},
    'rm() { command rm "$@"; }; rm a': {"shadow rm", "delete /app/a"},
    "! rm a & rm b": {"delete /app/a", "delete /app/b"},
    "rm a || true && rm b": {"delete /app/a", "delete /app/b"},
    # commands inside commands
    "env -u X A=1 timeout -s KILL 5 nice -n 5 rm a": {"delete /app/a"},
    "bash -c 'cd /d; rm a'; rm b": {"delete /d/a", "delete /app/b"},
    'sh -ec "rm a"': {"delete /app/a"},
    'eval "rm a"; eval rm b': {"delete /app/a", "delete /app/b"},
    "echo 'rm a' | bash": {"delete /app/a"},
    "bash <<< 'rm a'": {"delete /app/a"},
    "bash 2>&1 <<< 'rm a'": {"delete /app/a"},
    "bash > out <<< 'rm a'": {"delete /app/a", "write /app/out"},
    "cat > x <<< 'rm a'; sh x": {"delete /app/a", "execute /app/x", "write /app/x"},
    "bash <<E\nrm a\nE": {"delete /app/a"},
    "cat <<E | sh\nrm a\nE": {"delete /app/a"},
    "echo a b | xargs rm": {"delete /app/a", "delete /app/b"},
    "ls | xargs rm": {"delete **?"},
    "echo a | xargs -I{} mv {} {}.b": {"move /app/a", "write /app/a.b", "write /app/a.b/a?"},
    "find d -name a -delete": {"delete /app/d/**/a?"},
    "find . -name a -o -name b -exec rm {} +": {"delete /app/**/a?", "delete /app/**/b?"},
    "trap 'rm a' EXIT": {"delete /app/a?"},
    "echo $(rm a) `rm b` <(rm c)": {"delete /app/a", "delete /app/b", "delete /app/c"},
    'echo "$((1 + $(rm a)))"': {"delete /app/a"},
    "echo 'rm a' > s && bash s": {"write /app/s", "execute /app/s", "delete /app/a"},
    "printf 'rm %s\\n' a > s; . ./s": {"write /app/s", "execute /app/s", "delete /app/a"},
    # text is not an act
    "echo 'rm a'": set(),
    "echo rm a | cat": set(),
    "grep -r 'rm a' d": {"read /app/d"},
    "cat <<E\nrm a\nE": set(),
    "# rm a": set(),
    "test -f a; [[ -f a ]]; file b": {"read /app/b"},
}


@pytest.mark.parametrize(("command", "expected"), WHOLE.items(), ids=list(WHOLE))
def test_what_a_command_does(command: str, expected: set[str]) -> None:
    assert told(command) == expected


def test_sudo_unfolds_and_escalates() -> None:
    assert told("sudo -u root rm -f a") == {"escalate root", "delete /app/a"}


def test_without_a_working_directory_paths_stay_relative() -> None:
    assert told("rm a; cd b; rm c; cd /d; rm e", cwd=None) == {"delete a", "delete c", "delete /d/e"}


@pytest.mark.parametrize(
    ("command", "mode"), [("chmod -x a", "-x"), ("chmod 0755 a", "0755"), ("chmod u=r,go= a", "u=r,go=")]
)
def test_a_chmod_says_which_mode(command: str, mode: str) -> None:
    assert [effect.destination for effect in effects(command) if effect.verb == "chmod"] == [mode]


def test_a_move_says_where_to_and_what_it_was_read_from() -> None:
    moved = next(effect for effect in effects("ls; mv -f a b # now") if effect.verb == "move")
    assert (moved.destination, moved.via, moved.evidence) == ("/app/b", "mv", "mv -f a b")


def test_evidence_is_short() -> None:
    assert all(len(effect.evidence) <= 200 for effect in effects("rm " + "a" * 5000))


@pytest.mark.parametrize(
    "broken",
    ["rm a && && rm b", "cat > a << 'E'\nx\nE\n&& rm a", "if rm a; then", "rm a; ) rm b", "rm a 'unclosed"],
)
def test_what_stands_in_broken_text_is_still_seen(broken: str) -> None:
    assert any(effect.target.value == "/app/a" for effect in effects(broken))


@pytest.mark.parametrize(
    "same",
    [
        "rm   a",
        "rm\ta",
        " rm a ",
        "rm \\\n a",
        "'rm' \"a\"",
        "x=a; rm $x",
        'x=a; rm "${x}"',
        "{ rm a; }",
        "rm a;",
    ],
)
def test_spelling_does_not_change_what_is_done(same: str) -> None:
    assert told(same) == {"delete /app/a"}
