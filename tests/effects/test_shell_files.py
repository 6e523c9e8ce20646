"""Ways to write, empty, replace, remove, move, link over and change the mode of a file; look-alikes."""

from __future__ import annotations

import pytest
from test_shell import effects, told

ACTS = {
    # emptied, written over
    ": > a": {"write /app/a"},
    "exec > a": {"write /app/a"},
    "cat <> a": {"write /app/a"},
    "cp /dev/null a.py": {"write /app/a.py"},
    "cp -T x a": {"copy /app/x", "write /app/a"},
    "mv -T x a": {"move /app/x", "write /app/a"},
    "truncate -s0 a": {"write /app/a"},
    "fallocate -l 0 a": {"write /app/a"},
    "shred -u a": {"delete /app/a", "write /app/a"},
    "dd of=a < /dev/null": {"write /app/a"},
    "echo x | sponge a": {"write /app/a"},
    "split -n 2 a b": {"read /app/a", "write /app/b*?"},
    "patch a < p": {"read /app/p", "write /app/a"},
    "install -m 0 x a.py": {"copy /app/x", "write /app/a.py", "chmod /app/a.py"},
    "uniq b a": {"read /app/b", "write /app/a"},
    "shuf -e x -o a": {"write /app/a", "read /app/x"},
    # in place
    "sed -n 'w out' a": {"write /app/out", "read /app/a"},
    "sed -i 's/x/y/w out' a": {"write /app/out", "write /app/a"},
    "sed '1e rm a' b": {"delete /app/a", "read /app/b"},
    "perl -i -pe 's/x/y/' a": {"write /app/a"},
    "gawk -i inplace 1 a": {"write /app/a"},
    # removed, moved
    "unlink a": {"delete /app/a"},
    "find /d/a -delete": {"delete /d/a", "delete /d/a/**/*?"},
    "find . -name a -execdir rm {} +": {"delete /app/**/a?"},
    "find . -name a -fprint b": {"write /app/b"},
    "git rm a": {"delete /app/a"},
    "git checkout HEAD~1 a.py": {"write /app/a.py"},
    "git checkout -- a": {"write /app/a"},
    "git restore a": {"write /app/a"},
    "git stash push a": {"write /app/a"},
    "git stash -- a": {"write /app/a"},
    "git -C /d rm a": {"delete /d/a"},
    "rename s/a/b/ a.sh": {"move /app/a.sh"},
    "tar --remove-files -cf x.tar a": {
        "read /app/a",
        "delete /app/a",
        "write /app/x.tar",
    },
    "tar xzf x.tgz a --overwrite": {"read /app/x.tgz", "write /app/a"},
    "tar xf x.tar -C /d a": {"read /app/x.tar", "write /d/a"},
    "zip -m z.zip a": {"read /app/a", "delete /app/a", "write /app/z.zip"},
    "unzip -o z.zip a": {"read /app/z.zip", "write /app/a"},
    "gzip a": {"delete /app/a", "write /app/a.gz"},
    "echo a | cpio -pd /d": {"copy /app/a", "write /d/a"},
    # links, mounts
    "ln -sfT /bin/true a": {"write /app/a"},
    "ln -sf -t /d a": {"write /d/a"},
    "mount --bind /dev/null a": {"write /app/a"},
    "mount -t tmpfs none /d": {"write /d", "write /d/**"},
    # modes and times
    "chattr +i a": {"chmod /app/a"},
    "setfacl -m u::- a": {"chmod /app/a"},
    "chown root a": {"chmod /app/a"},
    "setfattr -n user.x -v y a": {"chmod /app/a"},
    # editors without a person
    "vim -es -c '%d' -c 'wq' a": {"write /app/a"},
    "nvim --headless +'%s/x/y/' +wq a": {"write /app/a"},
    "ex -sc '%s/x/y/|x' a": {"write /app/a"},
    "vim -c ':!rm a' -c q": {"delete /app/a"},
    "vim -c 'call delete(\"a\")' -c q": {"delete /app/a"},
    "printf '1d\\nw\\n' | ed -s a": {"write /app/a"},
    "ed -s a <<< '!rm b'": {"delete /app/b", "read /app/a"},
    "emacs --batch --eval '(delete-file \"a\")'": {"delete /app/a"},
    "emacs -Q --batch a --eval '(erase-buffer)' -f save-buffer": {"write /app/a"},
    # code in other programs
    "git -c alias.tidy='!rm a' tidy": {"delete /app/a"},
    "gdb -batch -ex 'shell rm a'": {"delete /app/a"},
    "tclsh <<< 'exec rm a'": {"delete /app/a"},
    "tar cf /dev/null x --checkpoint-action=exec='rm a'": {"delete /app/a", "read /app/x"},
    "make -f - <<< $'all:\\n\\trm a'": {"delete /app/a"},
}

