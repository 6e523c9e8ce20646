"""Leaving the control group, by which an agent is counted, frozen and killed."""

from __future__ import annotations

from attacks.attack import Attack, Off
from attacks.scene import Scene

_ROOT = Off(where="root")

_MOVE = """
aside(lambda: write(place, "0"))
"""


ATTACKS = (
    Attack(
        "leave the group by its files",
        ("not mounted", "rules", "no right"),
        "place = aim.topgroup + '/cgroup.procs'" + _MOVE,
        Scene.regrouped,
        _ROOT,
    ),
    Attack(
        "leave the group by files mounted anew",
        ("no capability", "filter", "rules"),
        """
os.makedirs("/tmp/groups", exist_ok=True)
mount(b"none", "/tmp/groups", b"cgroup2")
place = "/tmp/groups/cgroup.procs"
"""
        + _MOVE
        + """
call("umount2", b"/tmp/groups", 2)
""",
        Scene.regrouped,
        _ROOT,
    ),
    Attack(
        "be born in another group",
        ("not mounted", "filter"),
        """
        group = os.open(aim.topgroup, os.O_RDONLY | os.O_DIRECTORY)
        fields = [0] * 11
        fields[0], fields[4], fields[10] = 0x200000000, signal.SIGCHLD, group
        if kernel(435, struct.pack("11Q", *fields), 88) == 0:
            time.sleep(20)
            os._exit(0)
        """,
        Scene.regrouped,
        _ROOT,
    ),
    Attack(
        "lift the limits of the group",
        ("not mounted",),
        "place = aim.topgroup + '/cgroup.subtree_control'\nos.dup2(os.open(place, os.O_WRONLY), 100)",
        lambda scene: scene.holds("cgroup.subtree_control", writing=True),
        _ROOT,
    ),
)
