"""Where things are inside the sandbox."""

from pathlib import Path

HERE = Path("/.world")
STUBS = HERE / "bin"
RECEIVED = HERE / "received"
CHECKS = HERE / "checks"
TEST = CHECKS / "test.sh"
CALLS = HERE / "calls"
LOG = CALLS / "log"
HOSTS = Path("/hosts")
WORK = "/srv/agent"
SECONDS = 12
