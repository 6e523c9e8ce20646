"""The rules on files alone, in a process of the host; as older kernels have them, too."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from offswitch.guard.kernel import landlock

pytestmark = [pytest.mark.sandbox, pytest.mark.safety, pytest.mark.root]

TRY = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
from offswitch.guard.kernel import landlock
version = int(sys.argv[3])
landlock.version = lambda: version
os.chdir(sys.argv[2])
landlock.restrict(["/usr", "/lib", "/lib64", "shown"], ["work"], ["/dev/null"])
def done(act):
    try:
        act()
    except OSError as refusal:
        return type(refusal).__name__
    return "done"
acts = {
    "write": lambda: open("work/new", "w").write("x"),
    "truncate": lambda: os.truncate("work/file", 0),
    "move": lambda: os.rename("work/new", "work/below/new"),
    "read": lambda: open("shown/file").read(),
    "use a device": lambda: open("/dev/null", "w").write("x"),
    "write what is shown": lambda: open("shown/file", "a"),
    "truncate what is shown": lambda: os.truncate("shown/file", 0),
    "remove what is shown": lambda: os.remove("shown/file"),
    "move what is shown": lambda: os.rename("shown/file", "work/file"),
    "link what is shown": lambda: os.link("shown/file", "work/link"),
    "read what is not shown": lambda: open("other/file").read(),
    "write what is not shown": lambda: open("other/new", "w"),
    "make a device": lambda: os.mknod("work/null", 0o20666, os.makedev(1, 3)),
    "open another device": lambda: open("/dev/zero"),
}
print(json.dumps({name: done(act) for name, act in acts.items()}))
"""
ALLOWED = {"write", "truncate", "move", "read", "use a device"}


@pytest.mark.parametrize("version", [landlock.NEEDED, 4, 5])
def test_what_is_not_allowed_is_refused_by_every_version(tmp_path: Path, version: int) -> None:
    if landlock.version() < version:
        pytest.skip("this kernel's Landlock is older")
    for name in ("shown", "work", "work/below", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("content")
    source = str(Path(landlock.__file__).parents[3])
    argv = [sys.executable, "-I", "-S", "-c", TRY, source, str(tmp_path), str(version)]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert {name for name, how in found.items() if how == "done"} == ALLOWED
    refused = {how for name, how in found.items() if name not in ALLOWED}
    assert refused <= {"PermissionError", "OSError"}  # EXDEV for what would be moved or linked
    assert (tmp_path / "shown/file").read_text() == "content"