LOOK_ALIKES = {
    "sed -n 's/a/b/p' f": {"read /app/f"},
    "sed 's/w/x/' f": {"read /app/f"},
    "find . -name a": set(),
    "find . -name '*.py' -exec grep -l x {} +": {"read /app/**/*.py?"},
    "git checkout main": set(),
    "git checkout -b feature/x": set(),
    "git checkout feature/x": set(),
    "git rm --cached a": {"read /app/a"},
    "git clean -n": set(),
    "git config user.name me": set(),
    "git stash list": set(),
    "git apply --check p": {"read /app/p"},
    "tar tzf x.tgz": set(),
    "tar czf x.tgz a": {"read /app/a", "write /app/x.tgz"},
    "tar xzf x.tgz": {"read /app/x.tgz", "write /app?"},
    "tar xzf x.tgz a": {"read /app/x.tgz", "create /app/a"},
    "unzip -l z.zip": set(),
    "unzip -p z.zip a": set(),
    "gzip -c a": {"read /app/a"},
    "zcat a.gz": {"read /app/a.gz"},
    "vim a": {"read /app/a", "write /app/a?"},
    "vim -R -c '/x' a": {"read /app/a"},
    "echo 'w' | cat": set(),
    "dd if=a": {"read /app/a"},
    "ls > /dev/null": set(),
    "tee < a": {"read /app/a"},
    "mount": set(),
    'rm ""': set(),
    "make -n": set(),
}


@pytest.mark.parametrize(("command", "expected"), [*ACTS.items(), *LOOK_ALIKES.items()])
def test_what_becomes_of_files(command: str, expected: set[str]) -> None:
    assert told(command) == expected


@pytest.mark.parametrize(
    ("command", "content"),
    [
        ("echo x > a", "x\n"),
        ("echo x > a; echo y >> a", "x\ny\n"),
        ("> a", ""),
        ("cp /dev/null a", ""),
        ("cat /dev/null > a", ""),
        ("truncate -s 0 a", ""),
        ("dd if=/dev/zero of=a", ""),
        ("cat > a << 'E'\nx $y\nE", "x $y\n"),
        ("y=1; cat > a << E\nx $y\nE", "x 1\n"),
        ("echo x | tee a | cat", "x\n"),
        ("echo x > b; cat b > a", "x\n"),
        ("sed -i '$a\\x y' a", "x y"),
        ("exec 7>> a; printf x >&7", "x"),
        ("curl -s http://h > a", None),
        ("ls > a", None),
        ("ls 2> a", None),
    ],
)
def test_a_write_says_what_is_written_if_that_is_known(command: str, content: str | None) -> None:
    written = [e.content for e in effects(command) if (e.verb, e.target.value) == ("write", "/app/a")]
    assert written == [content]


def test_what_only_adds_says_so() -> None:
    assert {e.via for e in effects("echo x >> a; echo x | tee -a b") if e.verb == "write"} == {">>", "tee -a"}
