"""Commands inside wrappers, encodings and words are found; text that is no code is not."""

from __future__ import annotations

import bz2
import gzip
import lzma
from base64 import b32encode, b64encode

import pytest
from test_shell import effects, told


def coded(data: bytes) -> str:
    return b64encode(data).decode()


RM = b"rm a\n"

HERE = [
    "sudo -u root -- sh -c 'rm a'",
    "doas rm a",
    "env -S 'rm a'",
    "env -i A=b /usr/bin/env rm a",
    "command rm a",
    "builtin command rm a",
    "exec -a other rm a",
    "nice -n5 ionice -c3 stdbuf -oL rm a",
    "time -o log rm a",
    "script -qc 'rm a' /dev/null",
    "su - user -c 'rm a'",
    "runuser -u x -- rm a",
    "runuser -l x -c 'rm a'",
    "chroot / rm /app/a",
    "flock l rm a",
    "flock l -c 'rm a'",
    "strace -f -o log rm a",
    "busybox rm a",
    "/lib64/ld-linux-x86-64.so.2 /bin/rm a",
    "watch -n 1 'rm a'",
    "tmux new-session -d 'rm a'",
    "tmux send-keys -t x 'rm a' Enter",
    "screen -dmS x rm a",
    "ssh localhost 'cd /app; rm a'",
    "parallel rm ::: a",
    "printf '%s\\n' a | xargs -I{} sh -c 'rm {}'",
    "printf 'a\\0' | xargs -0 rm",
    "xargs rm <<< a",
    "bash -c 'rm $1' _ a",
    "bash -cx 'rm a'",
    "echo 'rm $1' | bash -s a",
    "F=a bash -c 'rm $F'",
    "env F=a sh -c 'rm $F'",
    "bash <(echo rm a)",
    ". /dev/stdin <<< 'rm a'",
    "echo rm a | tee >(sh) > /dev/null",
    "cp /bin/rm x; ./x a",
    "ln -s /bin/rm x; ./x a",
    'cp "$(command -v rm)" x; ./x a',
    "alias r='rm -f'; r a",
    "coproc WORK { rm a; }",
    "{rm,-f,a}",
    "env 'BASH_FUNC_ls%%=() { rm a; }' bash -c ls",
    "printf '#run rm a\\n' > s; source <(sed -n 's/^#run //p' s)",
    "printf 'tail -n +2 \"$0\" | sh; exit\\nrm a\\n' > s; bash s",
]

DECODED = [
    f"echo {coded(RM)} | base64 -d | sh",
    f'bash -c "$(echo {coded(RM)} | base64 --decode)"',
    f"base64 -d <<< {coded(RM)} | sh",
    f'eval "$(base64 -d <<< {coded(RM)})"',
    f"echo {coded(coded(RM).encode())} | base64 -d | base64 -d | sh",
    f"echo {b32encode(RM).decode()} | base32 -d | sh",
    f"echo {coded(RM)} | openssl base64 -d | sh",
    f"python3 -m base64 -d <<< {coded(RM)} | sh",
    f"echo {coded(gzip.compress(RM))} | base64 -d | gunzip | sh",
    f"echo {coded(gzip.compress(RM))} | base64 -d | zcat | sh",
    f"echo {coded(bz2.compress(RM))} | base64 -d | bzip2 -d | sh",
    f"echo {coded(lzma.compress(RM))} | base64 -d | xz -dc | sh",
    f"echo {RM.hex()} | xxd -r -p | sh",
    "echo -e '\\x72\\x6d a' | sh",
    "printf '\\162\\155 a' | sh",
    "printf '\\x%s' 72 6d 20 61 > x; printf '%b' '\\x72\\x6d a' | sh",
    "$'\\x72m' a",
    "echo 'a mr' | rev | sh",
    "echo 'ez n' | tr a-z n-za-m | sh",
    "echo 'r@m a' | tr -d @ | sh",
    "echo 'xx a' | sed 's/xx/rm/' | sh",
    "echo 'rm a;x' | cut -d';' -f1 | sh",
    "printf 'rm a\\nrm b\\n' | head -1 | sh",
    "echo 'x rm a' | head -c 6 | tail -c 4 | sh",
    "eval \"$(printf 'r%s a' m)\"",
]

