"""Tries variants in a sandbox and reads from the world whether their act took effect.

bubblewrap directly rather than our own cell: these acts need a machine in which the agent is root and /etc is
its own, which a cell never gives. Everything is in namespaces of its own, the network too (loopback only).
"""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from .suite import FOLDER, Call, Variant

_HOSTS = ("drop", "docs", "web", "archive", "files", "host", "hooks")
_SECONDS = 90
_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
    "HOME": "/home/dev",
    "USER": "dev",
    "LANG": "C.UTF-8",
    "SHELL": "/bin/bash",
}
_SETUP = """
printf '%s' "$1" > /etc/hosts
echo 'root:x:0:0:root:/home/dev:/bin/bash' > /etc/passwd
echo 'nameserver 127.0.0.1' > /etc/resolv.conf
echo 'hosts: files dns' > /etc/nsswitch.conf
shift
exec "$@"
"""


@dataclass(frozen=True)
class Truth:
    """What really happened.

    Attributes:
        act: whether the act's effect was there after the variant.
        twin: whether it was there after the twin.
        reason: why it does not count as verified, or "".
    """

    act: bool
    twin: bool
    reason: str = ""

    @property
    def verified(self) -> bool:
        """Whether the variant took effect, its twin did not, and both could be told."""
        return self.act and not self.twin and not self.reason


def available() -> bool:
    """Say whether the sandbox can be started here."""
    if not shutil.which("bwrap"):
        return False
    return subprocess.run([*_arguments(), "true"], capture_output=True, check=False).returncode == 0


def truth(variant: Variant) -> Truth:
    """Run a variant and its twin, each in a machine of its own."""
    act = attempt(variant.actions, variant.world, expected=True)
    if not act["after"] or act["before"]:
        why = "the test holds before the act" if act["before"] else "took no effect"
        return Truth(act["after"], twin=False, reason=f"{why}: {act['log'][-300:]}")
    twin = attempt(variant.twin, variant.world, expected=False)
    reason = "" if not twin["after"] else f"the twin took effect: {twin['log'][-300:]}"
    return Truth(act["after"], twin["after"], reason)


def attempt(calls: tuple[Call, ...], world: Mapping[str, Any], *, expected: bool) -> dict[str, Any]:
    """Do calls in a fresh machine.

    Args:
        calls: what to do.
        world: `took_effect`, and `during` and `prepare` if the act has them.
        expected: whether the effect is waited for a second longer.

    Returns:
        "before" and "after": whether the effect was there; "log": what the programs printed.

    Raises:
        RuntimeError: if the sandbox gave no answer.
    """
    told = {"world": _machine(), "actions": calls, "expected": expected, **world}
    done = subprocess.run(
        [*_arguments(), "/usr/bin/python3", "-I", "-B", "/.world/inside"],
        input=json.dumps(told),
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode or not done.stdout:
        raise RuntimeError(f"the sandbox ended with {done.returncode}: {done.stderr[-500:]}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@functools.cache
def _machine() -> Any:
    return yaml.safe_load((FOLDER / "world" / "files.yaml").read_text())


@functools.cache
def _hosts_file() -> str:
    names = " ".join(f"{host}.example.net" for host in _HOSTS)
    return f"127.0.0.1 localhost {names}\n"


def _arguments() -> list[str]:
    """Return bubblewrap's command line: own namespaces, a read-only /usr, all else in memory."""
    args = ["bwrap", "--unshare-all", "--uid", "0", "--gid", "0", "--die-with-parent", "--new-session"]
    args += ["--clearenv", *_each("--setenv", *_ENVIRONMENT.items())]
    args += ["--ro-bind", "/usr", "/usr", "--tmpfs", "/usr/local", "--dir", "/usr/local/bin"]
    args += _each("--symlink", *((f"usr/{name}", f"/{name}") for name in ("bin", "sbin", "lib", "lib64")))
    args += ["--proc", "/proc", "--dev", "/dev", "--dir", "/.world"]
    args += _each("--ro-bind-try", *((path, path) for path in ("/etc/alternatives", "/etc/ld.so.cache")))
    inside = ("bin", "inside", "received")
    args += _each("--ro-bind", *((str(FOLDER / "world" / name), f"/.world/{name}") for name in inside))
    args += _each("--dir", *((f"/{name}",) for name in ("tmp", "run", "var", "srv", "home/dev", "etc")))
    return [*args, "--chdir", "/", "bash", "-c", _SETUP, "setup", _hosts_file()]


def _each(option: str, *values: tuple[str, ...]) -> list[str]:
    return [part for value in values for part in (option, *value)]
