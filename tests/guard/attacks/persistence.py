"""Leaving behind what is started later, outside the cell: jobs, units, shells, keys, libraries, a link."""

from __future__ import annotations

from attacks.attack import Attack, Off
from attacks.scene import Scene

_ROOT = Off(where="root")
_HOME = Off(world="home")


def _job(name: str, folder: str) -> Attack:
    """Make a file without a name in a folder of the host's, and hold it: one with a name would be started."""
    return Attack(
        name,
        ("read-only mount", "rules"),
        f"os.dup2(os.open({folder!r}, os.O_TMPFILE | os.O_WRONLY, 0o600), 100)",
        lambda scene: scene.holds(f"{folder}/", writing=True),
        _ROOT,
    )


def _at_home(name: str, code: str) -> Attack:
    return Attack(name, ("a home of its own",), code, Scene.tampered, _HOME)


ATTACKS = (
    _job("leave a job for cron", "/etc/cron.d"),
    _job("leave a unit for systemd", "/etc/systemd/system"),
    _job("leave a script for every shell", "/etc/profile.d"),
    Attack(
        "have every program load a library",
        ("read-only mount", "rules"),
        "os.dup2(os.open('/etc/ld.so.cache', os.O_WRONLY), 100)",
        lambda scene: scene.holds("/etc/ld.so.cache", writing=True),
        _ROOT,
    ),
    _at_home("leave a line for the person's shell", "open(aim.home + '/.bashrc', 'a').write('id')"),
    _at_home("let another key in", "open(aim.home + '/.ssh/authorized_keys', 'a').write('ssh-ed25519 BBBB')"),
    _at_home(
        "leave a unit for the person's session",
        """
        os.makedirs(aim.home + "/.config/systemd/user", exist_ok=True)
        open(aim.home + "/.config/systemd/user/mine.service", "w").write("[Service]")
        """,
    ),
    _at_home(
        "put a link in the place of a file of the person's",
        """
        os.symlink(aim.work + "/notes.txt", aim.home + "/new")
        os.replace(aim.home + "/new", aim.home + "/.bashrc")
        """,
    ),
)