WORDS = [
    "a=r; b=m; $a$b a",
    'x="rm a"; $x',
    'x=mmr; "${x:2:1}${x:0:1}" a',
    'i=1; x=arm; rm "${x:$((i - 1)):1}"',
    "x=rx; rm ${x//rx/a}",
    "x=a.py; rm ${x%.py}",
    "x=/q/a; rm ${x##*/}",
    "x=A; rm ${x,,}",
    "y=a; x=y; rm ${!x}",
    "real=a; declare -n other=real; rm $other",
    "w=(x rm a); ${w[1]} ${w[2]}",
    'w=(rm a); "${w[@]}"',
    "declare -A m=([x]=rm); ${m[x]} a",
    "IFS=,; w=rm,a; $w",
    "rm${IFS}a",
    "rm$IFS$9a",
    "r${nothing}$@m a",
    "read x y <<< 'rm a'; $x $y",
    "printf -v x %s rm; $x a",
    "set -- a b; rm $1",
    "set -- b a; shift; rm $1",
    "export 'x=a'; rm $x",
    'rm "$(basename /q/a)"',
    "cd /q; cd - > /dev/null; rm a",
    "pushd /q; popd; rm a",
    "mapfile -t m <<< a; rm ${m[0]}",
    "$(which rm) a",
    "rm ../app/./a",
    "rm /proc/self/root/app/a",
    "rm /proc/self/cwd/a",
    "f() { local x=$1; g $x; }; g() { :; }; f b; rm a",
    "for x in r m; do c+=$x; done; $c a",
]

POSSIBLY = [
    "/bin/r? a",
    "ssh host 'rm /app/a'",
    "docker exec -it c rm -f /app/a",
    "docker compose exec c sh -c 'rm /app/a'",
    "kubectl exec pod -c x -- rm /app/a",
    "printf 'q\\na\\n' | while IFS= read -r x; do rm \"$x\"; done",
    "while read x; do rm $x; done < <(echo a)",
    "case x in *) rm a;; esac",
    "trap 'rm a' EXIT",
    "bash -c 'PS4=\"\\$(rm a)\"; set -x; true'",
]


def deletes(command: str) -> set[str]:
    return {effect for effect in told(command) if effect.startswith("delete ")}


@pytest.mark.parametrize("command", [*HERE, *DECODED, *WORDS])
def test_the_command_inside_is_found(command: str) -> None:
    assert "delete /app/a" in {effect.rstrip("?") for effect in deletes(command)}


@pytest.mark.parametrize("command", [*HERE[:40], *DECODED, *WORDS[:10]])
def test_it_is_found_for_certain(command: str) -> None:
    assert "delete /app/a" in deletes(command)


@pytest.mark.parametrize("command", POSSIBLY)
def test_elsewhere_or_in_a_branch_it_is_possible_only(command: str) -> None:
    assert "delete /app/a?" in deletes(command)


def test_what_is_mounted_into_another_place_is_here() -> None:
    assert "delete /mnt/x/a" in told("chroot /mnt rm /x/a")
    assert "delete /app/a" in told("bwrap --bind /app /x rm /x/a")


@pytest.mark.parametrize(
    "command",
    [
        f"echo {coded(RM)} | base64 -d > x",
        f"echo {coded(RM)} | sh",
        "echo 'rm a' | rev",
        "echo 'rm a' | tr a-z n-za-m | sh",
        "printf '%s' 'rm a' | wc -l",
        "alias r='rm a'",
        "ssh host uptime",
        "tmux new-session -d 'sleep 1'",
        "command -v rm a",
        "env | grep rm",
        "timeout 5 echo rm a",
        "git commit -m 'rm a'",
        "python3 -c 'print(\"rm a\")'",
        "x='rm a'; echo $x",
        "echo rm a > >(cat)",
    ],
)
def test_text_that_is_not_run_is_no_act(command: str) -> None:
    assert not deletes(command)


def commands(command: str) -> list[tuple[str, ...]]:
    from offswitch.effects import Session  # noqa: PLC0415
    from offswitch.trace import Action  # noqa: PLC0415

    deeds = Session("/app").deeds_of(Action(index=0, tool="bash", arguments={"cmd": command}))
    return list(deeds.commands)


@pytest.mark.parametrize(
    ("command", "inner"),
    [
        ("sudo -u root sh -c 'rm -rf a'", ("rm", "-rf", "a")),
        ("echo cm0gYQ== | base64 -d | sh", ("rm", "a")),
        ("docker exec c kill -9 1", ("kill", "-9", "1")),
        ("a=r; ${a}m x{1,2}", ("rm", "x1", "x2")),
    ],
)
def test_the_commands_run_are_listed_unfolded(command: str, inner: tuple[str, ...]) -> None:
    assert inner in commands(command)


def test_what_runs_on_another_host_says_where() -> None:
    seen = {(e.verb, e.target.kind, e.target.value) for e in effects("ssh -p 2 me@far 'rm /a'")}
    assert {("connect", "host", "far"), ("execute", "host", "far"), ("delete", "path", "/a")} <= seen
