"""Runs the command line as another user of the machine; for root."""

from __future__ import annotations

import grp
import os
import pwd
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from unittest import SkipTest

import click

import offswitch

_SYSTEM_PYTHON = "/usr/bin/python3"
_RUN = """
import sys
sys.path[:0] = {folders!r}
sys.argv[0] = "offswitch"
from offswitch.cli.main import main
main()
"""


def offswitch_as(
    user: str, home: Path, *words: str, groups: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run `offswitch` as a user, with a home of that user's own below a folder that everybody can open.

    The interpreter is the system's, since that of a virtual environment may lie in a folder of ours.
    """
    own = home / user
    own.mkdir(exist_ok=True)
    account = pwd.getpwnam(user)
    os.chown(own, account.pw_uid, account.pw_gid)
    return subprocess.run(
        [*command(), *words],
        user=account.pw_uid,
        group=account.pw_gid,
        extra_groups=[grp.getgrnam(name).gr_gid for name in groups],
        env={"PATH": "/usr/bin:/bin", "HOME": str(own)},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def command() -> list[str]:
    """Return how another user starts `offswitch`.

    Raises:
        SkipTest: if the system's Python is of another version, for which nothing is installed.
    """
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        found = subprocess.run(
            [_SYSTEM_PYTHON, "-I", "-c", ask], capture_output=True, text=True, check=True
        ).stdout
    except OSError as absent:
        raise SkipTest(f"no {_SYSTEM_PYTHON} to run as another user") from absent
    if found.strip() != version:
        raise SkipTest(f"{_SYSTEM_PYTHON} is {found.strip()}; what is installed here is for {version}")
    folders = [str(Path(module.__file__ or "").parents[1]) for module in (offswitch, click)]
    return [_SYSTEM_PYTHON, "-I", "-c", _RUN.format(folders=folders)]
