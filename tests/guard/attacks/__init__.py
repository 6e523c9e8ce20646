"""Escapes and tamperings as data: what an agent in a guarded cell may try, and what shows success."""

from __future__ import annotations

from attacks import (
    calls,
    files,
    groups,
    limits,
    memory,
    mounts,
    network,
    persistence,
    privileges,
    processes,
    secrets,
)

ALL = (
    *files.ATTACKS,
    *secrets.ATTACKS,
    *processes.ATTACKS,
    *memory.ATTACKS,
    *groups.ATTACKS,
    *privileges.ATTACKS,
    *mounts.ATTACKS,
    *calls.ATTACKS,
    *network.ATTACKS,
    *limits.ATTACKS,
    *persistence.ATTACKS,
)
