"""A view of the machine's files for one test: what lies in /etc is swept by the other tests too."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator


@contextlib.contextmanager
def apart(*mounting: str) -> Iterator[tuple[str, ...]]:
    """Mount something where only who is let in sees it; for root.

    Args:
        mounting: commands of the shell.

    Yields:
        What a command line begins with that is to see it.
    """
    script = "; ".join([*mounting, "echo up", "exec sleep 1000"])
    with subprocess.Popen(["unshare", "--mount", "sh", "-ec", script], stdout=subprocess.PIPE) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"up\n"
            enter = f'exec nsenter --target {holder.pid} --mount -- env --chdir="$PWD" "$@"'
            yield ("sh", "-c", enter, "sh")
        finally:
            holder.kill()
