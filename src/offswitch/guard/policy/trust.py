"""Which policies found in a folder count: those that a person has named before, and that say the same still.

An agent that worked in a folder, or who made a repository, may have left an `offswitch.yaml` in it. It could
give the next agent anything: other hosts, files of the home, the model's key to another provider.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import msgspec

from offswitch.guard import signing
from offswitch.guard.policy.model import Policy


def is_known(file: Path, policy: Policy) -> bool:
    """Whether this user has named a policy's file before, and it said what it says now.

    Args:
        file: where it was found.
        policy: what it says, with what it is based on.
    """
    try:
        return _line(file, policy) in _kept().read_text(errors="surrogateescape").splitlines()
    except FileNotFoundError:
        return False


def remember(file: Path, policy: Policy) -> None:
    """Keep that this user has named a policy's file.

    Args:
        file: the file.
        policy: what it says.
    """
    if is_known(file, policy):
        return
    _kept().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(_kept(), flags, 0o600), "w", errors="surrogateescape") as kept:
        kept.write(_line(file, policy) + "\n")


def _kept() -> Path:
    return signing.key_file().with_name("policies")


def _line(file: Path, policy: Policy) -> str:
    digest = hashlib.sha256(msgspec.json.encode(policy, order="deterministic")).hexdigest()
    return f"{digest} {str(file.resolve()).encode('unicode_escape').decode()}"
