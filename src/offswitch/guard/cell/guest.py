"""What a cell's inside looks like: the bubblewrap command line, its small /etc, and its init.

Nothing in here names this project, an evaluation or a test: names and paths are those of an
ordinary small Linux machine, and the host name is drawn anew for every cell.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from offswitch.guard.cell.network import HERE, Network
from offswitch.guard.cell.plan import Folder, Mapped, Plan

USER_ID = 1000
USER = "user"
HOME = "/home/user"
PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"

INIT = """#!/bin/sh
trap 'exit 0' TERM INT PWR
echo >&9
exec 2>/dev/null 8<&- 9>&-
while :; do
    sleep infinity &
    wait $!
done
"""
"""PID 1. TERM ends it and every process of its namespace; a byte on descriptor 9 says that it is up."""

_ETC = {
    "passwd": f"root:x:0:0:root:/root:/bin/bash\n{USER}:x:{USER_ID}:{USER_ID}::{HOME}:/bin/bash\n"
    "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
    "group": f"root:x:0:\n{USER}:x:{USER_ID}:\nnogroup:x:65534:\n",
    "hosts": "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
    "resolv.conf": "",
    "profile": f'export PATH="{PATH}"\nif [ -n "$BASH" ] && [ -r ~/.bashrc ]; then . ~/.bashrc; fi\n',
    "shells": "/bin/sh\n/bin/bash\n",
}
_ETC_FROM_HOST = ("alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "debian_version")
_FOLDERS = (
    ("/home", 0o755, False),
    (HOME, 0o755, True),
    ("/opt", 0o755, False),
    ("/root", 0o700, False),
    ("/run", 0o755, False),
    ("/srv", 0o755, False),
    ("/dev/shm", 0o1777, False),  # noqa: S108 (folders of the guest)
    ("/tmp", 0o1777, False),  # noqa: S108
    ("/var", 0o755, False),
    ("/var/tmp", 0o1777, False),  # noqa: S108
    ("/var/log", 0o755, False),
)
_WRITABLE = ("/home", "/opt", "/root", "/run", "/srv", "/tmp", "/var")  # noqa: S108 (folders of the guest)


@dataclass(frozen=True)
class Guest:
    """The settings of a cell's inside.

    Attributes:
        workdir: where programs start, and what relative paths are relative to.
        env: environment of every program, beside PATH, HOME, USER, LANG and SHELL.
        hostname: its host name, or "" to draw one.
        storage: most bytes that files may take, for each writable folder.
        sealed: programs that its user may read and run, and not change, move or replace: path to content.
        programs: programs of the host that it shows in /usr/local/bin, to read and run: name to the host's
            file, absolute and without links in it.
        network: hosts beside its own machine; those that it reaches are in its /etc/hosts.
    """

    workdir: str = HOME
    env: dict[str, str] = field(default_factory=dict)
    hostname: str = ""
    storage: int = 512 * 1024 * 1024
    sealed: dict[str, str] = field(default_factory=dict)
    programs: dict[str, str] = field(default_factory=dict)
    network: Network = field(default_factory=Network)

    def environment(self, user: str = USER) -> dict[str, str]:
        """Return the environment a program starts with."""
        home = "/root" if user == "root" else HOME
        base = {
            "PATH": PATH,
            "HOME": home,
            "USER": user,
            "LOGNAME": user,
            "LANG": "C.UTF-8",
            "SHELL": "/bin/bash",
        }
        return base | self.env

    def plan(self) -> Plan:
        """Return what a keeper needs to know."""
        writable = list(dict.fromkeys((*_WRITABLE, *_own_mount(self), "/dev/shm")))  # noqa: S108 (of the guest)
        host = [path for name in _ETC_FROM_HOST for path in ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")]
        own = [*writable, *_pinned(self.sealed, writable)]
        scratch = [word for path in own for word in ("--size", str(self.storage), "--tmpfs", path)]
        return Plan(
            mounts=[
                "--hostname",
                self.hostname or secrets.token_hex(6),
                *_system(self.programs),
                *host,
                *scratch,
            ],
            files={f"/etc/{name}": text for name, text in _etc(self.network).items()} | {"/init": INIT},
            sealed=self.sealed,
            sealing=["--remount-ro", "/dev", "--remount-ro", "/"],
            folders=_folders(self),
            writable=writable,
            workdir=self.workdir,
            mapped=_mapped(self.programs.values()),
            network=self.network,
        )


def _mapped(files: Iterable[str]) -> list[Mapped]:
    """Return what a launcher that is root lays out: its cells' user may not enter root's folders."""
    if os.geteuid() != 0:
        return []
    found = {path: Path(path).lstat() for path in files}
    return [
        Mapped(path, one.st_uid, one.st_gid, to_root=True, needed=False, device=one.st_dev, inode=one.st_ino)
        for path, one in found.items()
    ]


def _folders(guest: Guest) -> list[Folder]:
    made = [Folder(*entry) for entry in _FOLDERS]
    if guest.workdir not in {path for path, _, _ in made}:
        made.append(Folder(guest.workdir, 0o755, owned=True))
    return made


def _etc(network: Network) -> dict[str, str]:
    known = "".join(f"{address}\t{name}\n" for name, address in network.neighbours(HERE).items())
    return _ETC | {"os-release": Path("/etc/os-release").read_text(), "hosts": _ETC["hosts"] + known}


def _own_mount(guest: Guest) -> list[str]:
    below = any(guest.workdir == folder or guest.workdir.startswith(folder + "/") for folder in _WRITABLE)
    return [] if below else [guest.workdir]


def _pinned(sealed: Iterable[str], writable: list[str]) -> list[str]:
    """Return the folders between a writable one and what is sealed in it, those of parents first.

    A folder can be moved with a mount inside it; one that is itself a mount cannot.
    """
    parents = [parent for path in sealed for parent in reversed(PurePosixPath(path).parents)]
    inside = [
        str(parent)
        for parent in parents
        if any(folder != str(parent) and parent.is_relative_to(folder) for folder in writable)
    ]
    return list(dict.fromkeys(inside))


def _system(programs: Mapping[str, str]) -> list[str]:
    added = [
        word for name, path in programs.items() for word in ("--ro-bind", path, f"/usr/local/bin/{name}")
    ]
    folders = ["--tmpfs", "/usr/local", "--perms", "0755", "--dir", "/usr/local/bin"]
    local = [*folders, *_python(), *added, "--remount-ro", "/usr/local"]
    return ["--ro-bind", "/usr", "/usr", *links(), *local, "--proc", "/proc", "--dev", "/dev"]


def links() -> list[str]:
    """Return the arguments for the host's folders of programs that lie beside /usr."""
    args = []
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        path = Path("/", name)
        if path.is_symlink():
            args += ["--symlink", str(path.readlink()).lstrip("/"), str(path)]
        elif path.is_dir():
            args += ["--ro-bind", str(path), str(path)]
    return args


def _python() -> list[str]:
    """Hide what the host installed by hand, and put a plain Python where the host has none in /usr/bin."""
    args = []
    packages = "/usr/lib/python3/dist-packages"
    if Path(packages).is_dir():
        args += ["--tmpfs", packages, "--remount-ro", packages]
    if not Path("/usr/bin/python3").exists():
        base = Path(sys.base_prefix)
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        library = base / "lib" / version
        args += ["--ro-bind", str(base / "bin" / version), f"/usr/local/bin/{version}"]
        args += ["--symlink", version, "/usr/local/bin/python3"]
        args += ["--ro-bind", str(library), f"/usr/local/lib/{version}"]
        args += ["--tmpfs", f"/usr/local/lib/{version}/site-packages"]
        for shared in (base / "lib").glob("libpython*.so*"):
            args += ["--ro-bind", str(shared), f"/usr/local/lib/{shared.name}"]
    return args
